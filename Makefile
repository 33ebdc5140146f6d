# The contributor's menu: `make help`.
PYTHON ?= python3
SERVE ?= 1
PORT ?= 8000
OUT ?= out
BIN := .venv/bin

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

install: .venv/.run-stamp ## build .venv from the hashed requirements and warm the compiled kernels

.venv/.run-stamp: requirements/run.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m simulations.warm
	$(BIN)/python -m api.web.assets
	touch $@

.venv/.test-stamp: requirements/test.txt .venv/.run-stamp
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/test.txt
	touch $@

.venv/.bench-stamp: requirements/bench.txt .venv/.run-stamp
	$(PYTHON) -m venv .venv/bench
	.venv/bench/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/bench.txt
	.venv/bench/bin/python -m pip install -q --disable-pip-version-check --no-deps -e . --no-build-isolation
	touch $@

run: install ## sample intake, the rounds, the shortfall report, then the service with that year loaded on 127.0.0.1:8000 (SERVE=0: end after the report)
	$(BIN)/admissions demo --out $(OUT)
	@if [ "$(SERVE)" != "0" ]; then $(BIN)/admissions serve --port $(PORT) --run $(OUT)/run; fi

test: .venv/.test-stamp ## the tests, within 12 minutes
	$(BIN)/python -m pytest -q -n auto --dist worksteal -m "not full"

test-full: .venv/.test-stamp ## the long tests too: full-size markets, many random examples, faults
	$(BIN)/python -m pytest -q -n auto --dist worksteal -m full

check: .venv/.test-stamp ## format, lint, types, import contracts, clean requirements
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@! grep -nE '://|--index|--find-links|file:' requirements/*.txt || (echo "requirements must name no index, path or host" && exit 1)

format: .venv/.test-stamp ## format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.bench-stamp ## speed against other libraries on the same markets, as ratios
	.venv/bench/bin/python -m benchmarks

lock: ## rebuild the hashed requirements from pyproject.toml (needs uv)
	for extra in build:run test:test bench:bench; do \
	  uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml \
	    --extra $${extra%%:*} -o requirements/$${extra##*:}.txt; done

clean: ## remove what can be made again
	rm -rf $(OUT) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist

.PHONY: help install run test test-full check format bench lock clean
