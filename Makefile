# TruFan. `make help` lists what there is; `make run` needs Python 3.11, make and git, and no service.

PYTHON       ?= $(shell command -v python3.11 || command -v python3)
PORT         ?= 8000
TEST_WORKERS ?= 2
# Further arguments for pytest, makemigrations and the like: make test ARGS="orders -k refund"
ARGS         ?=

APPS   := trufan reports ticketing parking orders events venues payments accounts notifications audit
VENV   := .venv
BIN    := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
PIP    := $(BIN)/python -m pip --disable-pip-version-check install -qq --require-hashes
UV     := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-strip-extras --no-emit-index-url --no-header --python-version 3.11

# A stamp beside the packages says which lock file they came from: installed once for each change of the file.
INSTALLED     := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev

# What a live server is given, for the checks that only then have something to say. Invented values.
CHECK_KEY := checked-only-Zk2vWx9Lr4Tn8Bm3Hs6Jd1Fg5Pc0Ya7Qe
# What writes and compiles the clients, apart from what the back end runs on.
CLIENTS_BIN := clients/.venv/bin

LIVE := env DJANGO_ENV=production DEBUG=false SECRET_KEY=$(CHECK_KEY)-one JWT_SIGNING_KEY=$(CHECK_KEY)-two \
	SECRET_KEY_FALLBACKS= AUDIT_KEY=$(CHECK_KEY)-three \
	TICKET_SIGNING_KEYS=check:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= \
	ALLOWED_HOSTS=tickets.example.com PUBLIC_URL=https://tickets.example.com FRONTEND_URL=https://www.example.com \
	DATABASE_URL=postgres://trufan@db.example.com/trufan REDIS_URL=redis://cache.example.com/0 \
	CELERY_BROKER_URL=redis://cache.example.com/1 EMAIL_URL=smtp+tls://mail.example.com:587 \
	DEFAULT_FROM_EMAIL=tickets@example.com PAYMENT_GATEWAY=stripe TRUSTED_PROXIES=10.0.0.0/8 \
	TWILIO_ACCOUNT_SID=AC0 TWILIO_AUTH_TOKEN=$(CHECK_KEY) TWILIO_FROM=+12025550123 \
	STRIPE_SECRET_KEY=sk_live_$(CHECK_KEY) STRIPE_WEBHOOK_SECRETS=whsec_$(CHECK_KEY) STRIPE_THIN_WEBHOOK_SECRETS=whsec_$(CHECK_KEY)-thin \
	STRIPE_API_BASE=https://api.stripe.com

.DEFAULT_GOAL := help
.PHONY: help install install-dev run setup doctor backup restore test test-cov fuzz mutation check lint format types layers security audit \
	migrations-check deploy-check deploy-files-check \
	schema-check messages messages-check requirements-check clients clients-check chaos bench migrate migrate-create shell logs logs-api lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Install --------------------------------------------------------------------------------------

install: $(INSTALLED)
install-dev: $(INSTALLED_DEV)

$(BIN)/pip:
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): requirements.txt | $(BIN)/pip
	@echo "Installing what TruFan runs on into $(VENV) ..."
	$(PIP) -r requirements.txt
	@touch $@

$(INSTALLED_DEV): requirements-dev.txt $(INSTALLED)
	@echo "Installing the tools that test and check it ..."
	$(PIP) -r requirements.txt -r requirements-dev.txt
	@touch $@

# --- Run ------------------------------------------------------------------------------------------

