import re
from pathlib import Path
from string import Formatter

import pytest

import api.web
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
    text = re.sub(r"<pre>.*?</pre>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)  # commands, no sentences
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", " ", text)
    assert set(re.findall(r"[A-Za-zÅÄÖåäö]{2,}", text)) <= NAMES | {"verifier", "py"}


def test_every_text_is_used():
    code = "\n".join(path.read_text(encoding="utf-8") for kind in ("*.py", "*.j2") for path in WEB.rglob(kind))
    made = re.findall(r't\(f?"(\w+)[.](?:" ~|\w*_?["{])', code) + re.findall(r't\("(\w+)[.](\w+_)?" ~', code)
    prefixes = {found if isinstance(found, str) else found[0] for found in made}
    unused = [key for key in catalogue() if f'"{key}"' not in code and key.partition(".")[0] not in prefixes]
    assert unused == []
