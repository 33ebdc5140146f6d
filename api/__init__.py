"""The faces of the engine: HTTP, pages and command line."""
