"""The optional back end: the same selection as one loop over events, which numba turns into machine code."""
