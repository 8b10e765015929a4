"""Coders that follow a script: what stage two with models must make of each kind of them.

Their code is edits of right selections, their replies come over HTTP from a server of our own, and everything in
between is the real thing.
"""
