"""The subcommands of `jiachang`, one module a concern."""
