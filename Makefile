# Every target stands alone: on a fresh clone it first makes .venv from requirements.lock, and again when that changes.

PYTHON ?= python3
TESTS ?= -n 2
BIN := .venv/bin
STAMP := .venv/.installed
PEERS_STAMP := .venv/.peers-installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check fuzz faults bench lock clean

help:
	@echo "make demo    start the bot and a local Slack workspace, and open it in a browser"
	@echo "make test    run the tests (TESTS='-k name' passes options to pytest)"
	@echo "make check   formatting, lint, types and import rules"
	@echo "make fuzz    throw hostile uploads at the engine for ten minutes (FUZZ_SECONDS=60 for one)"
	@echo "make faults  kill the bot at every point of its work, on both databases (FAULTS='--list' passes options)"
	@echo "make bench   print the benchmarks (BENCH=name for one of them)"
	@echo "make lock    resolve pyproject.toml into requirements.lock again"
	@echo "make clean   remove .venv, caches and what the demo stored"

demo: $(STAMP)
	@$(BIN)/triage demo $(if $(PORT),--port $(PORT))

test: $(STAMP)
	@$(BIN)/python -m pytest $(TESTS)

check: $(STAMP)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

fuzz: $(STAMP)
	@$(BIN)/python -m tests.fuzz $(if $(FUZZ_SECONDS),--seconds $(FUZZ_SECONDS)) $(if $(FUZZ_SEED),--seed $(FUZZ_SEED))

faults: $(STAMP)
	@$(BIN)/python -m tests.faults $(FAULTS)

bench: $(STAMP) $(PEERS_STAMP)
	@$(BIN)/python -m benchmarks $(BENCH)

$(PEERS_STAMP): benchmarks/requirements.lock $(STAMP)
	@$(BIN)/python -m pip install --quiet --require-hashes -r benchmarks/requirements.lock
	@touch $@

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed, but $(PYTHON) is not: name one with 'make PYTHON=python3.12 $(MAKECMDGOALS)'." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Python's venv module is missing: install it (on Debian and Ubuntu: apt-get install python3-venv) and try again." >&2; exit 1; }
	@echo "Setting up .venv from requirements.lock (once; a minute or two) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@$(BIN)/python -m services.logs.warm
	@touch $@

# uv comes from PATH, else into a throw-away environment: nothing of ours depends on it.
lock:
	@uv=$$(command -v uv) || { \
	  throwaway=$$(mktemp -d); trap 'rm -rf "$$throwaway"' EXIT; \
	  $(PYTHON) -m venv "$$throwaway" && "$$throwaway/bin/python" -m pip install --quiet uv || exit 1; uv="$$throwaway/bin/uv"; }; \
	"$$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --extra dev pyproject.toml -o requirements.lock && \
	"$$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --constraint requirements.lock --group pyproject.toml:bench -o benchmarks/requirements.lock
	@echo "requirements.lock and benchmarks/requirements.lock are up to date."

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .fuzz .triage sample-logs
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
