"""Markets and matchings: flat arrays that know nothing of Sweden."""
