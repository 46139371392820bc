"""Speed side by side: what is built here against its best-known alternatives, in one run."""
