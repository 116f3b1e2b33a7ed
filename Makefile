# make run    everything needed to try the service, from a fresh checkout
# make test   the whole test suite; make lint  style, types and import contracts

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT

BIN := .venv/bin
CATALOGUES := $(wildcard service/web/translations/*/LC_MESSAGES/messages.po)

.PHONY: run test drill simulate lint lock catalogues screenshots trace clean

run: .venv/run.stamp catalogues
	@exec $(BIN)/apresiasi run-all --prepare

test: .venv/test.stamp catalogues
	$(BIN)/python -m pytest $(PYTEST_ARGS)

# The same promises at full size.
drill: .venv/test.stamp catalogues
	$(BIN)/python -m pytest -m drill $(PYTEST_ARGS)

# Histories from a seed (docs/simulation.md): many from a random one, or SEED=n to replay one.
HISTORIES ?= 20000
simulate: .venv/test.stamp catalogues
	$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED),--histories $(HISTORIES))

lint: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Needs uv; the files name versions and hashes, no index.
lock:
	uv pip compile pyproject.toml --group pyproject.toml:build --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --group pyproject.toml:build --group pyproject.toml:test --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements-test.lock

catalogues: $(CATALOGUES:.po=.mo)

%.mo: %.po
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed")'
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/run.stamp: requirements.lock pyproject.toml | .venv/made
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/test.stamp: requirements-test.lock pyproject.toml | .venv/made
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-test.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# docs/terms-trace.md, from the clauses' registry and the marks of the tests.
trace: .venv/test.stamp catalogues
	@$(BIN)/apresiasi terms trace --markdown > docs/terms-trace.md.new && mv docs/terms-trace.md.new docs/terms-trace.md

clean:
	rm -rf .venv instance

# A picture of every state that a reader meets, of a service of its own (FOLDER=… for every size).
screenshots: .venv/test.stamp
	$(BIN)/python -m docs.screens.take $(FOLDER)
