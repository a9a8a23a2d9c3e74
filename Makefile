# The commands of a person and of CI; `make` alone lists them. ARGS goes to the command behind a target, as in
# `make run ARGS="--regions 3"`, whose exit code make reports as "Error 3".

# The first Python on PATH that is new enough, or python3, for the error that names its version.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && exit; \
  done; echo python3)
# Container images often forbid Python to write compiled files; then each process would compile its imports for seconds.
# Empty allows it.
export PYTHONDONTWRITEBYTECODE :=
VENV := .venv/bin
TYPED := bench cli components container/worker dashboard docs local policies/guardrails reporter tests __main__.py
# Tests that share an expensive fixture run on one worker; tests/conftest.py defines which, and in which order.
PYTEST := $(VENV)/python -m pytest --numprocesses auto --no-loadscope-reorder
UV_LOCK := $(VENV)/uv pip compile --quiet --no-header --universal --generate-hashes --python-version 3.11

# The revision that `make ci-pr` compares with; the shell reads it from its environment, whatever is in its name.
export BASE ?= main

.DEFAULT_GOAL := help
.PHONY: help setup run stop policy ci-pr test test-quick faults soak check bench docs site lock clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## set up the Python environment and the Pulumi CLI
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed, and there is no $(PYTHON) on PATH:" \
	  "install one (https://www.python.org/downloads/)." >&2; exit 1; }
	@$(PYTHON) -m local.toolchain

run: setup  ## deploy the local stack, run the pipeline once, show the result, clean up
	@$(VENV)/python -m cli local run $(ARGS)

stop: setup  ## stop the stack that `make run ARGS=--keep` left running
	@$(VENV)/python -m cli local down $(ARGS)

policy: setup  ## preview every stack with the policy pack, offline
	@$(VENV)/python -m local policy $(ARGS)

ci-pr: setup  ## preview the change since BASE, and write the comment and the alerts for its pull request to build/ci-pr
	@$(VENV)/python -m local policy --base "$$BASE" --output build/ci-pr/comment.md --output build/ci-pr/guardrails.sarif $(ARGS)

test: check  ## run every check and every test
	@$(PYTEST) $(ARGS)

test-quick: setup  ## run the tests that start neither the Pulumi engine nor other long processes
	@$(PYTEST) -m "not engine and not processes" $(ARGS)

faults: setup  ## inject every fault of the fault matrix (ARGS=--quick: without processes; --removal: each mechanism taken out)
	@$(VENV)/python -m tests.faults $(ARGS)

soak: setup  ## do 100 runs on a local stack under random faults, and check the promises of each
	@$(VENV)/python -m tests.soak $(ARGS)

check: setup  ## lint, check the format, the types and the language
	@$(VENV)/ruff check --quiet
	@$(VENV)/ruff format --check --quiet
	@$(VENV)/python -m mypy --num-workers auto --no-error-summary $(TYPED)
	@$(VENV)/python -m tests.language
	@$(VENV)/python -m tests.workflows

bench: setup  ## measure speed and size
	@$(VENV)/python -m bench $(ARGS)

docs: setup  ## write the generated files again: schemas, settings, rules, pictures, conformance
	@$(VENV)/python -m docs

site: setup  ## build the documentation as a web site, build/site/index.html
	@NO_MKDOCS_2_WARNING=1 $(VENV)/python -m mkdocs build --quiet $(ARGS)

lock: setup  ## pin the dependencies in pyproject.toml (ARGS=--upgrade: to the newest)
	@$(UV_LOCK) $(ARGS) --group dev --extra cli pyproject.toml --output-file requirements-dev.txt
	@$(UV_LOCK) --constraints requirements-dev.txt pyproject.toml --output-file requirements.txt
	@$(UV_LOCK) --constraints requirements-dev.txt --group worker --output-file container/requirements.txt
	@$(UV_LOCK) --constraints requirements-dev.txt --group policies --output-file policies/requirements.txt

clean:  ## stop what runs, and remove all files that the commands made in this checkout
	@if [ -x $(VENV)/python ]; then $(VENV)/python -m local stop; fi
	@rm -rf .local .venv build .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +

.DEFAULT:
	@echo "$@ is not a target; \`make\` lists the targets." >&2; exit 2
