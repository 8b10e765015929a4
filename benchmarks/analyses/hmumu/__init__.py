"""H -> mu mu (arXiv:2007.07830): the gold list of a paper that leaves definitions to cited works; no baseline."""
