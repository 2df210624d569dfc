# `make report` and `make test` set up what they need in .venv the first time.
# The Python used is `python3`; choose another with `make PYTHON=python3.12 report`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.DEFAULT_GOAL := help
.PHONY: help report test lab lint notebooks example lock clean

help:  ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

report: $(READY)  ## one report per region, in Spanish and English, under reports/
	@$(BIN)/icanalysis report

test: $(READY)  ## every check: style, types, data package, tests, notebooks
	@sh tests/run_all.sh $(BIN)

lab: $(READY)  ## JupyterLab on the notebooks
	@$(BIN)/icanalysis lab

lint: $(READY)  ## put the code in the project's format, then say what is left
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/mypy

notebooks: $(READY)  ## run the notebooks again and store their outputs
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace --log-level WARN \
	  --ExecutePreprocessor.record_timing=False notebooks/*.ipynb
	$(BIN)/python tests/notebook_hygiene.py --fix notebooks/*.ipynb

example: $(READY)  ## renew the tracked example, reports/example
	$(BIN)/icanalysis report cusco --no-pages --out reports/example --force

# The hashes pin every file installed; no index address is recorded.
lock:  ## solve requirements.lock again (needs uv)
	printf 'hatchling>=1.27\neditables>=0.5\n' | uv pip compile --quiet --universal \
	  --generate-hashes --no-header --no-annotate --python-version 3.11 --extra test \
	  pyproject.toml - --output-file requirements.lock

clean:  ## remove the environment and what tools left behind
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "icanalysis needs Python 3.11 to 3.13; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
	    echo "Name one: make PYTHON=python3.12 report"; exit 2; }
	@echo "Setting up $(VENV) (once, one to three minutes) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)
