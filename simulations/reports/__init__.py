"""Reports of scenarios and sweeps."""
