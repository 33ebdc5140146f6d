"""A run as terminal text, HTML, XLSX and CSV."""
