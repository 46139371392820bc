"""Support for jobs: log, lock, fingerprint of code, cost model, SLURM."""
