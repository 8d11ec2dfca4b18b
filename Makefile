# Needs Python 3.11+ and make; everything else is fetched into .venv by the lock, with hashes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
UV_VERSION := 0.13.9
COMPILE := pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUTF8 := 1

FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= xml archive json text

ASSETS := src/jiaoying/web/static/dist/sources.sha256
ASSET_SOURCES := $(shell find src/jiaoying/web/assets -type f -not -path '*/node_modules/*' -not -name '*.pyc')

.DEFAULT_GOAL := help
.PHONY: help setup run test test-system check bench crash fuzz lock

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMPS)/project $(ASSETS)  ## .venv with the locked dependencies and the jiaoying command

run: setup  ## the whole product with the demonstration county, ten times as fast as the wall
	JIAOYING_CLOCK_RATE=$${JIAOYING_CLOCK_RATE:-10} $(BIN)/jiaoying demo

test: setup $(STAMPS)/develop  ## the suite, on a PostgreSQL and a Valkey that it starts itself
	$(BIN)/pytest -m "not system" -n 3 --dist loadfile

test-system: setup $(STAMPS)/develop  ## what needs a Debian package (chromium, fonts-noto-cjk)
	$(BIN)/pytest -m system -n 2 --dist loadfile

check: setup $(STAMPS)/develop  ## format, lint, types, import contracts, documents and catalogues current
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -q tests/architecture

bench: setup  ## the benchmarks, as tables and ratios; BENCH="hand_overs --quick" for less
	$(BIN)/python -m benchmarks $(BENCH)

crash: setup $(STAMPS)/develop  ## 200 kills over one red warning, 5,000 attempts shared by two workers
	JIAOYING_CRASH_KILLS=200 JIAOYING_CRASH_ATTEMPTS=5000 $(BIN)/pytest tests/crash -s

fuzz: setup $(STAMPS)/develop $(STAMPS)/fuzz  ## the readers of warnings, a minute for each target; FUZZ_SECONDS=600 for more
	for target in $(FUZZ_TARGETS); do \
		PYTHONPATH=$(VENV)/.fuzz:tests $(BIN)/python tests/fuzzing.py $$target fuzz-findings/$$target $(FUZZ_SECONDS) \
			|| exit 1; \
	done

lock: | $(STAMPS)/python  ## resolve the dependencies anew and write their hashes
	rm -rf $(VENV)/.lock && $(BIN)/python -m venv $(VENV)/.lock
	$(VENV)/.lock/bin/pip install --quiet uv==$(UV_VERSION)
	$(VENV)/.lock/bin/uv $(COMPILE) --extra embedded --group build --group test --group check \
		-o requirements/develop.txt
	$(VENV)/.lock/bin/uv $(COMPILE) --extra embedded --group build -c requirements/develop.txt \
		-o requirements/run.txt
	$(VENV)/.lock/bin/uv $(COMPILE) -c requirements/develop.txt -o requirements/service.txt
	rm -rf $(VENV)/.lock

# In a folder of its own and in no lock: it has no wheel for every machine on which the rest runs.
$(STAMPS)/fuzz: | $(STAMPS)/run
	$(BIN)/python -m pip install --quiet --target $(VENV)/.fuzz "atheris>=3,<4"
	touch $@

$(STAMPS)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is older than 3.11; name a newer one: make PYTHON=python3.12 …" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	mkdir -p $(STAMPS)
	touch $@

$(STAMPS)/run: requirements/run.txt | $(STAMPS)/python
	$(BIN)/python -m pip install --quiet --require-hashes -r $<
	touch $@

$(STAMPS)/develop: requirements/develop.txt $(STAMPS)/run
	$(BIN)/python -m pip install --quiet --require-hashes -r $<
	touch $@

# The code itself is used where it lies, so only a change of its metadata asks for a new installation.
$(STAMPS)/project: pyproject.toml $(STAMPS)/run
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index --editable .
	touch $@

$(ASSETS): $(ASSET_SOURCES) | $(STAMPS)/project
	$(BIN)/python -m jiaoying.web.assets build
	touch $@
