"""What directions mean: words, names, task vectors."""
