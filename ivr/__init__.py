"""The phone door: what a call is (pure), how it runs, the media gateway, and the local exchange."""
