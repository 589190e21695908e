"""The text-message door."""
