"""The memory, GPU and array library that a job may use."""
