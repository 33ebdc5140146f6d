import io
import zipfile

import polars as pl

from api.papers import Paper, PaperTable, paper_pdf, paper_xlsx

STRANGE = "#eval(1) $x$ *bold* \\ =HYPERLINK(1) <b> å"


def paper(**changed):
    table = PaperTable("Tabell", ["Vad", "Antal"], [True, False], [[STRANGE, "5"]])
    values = {
        "language": "sv", "title": "Titel", "stamp": "ARBETSMATERIAL: prov", "about": [("Körning", STRANGE)],
        "paragraphs": [STRANGE], "tables": [table], "page": "sida", "of": "av",
        "frames": [("Ark", pl.DataFrame({"what": [STRANGE], "number": [5]}))],
    }  # fmt: skip
    return Paper(**{**values, **changed})


def test_texts_are_data_and_never_markup():
    assert paper_pdf(paper()).startswith(b"%PDF")
    with zipfile.ZipFile(io.BytesIO(paper_xlsx(paper()))) as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()
        assert "=HYPERLINK" in archive.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet


def test_equal_papers_are_equal_files():
    assert paper_pdf(paper()) == paper_pdf(paper())
    assert paper_xlsx(paper()) == paper_xlsx(paper())
