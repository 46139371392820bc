"""Claims of the paper, measured on the results of a run."""
