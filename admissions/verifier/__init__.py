"""The stand-alone verifier of a finished run."""
