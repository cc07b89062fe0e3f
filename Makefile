VENV ?= .venv
PYTHON ?= python3

export PYTHONPATH := $(CURDIR)/platform
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

BENCH = PYTHONPATH=$(CURDIR):$(CURDIR)/platform TICKS=$(TICKS) $(VENV)/bin/python -m tests.tools.bench.run

.PHONY: run test coverage fuzz lint lock audit format bench bench-aims bench-replay chaos newcomer clean

# `exec`: make's signals must reach the process itself, no shell in between.
run: $(VENV)/base.stamp
	@exec $(VENV)/bin/python manage.py up

# Three workers for two cores, each with servers of its own; ARGS="-n 0" for a debugger, or any of
# pytest's.
test: $(VENV)/dev.stamp
	@$(VENV)/bin/python -m pytest -n auto $(ARGS)

# The tests with the share of lines that they run, by package; by file in .local/coverage/html.
coverage: $(VENV)/dev.stamp
	@$(VENV)/bin/python -m pytest -n auto --cov --cov-report=html --timeout 300 $(ARGS); code=$$?; \
	  $(VENV)/bin/python -m tests.tools.coverage_table && exit $$code

# The tests with generated input, at least FUZZ times the cases of `make test` (over 10,000).
fuzz: $(VENV)/dev.stamp
	@FUZZ=$${FUZZ:-20} $(VENV)/bin/python -m pytest -n auto -m fuzz --timeout 7200 $(ARGS)

lint: $(VENV)/dev.stamp
	@$(VENV)/bin/python -m ruff check .
	@$(VENV)/bin/python -m ruff format --check .
	@$(VENV)/bin/python -m mypy
	@$(VENV)/bin/lint-imports --no-cache --no-logo
	@$(VENV)/bin/python .ci/lock --check

# requirements/*.lock from *.txt: what changed there; ARGS=--upgrade takes the newest of everything.
lock: $(VENV)/dev.stamp
	@$(VENV)/bin/python .ci/lock $(ARGS)

# Known vulnerabilities of what is installed; without internet it says so and does not fail.
audit: $(VENV)/audit.stamp
	@$(VENV)/bin/python .ci/audit

format: $(VENV)/dev.stamp
	@$(VENV)/bin/python -m ruff check --fix .
	@$(VENV)/bin/python -m ruff format .

# Throughput as ratios in one run, and at its end every aim with what was reached; wrk must be there
# (apt-get install wrk). SERVER=daphne measures requests on another server.
bench: $(VENV)/bench.stamp
	@command -v wrk >/dev/null || { echo "error: wrk is needed: apt-get install wrk" >&2; exit 1; }
	@$(BENCH) all $(SERVER)

# Only what the aims are about; requests by granian, the server of production.
bench-aims: $(VENV)/dev.stamp
	@command -v wrk >/dev/null || { echo "error: wrk is needed: apt-get install wrk" >&2; exit 1; }
	@$(BENCH) aims

# TICKS=<folder> of real ticks (oanda-<symbol>-<day>.zip); without it a generated path is played.
bench-replay: $(VENV)/bench.stamp
	@TICKS=$(TICKS) PYTHONPATH=$(CURDIR):$(CURDIR)/platform $(VENV)/bin/python -m tests.tools.bench.replay

# `make run`, the tour and `make test` in a new folder with an empty HOME; installs twice.
newcomer: $(VENV)/dev.stamp
	@PYTHONPATH=$(CURDIR):$(CURDIR)/platform $(VENV)/bin/python -m tests.tools.trials.newcomer

# Every process and server killed and stalled under load; FAULTS="web:kill redis:stop" plays some.
chaos: $(VENV)/dev.stamp
	@PYTHONPATH=$(CURDIR):$(CURDIR)/platform $(VENV)/bin/python -m tests.tools.chaos $(FAULTS)

# The demo's data in .local stays: `rm -r .local` is for whoever means it.
clean:
	rm -rf $(VENV) .local/test-* .mypy_cache .ruff_cache .pytest_cache .hypothesis

# A venv whose pip does not run was left half-made, or its Python is gone.
$(VENV)/bench.stamp: requirements/dev.lock
$(VENV)/%.stamp: requirements/%.lock requirements/base.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "error: Python 3.11 or newer is needed; name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "error: Python has no venv; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(VENV)/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "installing $< into $(VENV)"
	@$(VENV)/bin/python -m pip install -qq --require-hashes --requirement $<
	@touch $@
