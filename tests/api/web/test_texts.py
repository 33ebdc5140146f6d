import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import api
import api.web
from api.audit import EventKind
from api.jobs.handlers import handlers
from api.web.texts import Texts, catalogue

WEB = Path(api.web.__file__).parent
NAMES = {"CSV", "XLSX", "SVG"}


def test_both_languages_have_the_same_places():
    for key, pair in catalogue().items():
        places = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in pair]
        assert places[0] == places[1], key


def test_an_unknown_text_is_an_error_and_not_an_empty_place():
    with pytest.raises(KeyError):
        Texts("en")("base.nothing")


@pytest.mark.parametrize("path", sorted((WEB / "templates").glob("*.j2")), ids=lambda path: path.name)
def test_templates_hold_no_words_of_their_own(path):
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"<(pre|code)>.*?</\1>", "", text, flags=re.DOTALL)  # commands and addresses, no sentences
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", " ", text)
    assert set(re.findall(r"[A-Za-zÅÄÖåäö]{2,}", text)) <= NAMES | {"verifier", "py"}


def test_every_text_is_used():
    code = "\n".join(path.read_text(encoding="utf-8") for kind in ("*.py", "*.j2") for path in WEB.rglob(kind))
    made = re.findall(r't\(f?"(\w+)[.](?:" ~|\w*_?["{])', code) + re.findall(r't\("(\w+)[.](\w+_)?" ~', code)
    prefixes = {found if isinstance(found, str) else found[0] for found in made}
    unused = [key for key in catalogue() if f'"{key}"' not in code and key.partition(".")[0] not in prefixes]
    assert unused == []


CODE_AT = {"conflict": 0, "unprocessable": 0, "Problem": 1}


def codes():
    """Find the codes of problem documents in the code of the service."""
    for path in Path(api.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                at = CODE_AT.get(called, len(node.args))
                if at < len(node.args) and isinstance(node.args[at], ast.Constant):
                    yield node.args[at].value


def steps():
    """Find the steps that jobs tell of by a name of their own."""
    for path in (Path(api.__file__).parent / "jobs").glob("*.py"):
        yield from re.findall(r'progress\([^()]*, "(\w+)"\)', path.read_text(encoding="utf-8"))


def test_every_code_job_step_and_event_has_words():
    wanted = {f"problem.{code}" for code in codes()}
    wanted |= {f"job_kind.{kind}" for kind in handlers()}
    wanted |= {f"job_step.{step}" for step in steps()}
    wanted |= {f"event.{kind}" for kind in EventKind}
    assert len(wanted) > 60
    assert sorted(wanted - set(catalogue())) == []
