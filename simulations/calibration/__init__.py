"""Calibration: the demand behind published results, recovered by inversion at the published cut-offs."""
