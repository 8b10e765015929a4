"""The expression language of the criteria: Python syntax against an allow-list, typed and unit-checked."""
