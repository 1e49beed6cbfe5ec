# Two commands: `make up` and `make test`. The others are for those who change tradewind.
SHELL := /bin/bash
PYTHON ?= python3
SERVE ?= 1
ARGS ?=
BIN := .venv/bin
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help up test check bench neural clean core dev

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: core ## set up, run the main job and serve it on http://127.0.0.1:8000 (SERVE=0 ends after the job; ARGS="--seed 3")
	@$(BIN)/tradewind up $(if $(filter 0,$(SERVE)),--no-serve) $(ARGS)

test: dev ## run the tests, doctests among them (ARGS="-k panel")
	@$(BIN)/python -m pytest -q -n auto $(ARGS)

check: dev ## format, lint, types, rooms, then the tests: what CI runs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m tools.rooms check
	$(BIN)/lint-imports --no-logo
	@$(MAKE) --no-print-directory test

bench: dev ## measure everything in benchmarks/ (ARGS="--quick", ARGS="--case as_of")
	@$(BIN)/python -m benchmarks $(ARGS)

neural: ## add torch for the deep models, the CPU build where it is offered
	@tools/setup.sh neural

clean: ## remove .venv and everything that tools left behind
	rm -rf .venv build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis benchmarks/results/local
	find src tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

core dev:
	@tools/setup.sh $@
