"""The staff console: server-rendered pages for keepers, dispatchers, callback workers and the secretary."""
