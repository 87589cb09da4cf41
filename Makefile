# Everything from a bare checkout: Python >= 3.10 and make are enough.  PYTHON chooses the interpreter.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test heavy lint types docs wheel-check clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The stamps make a second run start at once; they are older than what decides the installation if that changed.
$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "syno needs Python >= 3.10, not " + sys.version)'
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -e '.[all,test]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(INSTALL) -e '.[dev]'
	@touch $@

$(VENV)/.installed-docs: $(VENV)/.installed
	$(INSTALL) -e '.[docs]'
	@touch $@

demo: $(VENV)/.installed ## compile Operator 1 to PyTorch and TVM, check both, print a table
	$(BIN)/python examples/demo.py

test: $(VENV)/.installed ## run the tests
	$(BIN)/python -m pytest -n $(JOBS) -q

heavy: $(VENV)/.installed ## run the long property tests (thousands of cases each)
	SYNO_HYPOTHESIS_PROFILE=heavy $(BIN)/python -m pytest -n $(JOBS) -q -m heavy --timeout 14400

lint: $(VENV)/.installed-dev ## check the style
	$(BIN)/ruff check .

types: $(VENV)/.installed-dev ## check the types
	$(BIN)/mypy

docs: $(VENV)/.installed-docs ## build the site of the documentation in docs/_build/html
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going -b html docs docs/_build/html

wheel-check: $(VENV)/.installed-dev ## build the wheel, install it elsewhere and use it
	$(BIN)/python -m pytest -q -m wheel tests/packaging

clean: ## remove what was built, the virtual environment included
	rm -rf $(VENV) build demo dist docs/_build .mypy_cache .pytest_cache .ruff_cache .hypothesis
