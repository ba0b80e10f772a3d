.PHONY: setup run test
PYTHON ?= python3

.venv/.installed: requirements.lock
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --require-hashes -r requirements.lock
	.venv/bin/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

setup: .venv/.installed

test: setup
	.venv/bin/pip install --quiet --require-hashes -r requirements-dev.lock
	.venv/bin/ruff check .
	.venv/bin/lint-imports
	.venv/bin/pytest -q
