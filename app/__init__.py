"""家常热线: the doors for text, staff and clock, the desk and its wiring."""
