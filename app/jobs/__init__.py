"""Background work: one module a concern; ids in, one service call out."""
