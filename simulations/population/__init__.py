"""Generated applicants for a real catalogue of study routes."""

from __future__ import annotations

from simulations.population.generate import generate_intake

__all__ = ["generate_intake"]
