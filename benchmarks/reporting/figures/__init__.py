"""The figures of a contest."""
