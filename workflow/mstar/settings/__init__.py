"""The typed configuration, its mistakes and README, and every decision that rules take from it."""
