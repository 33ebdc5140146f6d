"""Scenarios: what if seats, routes, municipalities, cohorts, rules, behaviour were others; compared with a baseline."""
