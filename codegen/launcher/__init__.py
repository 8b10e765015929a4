"""A sandbox made of the kernel's own means, without bubblewrap: run by itself as a small Python process.

Nothing here imports the rest of the project, or more of the standard library than starts in a few milliseconds.
"""
