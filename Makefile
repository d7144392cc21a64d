# Everything runs in .venv, which `make setup` makes from pinned, hashed requirements. The names are stable.

PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
READY := .venv/.ready
TOOLS := .venv-tools/bin/python
TOOLS_READY := .venv-tools/.ready
DOCS := .venv-docs/bin/python
DOCS_READY := .venv-docs/.ready

.DEFAULT_GOAL := help
.PHONY: help setup generate check format test run serve contract clients soak endurance fault-bench bench bench-edge fuzz mutate audit docs build lock clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv with all that development needs

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv --clear .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(TOOLS_READY): requirements/tools.txt
	$(PYTHON) -m venv --clear .venv-tools
	$(TOOLS) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tools.txt
	@touch $@

$(DOCS_READY): requirements/docs.txt
	$(PYTHON) -m venv --clear .venv-docs
	$(DOCS) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.txt
	@touch $@

generate: $(READY) ## openapi.yaml -> generated/, and overlay/*/_async/ -> _sync/
	$(PY) -m generator

check: $(READY) ## Lint, types, and whether generated and derived files are up to date
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m mypy --strict tests/typing
	$(BIN)/basedpyright
	$(BIN)/openapi-spec-validator --subschema-errors all openapi.yaml
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

clients: $(READY) ## Others' clients, unmodified, against the local edge (about 3 minutes)
	$(PY) -m qa.clients $(ARGS)

soak: $(READY) ## Put the local edge under mixed load and tell what it did not give back (about 6 minutes)
	$(PY) -m qa.soak $(ARGS)

endurance: $(READY) ## What many thousand calls cost and leave behind, for both clients (about 5 minutes)
	$(PY) -m qa.endurance $(ARGS)

fault-bench: $(READY) ## What share of seeded server faults the contract finds (about 45 minutes)
	$(PY) -m qa.fault_bench $(ARGS)

bench: $(READY) ## What the SDK costs beside other SDKs and bare sockets (about 15 minutes; ARGS=--quick, 2)
	$(PY) -m qa.benchmarks $(ARGS)

bench-edge: $(READY) ## What the local edge costs beside the model that it serves (about 2 minutes)
	$(PY) -m qa.benchmarks.edge $(ARGS)

fuzz: $(READY) ## What parses an edge's answers, on a million mutated messages (about 3 minutes)
	$(PY) -m qa.fuzz $(ARGS)

mutate: $(TOOLS_READY) ## What share of small mistakes in the pure modules the tests notice (about 4 minutes)
	$(TOOLS) -m qa.mutation $(ARGS)

audit: $(TOOLS_READY) ## Known vulnerabilities: of the pinned packages, and of our code
	$(TOOLS) qa/audit.py

docs: $(DOCS_READY) ## The site: pages, reference, HTTP API -> out/site/index.html
	rm -rf out/site
	$(DOCS) -m sphinx -W --keep-going -q -E -d out/doctrees -b html docs out/site

build: $(READY) ## Make wheel and sdist, install the wheel in an empty environment of each Python there is, run a call
	$(PY) -m build --no-isolation --outdir dist .
	$(PY) qa/wheel.py dist

lock: $(READY) ## Pin the newest versions that pyproject.toml and requirements/*.in allow
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --all-extras \
	  pyproject.toml requirements/dev.in requirements/generator.in -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --constraint requirements/dev.txt \
	  pyproject.toml requirements/tools.in -o requirements/tools.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --constraint requirements/dev.txt \
	  pyproject.toml requirements/docs.in -o requirements/docs.txt

clean: ## Remove what the commands above made
	rm -rf .venv .venv-tools .venv-docs dist build out .bench .clients .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis
