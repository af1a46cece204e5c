# Two commands set everything up on a fresh machine with Python >= 3.11: `make plan` and `make test`.
PYTHON ?= python3
PLACE ?= guangdong
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help plan test lint bench docs fit clean

help: ## Show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -r requirements.lock
	$(BIN)/pip install --quiet --no-deps -e .
	touch $@

plan: .venv/ready ## Plan a province (PLACE=guangdong), reports in out/PLACE
	$(BIN)/seedbed plan $(PLACE) --out out/$(PLACE)

test: .venv/ready ## Lint, types, floors and all tests
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 --dist loadgroup

lint: .venv/ready ## Lint, types and floors only
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

bench: .venv/ready ## Measure the speed targets and print a table
	$(BIN)/python -m bench

docs: .venv/ready ## Build the documentation into site/ (strict)
	$(BIN)/mkdocs build --strict

fit: .venv/ready ## Calibrate the markets again and rewrite the stored parameters and back-tests
	$(BIN)/python -m seedbed.learning

clean: ## Remove what the targets made
	rm -rf .venv out site
