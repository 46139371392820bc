"""Pages and records that a reader opens."""
