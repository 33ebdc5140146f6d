"""Running one round of an admission year."""
