"""Criteria in an editor: the draft that a person sees, what comes back from it, where it is kept meanwhile."""
