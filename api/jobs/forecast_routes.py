"""The job that forecasts next year's published results from those of earlier years."""

from typing import Any

from api.jobs.analysis import finished, stored_table
from api.jobs.work import Outcome, Work
from api.problems import not_found
from simulations.forecast import forecast_table
from simulations.forecast.published import by_year

INPUTS = ("history", "catalogue")


def run(work: Work) -> Outcome:
    """Do the job."""
    work.progress(0, 100, "read")
    analysis_id = work.parameters["analysis_id"]
    with work.store.read() as session:
        found = [stored_table(session, analysis_id, name) for name in INPUTS]
    history, catalogue = found
    if history is None or catalogue is None:
        raise not_found("forecast", "analysis_id")
    work.progress(10, 100, "learn")
    years = by_year(history)
    predicted = forecast_table(years, catalogue)
    work.progress(95, 100, "write")
    about: dict[str, Any] = {
        "year": int(predicted["year"][0]),
        "history_from": years[0].year,
        "history_to": years[-1].year,
        "level": 0.8,
        "routes": len(predicted),
        "source": work.parameters["source"],
    }
    return finished(work, {"forecast": predicted}, about)
