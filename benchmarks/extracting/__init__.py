"""`bench extract`: contestants read papers, and what they read is held against gold criteria."""
