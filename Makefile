# Two commands: `make demo` and `make test`. Each works on a fresh machine with Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The last environment in which tensorflow-addons works needs Python 3.11 or older.
ADDONS_PYTHON ?= python3.11
# Each loads TensorFlow by itself: 2 to 3 GB.
TEST_WORKERS ?= 2
ADDONS := .venv-addons
ADDONS_STAMP := $(ADDONS)/.installed

.PHONY: help install demo test test-slow test-addons format lint types clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

install: $(STAMP) ## make .venv with everything that demo and tests need

$(STAMP): setup.py requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 install")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[all]'
	touch $@

demo: $(STAMP) ## stylize photographs (trains a smoke run first if there is no trained style)
	$(BIN)/python -m adaptive_style_tf.demo

lint: $(STAMP) ## format, lint and import layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: $(STAMP) ## mypy on the package
	$(BIN)/mypy

test: lint types ## lint, types and the fast tests
	$(BIN)/python -m pytest -m "not slow" --numprocesses $(TEST_WORKERS) --dist loadfile

test-addons: $(STAMP) $(ADDONS_STAMP) ## TensorFlow 2.15.1 and tensorflow-addons as witnesses
	$(BIN)/python -m pytest -m slow tests/addons

$(ADDONS_STAMP): requirements-addons.txt
	$(ADDONS_PYTHON) -m venv $(ADDONS)
	$(ADDONS)/bin/python -m pip install --quiet --requirement $<
	touch $@

test-slow: $(STAMP) $(ADDONS_STAMP) ## the tests that take longer
	$(BIN)/python -m pytest -m slow

format: $(STAMP) ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove caches and build leftovers; leaves .venv, data, runs and checkpoints alone
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
