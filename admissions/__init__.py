"""The engine: what the admission rules say, computed and checked."""
