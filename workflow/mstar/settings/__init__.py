"""The typed configuration, its mistakes, its README, and every decision that rules take from it."""
