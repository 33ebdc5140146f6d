"""The real catalogue of study routes, and what generates an intake on it."""
