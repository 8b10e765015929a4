"""A selection as a table for an analysis note, in LaTeX and in Markdown.

`rows` arranges the document, `phrases` and `formulas` say each requirement in typed pieces (symbols, numbers, words),
and `latex` and `markdown` write the pieces. Text of papers and people is data: only a writer's escaped words reach
the table.
"""
