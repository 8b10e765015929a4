"""The report of a contest: a page, Markdown and figures, made of results alone."""
