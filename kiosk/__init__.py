"""The touch-screen door at a station."""
