"""Review of criteria by a person: on a local page, in an editor, or as a file to be mailed."""
