# Every target prepares what it needs: `make demo` and `make test` work from a fresh clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One test process more than there are processors: tests of several processes wait much.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(os.cpu_count() + 1)")
PIP := $(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install --quiet
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.DEFAULT_GOAL := help
.PHONY: help install demo test check lint unit lock docs bench bench-quality

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(VENV)/app.stamp: requirements/app.txt requirements/build.txt pyproject.toml hatch_build.py frontend/package-lock.json frontend/icons.txt
	test -x $(BIN)/python || $(PYTHON) -m venv --without-pip $(VENV)
	$(PIP) --require-hashes -r requirements/app.txt
	$(PIP) --require-hashes -r requirements/build.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/dev.stamp: $(VENV)/app.stamp requirements/dev.txt
	$(PIP) --require-hashes -r requirements/dev.txt
	touch $@

install: $(VENV)/app.stamp ## create .venv and install the locked application into it

demo: $(VENV)/app.stamp ## simulate a shop, train on it, score it and serve the dashboard
	$(BIN)/salesml demo

test: $(VENV)/dev.stamp ## run every test, on SQLite and PostgreSQL
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope

check: $(VENV)/dev.stamp ## formatter, linter, types, import contracts, unit tests; under 30 s
	@$(MAKE) --no-print-directory -j 2 lint unit

# The two halves of `check`, which run beside each other.
lint: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -q -m "not slow" tests/unit

lock: $(VENV)/app.stamp ## write requirements/*.txt anew from pyproject.toml, with hashes
	$(PIP) uv
	$(LOCK) pyproject.toml -o requirements/app.txt
	$(LOCK) --group build -c requirements/app.txt -o requirements/build.txt
	$(LOCK) --group dev -c requirements/app.txt -o requirements/dev.txt

docs: $(VENV)/dev.stamp ## check that every example in README and docs still runs
	$(BIN)/python -m pytest -q tests/docs

bench: $(VENV)/dev.stamp ## run the benchmarks; each prints a ratio against a named yardstick
	$(BIN)/python -m benchmarks

bench-quality: $(VENV)/dev.stamp ## backtest every estimator on the public sets in DATA=<folder>; WRITE=1 keeps the tables in docs
	$(BIN)/python -m benchmarks.quality "$(DATA)" $(if $(WRITE),--write)
