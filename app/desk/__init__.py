"""The desk decides: tickets, dispatch, callbacks, understanding."""
