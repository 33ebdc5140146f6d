"""Finished run folders into the store: what the command line made becomes what the service serves."""
