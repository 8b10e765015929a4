# make demo   the whole way on a paper and a sample of our own, offline once installed
# make test   everything that is checked
# Both make a virtual environment in .venv the first time.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= demo-output
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test lint clean

demo: $(VENV)/.installed-demo
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m benchmarks.demo --out $(OUT)

test: $(VENV)/.installed-dev lint
	$(BIN)/python -m pytest -q

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) $(OUT) build dist *.egg-info

$(VENV)/.installed-%: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("needs Python 3.11 or newer, this is %d.%d; say make PYTHON=..." % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "venv is missing: install it (Debian: apt install python3-venv)"; exit 1; }
	@echo "installing into $(VENV) (a few minutes the first time)"
	@$(INSTALL) -c constraints.txt -e '.[$*]' || { \
	  echo "the versions of constraints.txt cannot be had here; taking the newest that fit pyproject.toml"; \
	  $(INSTALL) -e '.[$*]'; }
	@touch $@
