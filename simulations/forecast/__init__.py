"""Next year's published results from earlier ones: linked histories, a forecast with intervals, and its backtest."""

from simulations.forecast.backtest import Score, backtest, judge, score_table
from simulations.forecast.published import CATALOGUE, HISTORY, by_year, read_history, read_inputs
from simulations.forecast.writing import forecast_table

__all__ = [
    "CATALOGUE",
    "HISTORY",
    "Score",
    "backtest",
    "by_year",
    "forecast_table",
    "judge",
    "read_history",
    "read_inputs",
    "score_table",
]
