"""Jobs in words: what one is about, and how far it is."""

from api.store.models import Job
from api.web.texts import Texts


def job_title(job: Job, t: Texts) -> str:
    """Name a job."""
    return t(f"job_kind.{job.kind}")


def job_note(job: Job, t: Texts) -> str:
    """Say how far a job is: its step in words while it runs."""
    if job.state != "running":
        return ""
    share = f"{100 * job.progress_done // max(1, job.progress_total)} %"
    known = t.has(f"job_step.{job.progress_note}")
    return share + (", " + t(f"job_step.{job.progress_note}") if known else "")
