"""Letters to applicants: one as a PDF, or many in one file.

::

    letter = letter_of(explanation, "sv", organisers=..., calendar=..., silence=..., sender="Antagning 2026")
    content = letter_pdf(letter)          # bytes of a PDF; several letters: letter_pdf([one, two])

- ``explanation``: an `admissions.explanations.Explanation` of one applicant and round.
- ``organisers``: ``route_id`` to the organiser's name; a route that is missing is shown without one.
- ``calendar``, ``silence``: ``rulebook.calendar`` and ``rulebook.sections.answers.silence`` of the run's rulebook.
- ``sender``: what stands at the top, such as the name of the intake.

The content depends on these alone: no clock, no system fonts, no network; a letter made again is
the same, byte for byte, with the same version of the typesetter.
"""

from api.letters.letter import Letter, Section, letter_of
from api.letters.pdf import letter_pdf

__all__ = ["Letter", "Section", "letter_of", "letter_pdf"]
