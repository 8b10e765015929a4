"""How fast, how full and how large: reading papers, keeping a model server busy, running compiled code."""
