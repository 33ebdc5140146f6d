"""Sweeps: many simulated years of one intake, on threads or a cluster, with intervals instead of bare means."""
