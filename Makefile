# Two commands set everything up on a fresh machine with Python >= 3.11: `make plan` and `make test`.
PYTHON ?= python3
PLACE ?= guangdong
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help plan test test-here lint bench docs fit clean

help: ## Show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

# The command line is tested as a process on every supported Python of this machine.
OTHERS = $(shell $(PYTHON) tools/pythons.py)

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -r requirements.lock
	$(BIN)/pip install --quiet --no-deps -e .
	touch $@

.venv-%/ready: requirements.lock pyproject.toml tools/pythons.py
	$$($(PYTHON) tools/pythons.py $*) -m venv .venv-$*
	.venv-$*/bin/pip install --quiet --only-binary :all: --constraint requirements.lock -e . \
		|| { echo "Python $* is not tested: requirements.lock cannot be installed on it."; rm -rf .venv-$*/bin; }
	touch $@

.venv-pyam/ready: tests/pyam.lock
	$(PYTHON) -m venv .venv-pyam
	.venv-pyam/bin/pip install --quiet --requirement $<
	touch $@

plan: .venv/ready ## Plan a province (PLACE=guangdong), reports in out/PLACE
	$(BIN)/seedbed plan $(PLACE) --out out/$(PLACE)

test: .venv/ready ## Lint, types, floors and all tests
	$(MAKE) --no-print-directory -j2 $(OTHERS:%=.venv-%/ready) .venv-pyam/ready
	$(MAKE) --no-print-directory test-here

test-here: .venv/ready
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
	rm -rf .venv .venv-* out site
