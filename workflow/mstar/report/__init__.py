"""Pages and records for readers."""
