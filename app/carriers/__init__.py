"""Telephone carriers behind one small protocol."""
