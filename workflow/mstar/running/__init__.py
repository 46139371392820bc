"""What happens around a job: log, lock, fingerprint of code, cost model, SLURM."""
