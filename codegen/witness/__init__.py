"""Witness events: synthetic events on which exactly one cut flips, and what they say about any analysis.

`evaluate` gives the meaning of criteria for one event in plain Python. It shares no code with the compiler's emitters,
so that the two can be held against each other.
"""