# One process: without Redis the cache, the counters of the rate limit and the live updates live in it. uvicorn serves
# pages and sockets, and sweeps as a worker would.
# Served elsewhere than PUBLIC_URL's default says, links in mails still lead here.
ifneq ($(PORT),8000)
run: export PUBLIC_URL := $(or $(PUBLIC_URL),http://localhost:$(PORT))
endif
run: export SWEEP_IN_PROCESS := true
run: export SWEEP_SECONDS := 15
run: install ## Run everything on this machine: API, docs, console, demo data, no service needed (PORT=8000)
	@$(BIN)/python -c "import socket; socket.create_server(('', $(PORT)))" 2>/dev/null || \
		{ echo "Port $(PORT) is taken. Another one: PORT=9000 make run"; exit 1; }
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) seed_demo
	@echo
	@echo "  API      http://localhost:$(PORT)/api/v1"
	@echo "  Docs     http://localhost:$(PORT)/api/v1/docs"
	@echo "  Console  http://localhost:$(PORT)/admin/"
	@echo "  Stop     Ctrl-C"
	@echo
	@$(BIN)/uvicorn trufan.asgi:application --host 0.0.0.0 --port $(PORT) --lifespan on --ws websockets-sansio \
		--ws-max-size 4096 --timeout-graceful-shutdown 10 --log-level warning --no-server-header --no-proxy-headers & server=$$!; \
	trap 'kill $$server 2>/dev/null' INT TERM HUP; \
	wait $$server; status=$$?; \
	kill $$server 2>/dev/null; wait; \
	exit $$(( status > 128 ? 0 : status ))

setup: ## The same in containers: PostgreSQL, Redis, API, worker and scheduler (Docker Compose)
	docker compose up --build

logs: ## Follow the logs of all containers
	docker compose logs --follow --tail 100

logs-api: ## Follow the logs of the API's container
	docker compose logs --follow --tail 100 api

doctor: install ## Say what is wrong with this installation, and what to do (ARGS="--offline")
	$(MANAGE) doctor $(ARGS)

backup: install ## Back up database and pictures below BACKUP_ROOT (ARGS="--keep 14")
	$(MANAGE) backup $(ARGS)

restore: install ## Restore a backup into an empty database, and check all of it (ARGS=var/backups/20270601T033000Z)
	$(MANAGE) restore $(ARGS)

migrate: install ## Bring the database up to date
	$(MANAGE) migrate $(ARGS)

migrate-create: install-dev ## Write the migrations that the models ask for (ARGS="orders --name why")
	$(MANAGE) makemigrations $(ARGS)

shell: install ## Open a Python shell with the models imported
	$(MANAGE) shell $(ARGS)

# --- Test and check -------------------------------------------------------------------------------

test: install-dev ## Run the tests on what DATABASE_URL and REDIS_URL say, else SQLite in process (ARGS, TEST_WORKERS)
	$(BIN)/python -m pytest --create-db --numprocesses $(TEST_WORKERS) --dist worksteal $(ARGS)

test-cov: install-dev ## Run the tests and measure what they cover (report in htmlcov/); fails under 90 %
	$(BIN)/python -m pytest --create-db --numprocesses $(TEST_WORKERS) --dist worksteal \
		--cov --cov-fail-under 90 --cov-report term --cov-report html $(ARGS)

chaos: install-dev ## Sell for MINUTES=5 while everything fails, then prove that all promises hold (SEED; needs PostgreSQL, Redis)
	$(BIN)/python -m benchmarks.chaos --minutes $(or $(MINUTES),5) $(if $(SEED),--seed $(SEED)) $(ARGS)

fuzz: install-dev ## Send generated requests for MINUTES=10, each using what the answers before it told (SEED; wants PostgreSQL)
	FUZZ_MINUTES=$(or $(MINUTES),10) FUZZ_SEED=$(SEED) $(BIN)/python -m pytest --create-db --show-capture=no -m fuzz trufan/tests/test_schema_fuzz.py $(ARGS)

mutation: install-dev ## Change the code a little, often, and list what no test notices (ARGS="orders/pricing.py payments.Refund")
	$(BIN)/python -m benchmarks.mutation $(ARGS)

bench: install-dev ## Measure the API against its floors (PATHS="order scan", SIZES="1000 1000000", ROUNDS, SECONDS; ARGS="--document")
	$(BIN)/python -m benchmarks.bench $(if $(PATHS),--paths $(PATHS)) $(if $(SIZES),--sizes $(SIZES)) \
		$(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SECONDS),--seconds $(SECONDS)) $(ARGS)

