"""Names for applicants that mean something within one run only."""

import hashlib
import hmac


def pseudonym(secret: bytes, run_id: str, applicant: str) -> str:
    """Give the name under which planners, analysts and auditors meet an applicant of a run."""
    return hmac.new(secret, f"pseudonym|{run_id}|{applicant}".encode(), hashlib.sha256).hexdigest()[:16]
