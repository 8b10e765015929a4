"""Contests: contestants do the same task again and again, and what they did becomes one tidy table."""
