# Commands run in .venv, which `make setup` creates from pinned requirements with hashes. Target names are stable.

PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
READY := .venv/.ready
TOOLS := .venv-tools/bin/python
TOOLS_READY := .venv-tools/.ready
DOCS := .venv-docs/bin/python
DOCS_READY := .venv-docs/.ready
MOCKS := .venv-mocks/bin/python
MOCKS_READY := .venv-mocks/.ready

.DEFAULT_GOAL := help
.PHONY: help setup generate new-operation changes check format test run serve contract clients compat soak drain endurance stress fault-bench foreign-servers bench bench-edge bench-refusals ray engines fuzz mutate audit docs build lock clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Create .venv with the requirements of development

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is required; select one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv --clear .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(TOOLS_READY): requirements/tools.txt
	$(PYTHON) -m venv --clear .venv-tools
	$(TOOLS) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tools.txt
	@touch $@

$(DOCS_READY): requirements/docs.txt pyproject.toml
	$(PYTHON) -m venv --clear .venv-docs
	$(DOCS) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.txt
	$(DOCS) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(MOCKS_READY): requirements/mocks.txt pyproject.toml
	$(PYTHON) -m venv --clear .venv-mocks
	$(MOCKS) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/mocks.txt
	$(MOCKS) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

generate: $(READY) ## Generate generated/ from openapi.yaml, and each _sync/ from its _async/
	$(PY) -m generator

changes: $(READY) ## List what changed in the API since the last tag, or SINCE=..., as a changelog states it
	@$(PY) -m generator.changes $(if $(SINCE),--since $(SINCE)) $(ARGS)

new-operation: $(READY) ## Add operations to a copy of the repository, and run what follows openapi.yaml there (about 6 minutes)
	$(PY) -m qa.new_operation $(ARGS)

check: $(READY) ## Run linters and type checkers, and check that generated files are up to date
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m mypy --strict tests/typing
	$(BIN)/basedpyright
	$(BIN)/lint-imports --no-cache > /dev/null || $(BIN)/lint-imports --no-cache
	$(PY) -m generator --check
	$(PY) -m generator.changes --check
	$(PY) -m qa.house --check

format: $(READY) ## Format the code
	$(PY) -m ruff check --fix --quiet .
	$(PY) -m ruff format .

test: $(READY) $(MOCKS_READY) ## Run all tests in four processes, tests/mocks in their own environment; or pytest with ARGS
	$(MOCKS) -m pytest -c tests/mocks/pytest.ini --rootdir tests/mocks -q tests/mocks
	$(PY) -m pytest $(or $(ARGS),-n 4 --dist loadfile --no-loadscope-reorder)

run: $(READY) ## Run examples/tour.py, which calls each main feature on a local edge
	$(PY) examples/tour.py

serve: $(READY) ## Start the local edge on http://127.0.0.1:55111
	$(BIN)/polargrid serve $(ARGS)

contract: $(READY) ## Check a server against the API contract; without URL=..., the local edge
	$(BIN)/polargrid contract $(URL) $(ARGS)

clients: $(READY) ## Run unmodified OpenAI-compatible clients against the local edge (about 5 minutes)
	$(PY) -m qa.clients $(ARGS)

compat: $(READY) ## Compare the SDK with the newest openai: every name, and programs on both (about 2 minutes)
	$(PY) -m qa.compat $(ARGS)

soak: $(READY) ## Put mixed load on the local edge and report leaked resources (about 6 minutes)
	$(PY) -m qa.soak $(ARGS)

drain: $(READY) ## Stop the local edge under load, and compare clients, access log and metrics (about 5 minutes)
	$(PY) -m qa.drain $(ARGS)

endurance: $(READY) ## Measure the resources of thousands of calls with both clients (about 2 minutes)
	$(PY) -m qa.endurance $(ARGS)

stress: $(READY) ## Call a server that misbehaves in 110 ways 20,000 times with each client (about 7 minutes)
	$(PY) -m qa.stress $(ARGS)

fault-bench: $(READY) ## Measure the share of seeded server faults that the contract detects (about 20 minutes)
	$(PY) -m qa.fault_bench $(ARGS)

foreign-servers: $(READY) ## Run the contract tester against servers of other projects
	$(PY) -m qa.foreign_servers $(ARGS)

bench: $(READY) ## Compare the SDK with other SDKs and bare sockets (about 15 minutes; ARGS=--quick: 5)
	$(PY) -m qa.benchmarks $(ARGS)

bench-edge: $(READY) ## Compare the local edge with the bare models (about 2 minutes)
	$(PY) -m qa.benchmarks.edge $(ARGS)

bench-refusals: $(READY) ## Measure how the time to reject a hostile request grows with its size (about 1 minute)
	$(PY) -m qa.refusals $(ARGS)

ray: $(READY) ## Bulk runs on Ray: kills, speed, the same results (about 6 minutes)
	$(PY) -m qa.ray $(ARGS)

engines: $(READY) ## Run the page about data engines with Ray, Datasets, Polars, Spark and Daft (about 3 minutes)
	$(PY) -m qa.engines $(ARGS)

fuzz: $(READY) ## Fuzz the parsers of responses with a million mutated messages (about 1 minute)
	$(PY) -m qa.fuzz $(ARGS)

mutate: $(TOOLS_READY) ## Measure the share of mutants that the tests of pure modules detect (about 4 minutes)
	$(TOOLS) -m qa.mutation $(ARGS)

audit: $(TOOLS_READY) ## Audit pinned packages for known vulnerabilities, and the code for insecure patterns
	$(TOOLS) qa/audit.py

docs: $(DOCS_READY) ## Build the site: pages, reference and HTTP API (out/site/index.html)
	rm -rf out/site
	$(DOCS) -m sphinx -W --keep-going -q -E -d out/doctrees -b html docs out/site

build: $(READY) ## Build wheel and sdist, and test the wheel in an empty environment of each installed Python
	$(PY) -m build --no-isolation --outdir dist .
	$(PY) qa/wheel.py dist

lock: $(READY) ## Pin the newest versions that pyproject.toml and requirements/*.in allow
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --extra all \
	  pyproject.toml requirements/dev.in requirements/generator.in -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --constraint requirements/dev.txt \
	  pyproject.toml requirements/tools.in -o requirements/tools.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --constraint requirements/dev.txt \
	  pyproject.toml --extra testing --extra otel requirements/docs.in -o requirements/docs.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --constraint requirements/dev.txt \
	  pyproject.toml --extra httpx2 --extra fast --extra testing --extra otel requirements/mocks.in -o requirements/mocks.txt

clean: ## Remove environments, caches and output
	rm -rf .venv .venv-tools .venv-docs .venv-mocks dist build out .bench .clients .compat .foreign .ray .engines .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis
