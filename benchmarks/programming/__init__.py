"""`bench code`: contestants write the code of analyses, and it is held against baselines and witness events."""
