"""The command admissions, one module per command."""
