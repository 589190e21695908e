"""Database records: one file a record, and the ticket lifecycle."""
