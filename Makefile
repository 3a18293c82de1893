# Everything happens in .venv, made once from requirements.lock; `make setup PYTHON=...` says with which Python.

.DEFAULT_GOAL := help
.PHONY: help setup quickstart test test-web test-arm64 test-distributed web lint type results clean

BIN := .venv/bin
STAMP := .venv/installed-from-lock
WORKERS ?= 2# processes that run tests; each may take 2 GB
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3 python; do \
	$$python -c '$(SUPPORTED)' 2>/dev/null && echo $$python && break; done)

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

setup: $(STAMP) ## make .venv with exactly the versions of requirements.lock

quickstart: $(STAMP) ## train a small model on made-up ink, export it, read with it (about 6 minutes on 2 cores)
	$(BIN)/tegashiki quickstart --workdir runs/quickstart

test: lint type ## lint, types, tests (TEGASHIKI_DATA=DIR: the real ink that some of them want)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

web: $(STAMP) web/node_modules/.package-lock.json ## build the browser's page and module anew (wants node 20)
	$(BIN)/tegashiki grammar --output web/src/recognizer/grammar.json
	$(BIN)/python -m tests.web.golden
	cd web && npm run --silent check && npm run --silent build

test-web: $(STAMP) ## the browser's recogniser and page, in headless Chromium (skips what this machine cannot run; where CI is set, fails)
	@skip() { echo "test-web: cannot run, $$1"; test -z "$$CI"; }; \
	if ! command -v npm >/dev/null; then skip "there is no node (20 or later) with npm"; \
	elif ! $(MAKE) --no-print-directory web/node_modules/.package-lock.json; then \
		skip "npm cannot install what web/package-lock.json names"; \
	else \
		$(BIN)/python -m tests.web.readings web/build/readings.json && \
		cd web && npm run --silent check && npm test --silent; \
	fi

test-arm64: $(STAMP) ## read with an arm64 processor in qemu-user, as phones have (wants Debian with qemu-user)
	sh tests/arm64/root.sh build/arm64
	TEGASHIKI_ARM64=build/arm64 $(BIN)/python -m pytest -s tests/arm64

test-distributed: $(STAMP) build/beam/bin/dask ## prepare on a Dask cluster, train over two hosts; one of each is killed (root: in network namespaces)
	build/beam/bin/python -m tests.distributed.check
	$(BIN)/python -m tests.distributed.hosts

build/beam/bin/dask: # Beam wants an older protobuf than requirements.lock has, so it gets an environment of its own
	"$(PYTHON)" -m venv build/beam
	build/beam/bin/python -m pip install --quiet 'apache-beam[dask]==2.77.*' 'dask[distributed]==2026.8.*' '.[train]'

lint: $(STAMP) ## style and layout of the code
	$(BIN)/ruff check
	$(BIN)/ruff format --check

type: $(STAMP) ## types
	$(BIN)/mypy

results: $(STAMP) ## measure the shipped model again; fails where README states something else (wants data/crohme)
	$(BIN)/python -m benchmarks.accuracy.results --data-dir data

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && npm ci --loglevel=error --no-audit --no-fund && touch node_modules/.package-lock.json

clean: ## remove .venv, caches and the quickstart's run; other runs stay
	rm -rf .venv .jax_cache .mypy_cache .pytest_cache .ruff_cache .hypothesis build *.egg-info runs/quickstart web/build web/dist web/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# setuptools comes first: two packages are built here, and they shall be built by the pinned one. compileall uses all cores,
# pip one; a few packages hold files that are no Python 3.
$(STAMP): requirements.lock pyproject.toml
	@python="$(PYTHON)"; test ! -x $(BIN)/python || python=$(BIN)/python; \
	"$${python:-python3}" -c '$(SUPPORTED)' 2>/dev/null || { \
		echo "Python 3.11, 3.12 or 3.13 is needed; $${python:-python3} is $$("$${python:-python3}" --version 2>&1 | tail -n 1)." >&2; \
		echo "Install one of them beside it (TensorFlow has no packages for other versions), then give it by its path:" >&2; \
		echo "  rm -rf .venv; make setup PYTHON=/path/to/python3.13" >&2; exit 1; }
	test -x $(BIN)/python || "$(PYTHON)" -m venv .venv
	$(BIN)/python -m pip install --quiet --no-deps `grep '^setuptools==' requirements.lock`
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --use-pep517 --no-compile --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	-$(BIN)/python -W ignore -m compileall -q -j 0 .venv/lib >/dev/null 2>&1
	$(BIN)/python -m pip check
	touch $@
