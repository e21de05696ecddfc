# The two commands of the README are `make demo` and `make test`; the others are for people who work on Antiphon.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PEERS ?= .peers
SECONDS ?= 600
# Where torch comes from; https://download.pytorch.org/whl/cpu is the build for machines without a GPU, several GB smaller.
TORCH_INDEX ?=
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo torture test test-all install browser lint format docs bench clean help
.DEFAULT_GOAL := help

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.runtime $(VENV)/.musicnn  ## Install, then run the main job offline on a music library rendered on the spot
	$(BIN)/antiphon demo --out demo-library

test: $(VENV)/.development $(VENV)/.musicnn  ## Install, then run the tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

install: $(VENV)/.development  ## Install into .venv, with the tools for development

browser:  ## Install Chromium, in which tests open pages (as root, on Debian and Ubuntu; elsewhere install it yourself)
	@command -v chromium > /dev/null || command -v google-chrome > /dev/null || { \
		echo "Installing Chromium for the tests of pages."; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium > /dev/null; } \
		|| echo "No Chromium could be installed: tests of pages will be skipped."

lint: $(VENV)/.development  ## Style, types, the one-way flow of imports, security (of packages too, where PyPI tells)
	$(BIN)/ruff format --check src tests benchmarks torture
	$(BIN)/ruff check src tests benchmarks torture
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/security.py

format: $(VENV)/.development  ## Put the code into its standard form
	$(BIN)/ruff format src tests benchmarks torture
	$(BIN)/ruff check --fix src tests benchmarks torture

docs: $(VENV)/.development  ## Write the generated reference pages again
	$(BIN)/python docs/generate.py

test-all: $(VENV)/.development  ## Install Ray and Music2Latent too, run all tests with the slow ones
	$(PIP_INSTALL) --editable '.[offline,dev,dist,latent]'
	$(BIN)/python -m pytest -n 2 --dist worksteal -m 'slow or not slow'

torture: $(VENV)/.development  ## Kill commands at every durable step and feed them damaged files; SECONDS of each
	$(BIN)/python -m torture --seconds $(SECONDS)

bench: $(VENV)/.development  ## Run the benchmarks against their peers, which are put into .peers
	$(BIN)/python -m benchmarks --install-peers --peers $(PEERS)
	$(BIN)/python -m benchmarks --peers $(PEERS)

clean:  ## Remove what the targets above made
	rm -rf $(VENV) demo-library .pytest_cache .ruff_cache .mypy_cache .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# torch first and alone: a plain `pip install` of everything could pick another build of it.
$(VENV)/.runtime: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing torch and what else is needed into $(VENV): about 1 GB (several with GPU support), some minutes and silent."
	$(PIP_INSTALL) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch
	$(PIP_INSTALL) --editable '.[offline,search,serve]'
	@touch $@

# The weights of a real music encoder, 29 MB. Without them everything works, less well; the next call tries again.
$(VENV)/.musicnn: | $(VENV)/.runtime
	@$(BIN)/antiphon encoders --get musicnn > /dev/null && touch $@ || echo "musicnn is left out: the other encoders need no download."

$(VENV)/.development: $(VENV)/.runtime
	$(PIP_INSTALL) --editable '.[offline,dev]'
	@touch $@
