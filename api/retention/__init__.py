"""Retention: personal data and documents go by date, what is published stays, and every erasure is recorded."""
