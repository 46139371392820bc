"""What figures share: style, labels, panels, animated pictures."""
