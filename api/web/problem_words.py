"""Problems in the language of the page: by the code of a refusal, by the rule that a row of a file breaks."""

from collections.abc import Mapping
from typing import Any

from admissions.tables.swedish import in_swedish
from api.web.texts import Texts


def problem_title(code: str, t: Texts) -> str:
    """Say what went wrong, by the stable code of a problem document."""
    return t(f"problem.{code}") if t.has(f"problem.{code}") else t("problem.other")


def problem_words(problem: Mapping[str, Any], t: Texts) -> dict[str, Any]:
    """Give a problem of a file with message and remedy in the language of the page."""
    found = dict(problem)
    if t.language == "en":
        return found
    if problem["rule"] == "intake_year":
        words = t("desk.wrong_year", found=problem["value"]), t("desk.wrong_year_remedy")
    else:
        words = in_swedish(problem) or (problem["message"], problem["remedy"])
    return found | {"message": words[0], "remedy": words[1]}
