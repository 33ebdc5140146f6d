"""Admission rules as data, compiled to a market."""
