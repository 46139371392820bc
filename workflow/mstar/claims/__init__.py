"""What the paper states, measured on these results."""
