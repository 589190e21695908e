"""Hearing and speaking: engine, audio, endpointing, phrases. Knows nothing of tickets."""
