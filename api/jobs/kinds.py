"""Names of the planners' kinds of jobs: long, and never urgent."""

RUN_SCENARIO, VALUE_SEATS = "run_scenario", "value_seats"
FIND_PACKAGE, FORECAST_ROUTES = "find_package", "forecast_routes"
PLANNING = (RUN_SCENARIO, VALUE_SEATS, FIND_PACKAGE, FORECAST_ROUTES)
