"""What a community keeps in lists, as CSV or TOML: out, and in again with a rehearsal that names bad lines."""
