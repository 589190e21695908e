"""A stand-in telephone network for demo, development and tests; reached over HTTP and WebSocket only."""
