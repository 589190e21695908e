"""The dialogues as data: one file a flow."""
