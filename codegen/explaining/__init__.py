"""A mismatch as a colleague would tell it: where, which events, the values that decide, and the likely mistake."""
