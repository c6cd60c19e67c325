# The commands of a developer's day. `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup demo fast test lint format bench lock

python := .venv/bin/python
lint_bin := .venv-lint/bin

help:  ## List these commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/bin/python .venv-lint/bin/ruff  ## Make both virtual environments

.venv/bin/python: requirements-dev.txt
	[ -x $@ ] || python3 -m venv .venv
	.venv/bin/pip install --require-hashes -r requirements-dev.txt
	touch $@

.venv-lint/bin/ruff: requirements-lint.txt
	[ -x .venv-lint/bin/python ] || python3 -m venv .venv-lint
	.venv-lint/bin/pip install --require-hashes -r requirements-lint.txt
	touch $@

demo: .venv/bin/python  ## Run everything with a simulated Voiso
	$(python) manage.py demo

fast: .venv/bin/python  ## Tests without browser, kills and slow ones, on SQLite
	TEST_DATABASE=sqlite $(python) -m pytest -q -n 3 --dist loadgroup -m "not browser and not kills and not slow"
	@echo "Left out: tests in a browser, tests that kill processes, slow tests, and PostgreSQL. make test runs them."

test: .venv/bin/python  ## All tests, on SQLite and on PostgreSQL
	tests/run

lint: setup  ## What .ci/run checks before the tests
	$(lint_bin)/ruff check .
	$(lint_bin)/ruff format --check .
	.ci/templates
	$(lint_bin)/lint-imports
	.venv/bin/mypy

format: .venv-lint/bin/ruff  ## Format the Python code and the templates
	$(lint_bin)/ruff check --fix .
	$(lint_bin)/ruff format .
	$(lint_bin)/djangofmt templates

bench: .venv/bin/python  ## The benchmarks behind the README's figures (some minutes)
	$(python) benchmarks/inspect_files.py
	$(python) benchmarks/lane.py
	$(python) benchmarks/bare_digits.py --prefixes 5
	$(python) benchmarks/check_pages.py

lock:  ## Resolve the dependencies again (needs uv)
	.ci/lock
