"""What memory, which GPU and which array library a job may use."""
