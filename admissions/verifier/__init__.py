"""The stand-alone verifier of a finished run (`verifier.py`, one file), and the sealing it checks (`receipts`)."""
