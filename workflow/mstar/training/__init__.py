"""Training runs, closed-form runs and factorisations, with a common record."""
