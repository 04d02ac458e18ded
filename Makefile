# `make` prints what there is. Everything runs in .venv, made from the hashed locks.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: demo-university academy-environment ldap-environment help demo stop test check fix bench faults sabotage shots lock clean environment dev-environment

PY := .venv/bin/python
# Any value will do: `check --deploy` reads the settings and serves nobody.
PRODUCTION_EXAMPLE := DJANGO_SETTINGS_MODULE=ent.settings.production ALLOWED_HOSTS=ent.example \
	SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))') \
	DATABASE_URL=postgresql://preau@localhost/preau PUBLIC_BASE_URL=https://ent.example
# Arguments of pytest: make test TESTS=tests/accounts, make test PYTEST_ARGS="-x -k mire"
TESTS ?=
PYTEST_ARGS ?=
TEST_PROCESSES ?= auto
# A browser that waited in vain for a page of a busy machine may try once more, and is named at the
# end as RERUN; every other failure counts at once (docs/decisions/0140).
RETRY_BROWSER := --reruns 1 --only-rerun '^TimeoutError' --only-rerun 'Locator expected'

help: ## Print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

environment:
	@scripts/environment.sh base

academy-environment: environment
	@scripts/environment.sh academy

ldap-environment: environment
	@scripts/environment.sh ldap

dev-environment:
	@scripts/environment.sh dev

demo: academy-environment ## Start the demonstration: database, data, web, worker; Ctrl-C stops it all
	@$(PY) -m demo

demo-university: academy-environment ldap-environment ## The demonstration with a university and its LDAP directory
	@$(PY) -m demo.university

stop: environment ## Stop the private PostgreSQL servers of this checkout
	@$(PY) manage.py stop_database
	@$(PY) manage.py stop_database --tests

test: dev-environment ## Run every test
	@scripts/test_tools.sh
	@status=0; \
	$(PY) -m pytest --numprocesses $(TEST_PROCESSES) --maxprocesses 4 --dist worksteal \
		$(RETRY_BROWSER) $(PYTEST_ARGS) $(TESTS) || status=$$?; \
	$(PY) manage.py stop_database --tests --if-idle >/dev/null; exit $$status

check: dev-environment ## Lint, types, walls, dead code, templates, migrations, deployment settings
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m djlint --quiet --lint templates
	$(PY) -m mypy .
	.venv/bin/lint-imports --no-logo --cache-dir .mypy_cache/import_linter
	$(PY) -m scripts.walls
	$(PY) -m scripts.unused
	$(PY) manage.py makemigrations --check --dry-run
	$(PRODUCTION_EXAMPLE) $(PY) manage.py check --deploy --fail-level WARNING

fix: dev-environment ## Format and correct what can be corrected by itself
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: dev-environment ## Measure, as ratios to floors of the same run (SIZE=200000)
	$(PY) -m bench $(BENCH_ARGS)

faults: dev-environment ## Run the tests of faults at their full size
	$(PY) -m pytest -m faults $(PYTEST_ARGS) $(TESTS)

sabotage: dev-environment ## Put faults into a copy, one at a time: do the tests notice? (FAULTS=sso)
	$(PY) -m scripts.sabotage $(FAULTS)

shots: dev-environment ## Take the screenshots of docs/ and of the guide again
	@scripts/test_tools.sh
	$(PY) -m tests.shots
	$(PY) -m tests.guide_pictures

lock: dev-environment ## Resolve requirements/*.in again, with hashes
	@for name in base dev academy ldap; do \
		$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
			requirements/$$name.in --output-file requirements/$$name.txt; \
	done

clean: stop ## Remove the environment and everything that the demonstration and the tests made
	rm -rf .venv .venv-academy var .mypy_cache .ruff_cache .pytest_cache .hypothesis
