"""Kinds of upper-secondary programmes, told from the programme code.

Source: School Act (skollagen 2010:800), appendix 1 and chapter 17; the codes are those of the study-route codes of
Gy11 and Gy25 (the first two letters name the programme).
"""

from __future__ import annotations

_PREPARATORY = frozenset({"EK", "ES", "HU", "IB", "NA", "SA", "TE", "RX", "WA"})
_VOCATIONAL = frozenset(
    {
        *("BA", "BF", "EE", "FR", "FS", "FT", "FV", "FX", "HA", "HT", "HV", "IN", "MX", "NB", "RL", "SX", "VF", "VO"),
    }
)


def programme_kind(programme: str | None) -> str:
    """Return ``preparatory``, ``vocational``, ``introduction`` or ``other`` for a programme code.

    Introduction programmes (IMV, IMY, IMA, IMS) count as such whatever programme they lead to.

    Examples
    --------
    >>> [programme_kind(code) for code in ("NA", "VO", "IMV", "GY")]
    ['preparatory', 'vocational', 'introduction', 'other']
    """
    code = programme or ""
    if code.startswith("IM"):
        return "introduction"
    if code[:2] in _PREPARATORY:
        return "preparatory"
    return "vocational" if code[:2] in _VOCATIONAL else "other"