check: lint types layers security audit migrations-check deploy-check deploy-files-check schema-check messages-check requirements-check ## Check format, lint, types, layers, security, migrations, settings, schema, translations, locks
	@echo "All checks pass."

lint: install-dev ## Check the format and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

format: install-dev ## Format the code and fix what the linter can fix
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

types: install-dev ## Check the types
	$(BIN)/mypy

layers: install-dev ## Check who imports whom
	$(BIN)/lint-imports --cache-dir .import_linter_cache

security: install-dev ## Look for dangerous calls in what runs (bandit)
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml $(APPS)

audit: install-dev ## Ask whether a weakness is known of a pinned package (needs a network; AUDIT_REQUIRED=1 insists)
	$(BIN)/python .ci/vulnerabilities.py

migrations-check: install-dev ## Check that no migration is missing, and that the newest are safe under load
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) lint_migrations

deploy-check: install-dev ## Check that the settings of a live server are accepted, warnings as errors
	@echo "manage.py check --deploy, as on a live server"
	@$(LIVE) $(MANAGE) check --deploy --fail-level WARNING

deploy-files-check: install-dev ## Lint the Dockerfile
	$(BIN)/hadolint --failure-threshold info Dockerfile

schema-check: install-dev ## Check the OpenAPI schema, warnings as errors
	$(MANAGE) spectacular --validate --fail-on-warn --file /dev/null

messages: install-dev ## Collect the texts to be translated into trufan/locale, and compile the translations
	$(BIN)/python .ci/words.py

messages-check: install-dev ## Check that every text is translated and compiled
	$(BIN)/python .ci/words.py --check

requirements-check: install-dev ## Check that the lock files are in step with the .in files (no network)
	$(BIN)/python .ci/locks.py

# --- Clients --------------------------------------------------------------------------------------

clients/.venv/.installed: requirements-clients.txt | $(BIN)/pip
	$(PYTHON) -m venv clients/.venv
	$(CLIENTS_BIN)/python -m pip --disable-pip-version-check install -qq --require-hashes -r requirements-clients.txt
	@touch $@

clients/typescript/node_modules/.installed: clients/typescript/package-lock.json
	cd clients/typescript && npm ci --silent
	@touch $@

clients: install-dev clients/.venv/.installed clients/typescript/node_modules/.installed ## Write the Python and TypeScript clients from the schema (needs Node 20)
	$(MANAGE) spectacular --fail-on-warn --format openapi-json --file clients/openapi.json
	$(CLIENTS_BIN)/python clients/python/tailored.py clients/openapi.json > clients/tailored.json
	cd clients/python && ../.venv/bin/openapi-python-client generate --path ../tailored.json --meta none \
		--config ../openapi-python-client.yaml --output-path trufan_client --overwrite --fail-on-warning
	cd clients/typescript && npm run --silent generate

clients-check: clients ## Write the clients anew, compile them and walk through a night with each
	$(BIN)/python -m pytest --create-db --no-migrations -m clients trufan/tests/test_clients.py $(ARGS)

# --- Keep up --------------------------------------------------------------------------------------

lock: install-dev ## Lock the requirements (UPGRADE=1 takes newer versions)
	$(UV) $(if $(UPGRADE),--upgrade) requirements.in --output-file requirements.txt
	$(UV) $(if $(UPGRADE),--upgrade) requirements-dev.in --output-file requirements-dev.txt
	$(UV) $(if $(UPGRADE),--upgrade) requirements-clients.in --output-file requirements-clients.txt
	@$(BIN)/python .ci/locks.py

clean: ## Remove everything that was made here but .env and the database
	rm -rf $(VENV) staticfiles htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		.import_linter_cache .schemathesis clients/.venv clients/*.json clients/python/trufan_client \
		clients/typescript/node_modules clients/typescript/build clients/typescript/schema.d.ts
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
