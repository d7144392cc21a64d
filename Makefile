# Everything runs in .venv, which `make setup` makes from pinned, hashed requirements. The names are stable.

PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help setup generate check format test run serve contract fault-bench build lock clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv with all that development needs

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv --clear .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

generate: $(READY) ## openapi.yaml -> generated/
	$(PY) -m generator

check: $(READY) ## Lint, types, and whether generated/ agrees with openapi.yaml
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m mypy --strict tests/typing
	$(BIN)/basedpyright
	$(BIN)/openapi-spec-validator --errors all openapi.yaml
	$(PY) -m generator --check

format: $(READY) ## Format the code
	$(PY) -m ruff check --fix --quiet .
	$(PY) -m ruff format .

test: $(READY) ## Run all tests
	$(PY) -m pytest $(ARGS)

run: $(READY) ## Start the local edge and take the SDK through its main job on real input
	$(PY) examples/tour.py

serve: $(READY) ## Serve the local edge on http://127.0.0.1:55111
	$(BIN)/polargrid serve $(ARGS)

contract: $(READY) ## Does a server keep the contract? make contract [URL=...]; without URL, the local edge
	$(BIN)/polargrid contract $(URL) $(ARGS)

fault-bench: $(READY) ## What share of seeded server faults the contract finds (about 25 minutes)
	$(PY) -m tests.faultbench $(ARGS)

build: $(READY) ## Make wheel and sdist, install the wheel in an empty environment, run a call
	$(PY) -m build --no-isolation --outdir dist .
	$(PY) tests/wheel.py dist

lock: $(READY) ## Pin the newest versions that pyproject.toml and requirements/*.in allow
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --all-extras \
	  pyproject.toml requirements/dev.in requirements/generator.in -o requirements/dev.txt

clean: ## Remove what the commands above made
	rm -rf .venv dist build out .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis
