"""Gold lists: reading, checking against pages, comparing two readers, the guide."""
