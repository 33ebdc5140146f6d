"""Numbers as Swedes and Britons write them: no-break space and comma, comma and point; merits from hundredths.

Source: the Swedish language rules for figures (no-break space between thousands, decimal comma, a space before the
per cent sign).
"""

from __future__ import annotations

NO_BREAK = "\u00a0"  # figures never break across lines
MINUS = "−"


def whole(value: int | None, language: str = "sv") -> str:
    """Return a whole number with separated thousands; a dash where there is none.

    Examples
    --------
    >>> whole(27360, "en"), whole(-5), whole(None)
    ('27,360', '−5', '–')
    """
    if value is None:
        return "–"
    text = f"{abs(value):,}"
    if language == "sv":
        text = text.replace(",", NO_BREAK)
    return MINUS + text if value < 0 else text


def signed(value: int | None, language: str = "sv") -> str:
    """Return a change with its sign; a dash where nothing changed.

    Examples
    --------
    >>> signed(12), signed(-3), signed(0)
    ('+12', '−3', '–')
    """
    if not value:
        return "–"
    return ("+" if value > 0 else "") + whole(value, language)


def merit(hundredths: int | None, language: str = "sv") -> str:
    """Return a merit value given in hundredths with one decimal, or two where they are needed; a dash for 0 and none.

    Examples
    --------
    >>> merit(21750), merit(21875, "en"), merit(0)
    ('217,5', '218.75', '–')
    """
    if not hundredths:
        return "–"
    units, rest = divmod(hundredths, 100)
    decimals = f"{rest:02d}".removesuffix("0")
    return f"{units}{',' if language == 'sv' else '.'}{decimals or '0'}"


def share(value: float | None, language: str = "sv") -> str:
    r"""Return a share as per cent with one decimal; a dash where there is none.

    Examples
    --------
    >>> share(0.684), share(0.684, "en")
    ('68,4\xa0%', '68.4%')
    """
    if value is None:
        return "–"
    text = f"{100 * value:.1f}"
    return text.replace(".", ",") + NO_BREAK + "%" if language == "sv" else text + "%"


def decimal(value: float | None, language: str = "sv") -> str:
    """Return a figure of unknown size: whole from 100 up, else with three significant decimals at most.

    Examples
    --------
    >>> decimal(27360.4, "en"), decimal(0.6831), decimal(7.0)
    ('27,360', '0,683', '7')
    """
    if value is None:
        return "–"
    if abs(value) >= 100:
        return whole(round(value), language)
    text = f"{value:.3f}".rstrip("0").rstrip(".").replace("-", MINUS)
    return text.replace(".", ",") if language == "sv" else text
