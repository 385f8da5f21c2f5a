# `make run` starts the dashboard, `make test` passes the tests; both set up what they need.
PYTHON ?= python3
BIN := .venv/bin
HOST ?= localhost
PORT ?= 8501
ROW ?=

.PHONY: run test bench lint clean

run: .venv/installed
	$(BIN)/streamlit run dashboard/app.py --server.address $(HOST) --server.port $(PORT)

# The tests' processes share the cores: more threads in each would get in each other's way.
test: .venv/installed-dev .venv/browser
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist worksteal

bench: .venv/installed-dev .venv/browser
	$(BIN)/python -m benchmarks $(ROW)

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf .venv

.venv/installed: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Glassbox needs Python 3.11 or newer; name one with make PYTHON=..."'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements.txt
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps -e .
	touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements-dev.txt
# It pins a version of requests that Streamlit cannot use, and needs requests only to download.
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps "torchattacks>=3.5"
	touch $@

# A browser for the tests: the one at hand, else Debian's, else Playwright's own.
.venv/browser: .venv/installed-dev
	command -v chromium chromium-browser google-chrome >/dev/null 2>&1 \
	|| { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null; } \
	|| $(BIN)/python -m playwright install --with-deps chromium
	touch $@
