"""Parts of the static guard, one kind of question each."""
