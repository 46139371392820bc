"""The meaning of directions: words, names, task vectors."""
