"""Packages of extra seats, moves of seats, and the common ceiling: where seats do most."""

from simulations.packages.best import Bound, Package, best_package
from simulations.packages.ceiling import Ceiling, Unseatable, common_ceiling
from simulations.packages.moves import Move, SeatMoves, best_moves
from simulations.packages.objective import Effect, Objective

__all__ = [
    "Bound",
    "Ceiling",
    "Effect",
    "Move",
    "Objective",
    "Package",
    "SeatMoves",
    "Unseatable",
    "best_moves",
    "best_package",
    "common_ceiling",
]
