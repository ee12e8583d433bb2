# `make help` lists what there is. Nothing is needed beforehand but Python (or uv), make and a package index.
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
UV_VERSION := 0.13.9
export UV_PROJECT_ENVIRONMENT := $(VENV)
# The certificates that the system trusts, as pip does it.
export UV_SYSTEM_CERTS ?= 1

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9\/-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# PYTHON names the interpreter; if it is another than that of .venv, .venv is made again.
$(UV): $(if $(PYTHON),FORCE)
	@PYTHON='$(PYTHON)' NEEDS_ENGINE='$(NEEDS_ENGINE)' sh platforms/make-venv.sh $(VENV) $(UV_VERSION)

.PHONY: FORCE
FORCE:

# Where ml-metadata has no wheel, the rest is installed: the proxy before an MLMD server, and its tests.
NO_WHEEL = $(if $(shell $(BIN)/python -I model_registry_proxy/engine/wheels.py 2>/dev/null && echo there is one),,--no-install-package ml-metadata)

# The server with the embedded engine, and the command line: `mr`, which `model-registry` mounts.
$(VENV)/.built: $(UV) pyproject.toml uv.lock
	$(UV) sync --quiet --frozen --inexact --no-default-groups --package model-registry-proxy --package model-registry-client --extra embedded --extra cli --extra ui $(NO_WHEEL)
	@touch $@

# The same with everything that tests need.
$(VENV)/.developing: $(UV) pyproject.toml uv.lock
	$(UV) sync --quiet --frozen --inexact --extra embedded --extra otel --extra ui --group dev --group clients --group tutorial $(NO_WHEEL)
	@touch $@ $(VENV)/.built

.PHONY: build
build: $(VENV)/.built ## Make .venv/bin/model-registry and .venv/bin/mr

# The environment of a first `make run` needs a Python that ml-metadata has a wheel for.
.PHONY: run
run: NEEDS_ENGINE := yes
# The audit log lies next to the database. An empty MR_AUDIT_LOG switches it off.
run: export MR_AUDIT_LOG ?= $(if $(findstring ://,$(MR_DATABASE)),model-registry,$(or $(MR_DATABASE),model-registry.db)).audit.log
run: build ## Serve on localhost:8080 with the embedded engine (MR_PORT, MR_DATABASE, MR_AUDIT_LOG choose others; CATALOGS="a.yaml,b.yaml" adds a model catalog)
	@exec $(BIN)/model-registry proxy $(if $(CATALOGS),--catalogs-path '$(CATALOGS)')

.PHONY: run/catalog
run/catalog: build ## Serve only the model catalog of CATALOGS="a.yaml,b.yaml", on port 8080
	@test -n "$(CATALOGS)" || { echo "Say which sources files to serve: make run/catalog CATALOGS=sources.yaml" >&2; exit 1; }
	@exec $(BIN)/model-registry catalog --catalogs-path '$(CATALOGS)'

.PHONY: run/proxy
run/proxy: build ## Serve from the MLMD server at MR_MLMD_HOSTNAME and MR_MLMD_PORT
	@test -n "$$MR_MLMD_HOSTNAME" -a -n "$$MR_MLMD_PORT" || { echo "Say where MLMD is: make run/proxy MR_MLMD_HOSTNAME=localhost MR_MLMD_PORT=9090" >&2; exit 1; }
	@exec $(BIN)/model-registry proxy

.PHONY: test
test: $(VENV)/.developing ## Run the quick tier of the tests, in about 12 minutes on two cores
	$(BIN)/pytest -n auto --tier=quick $(ARGS)

# `make test-all TIER=rest` completes a `make test` that has just passed.
TIER := all
.PHONY: test-all
test-all: $(VENV)/.developing ## Run all tests, on every store that is here, in about 35 minutes on two cores (TIER=rest leaves out what `make test` runs)
	$(BIN)/pytest -n auto --tier=$(TIER) $(ARGS)
	$(MAKE) test-unfiltered

.PHONY: test-unfiltered
test-unfiltered: $(VENV)/.developing ## Run the integration and interop tests on an engine that refuses filters, as MLMD 1.21 does
	TEST_STORES="unfiltered-sqlite unfiltered-mysql" $(BIN)/pytest -n auto --tier=all tests/integration tests/interop $(ARGS)

.PHONY: test-containers
test-containers: $(VENV)/.developing ## Run the integration and interop tests on Google's MLMD server image and MySQL; needs Docker
	TEST_STORES="container-mysql container-sqlite" $(BIN)/pytest --tier=all tests/containers tests/integration tests/interop $(ARGS)

.PHONY: test-debian13
test-debian13: ## Run the tests of the server in a Debian 13 root, on ml-metadata 1.21; needs root and debootstrap
	@sh platforms/debian13.sh tests/unit tests/contract tests/integration tests/interop $(ARGS)

.PHONY: test-cover
test-cover: $(VENV)/.developing ## Run all tests and report which lines they leave out
	$(BIN)/pytest -n auto --tier=all --cov --cov-report=term-missing:skip-covered --cov-report=html $(ARGS)

.PHONY: fuzz
fuzz: $(VENV)/.developing ## Send made-up requests for SECONDS (600); SEED repeats a run
	$(BIN)/python -m tests.support.fuzzing $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED))

# What checks the deployment files: kustomize, kubeconform, actionlint, and the parsers of Docker's own compose and BuildKit.
TOOLS := .tools
TOOL_SOURCES := tests/deployment/tools
$(TOOLS)/.built: $(wildcard $(TOOL_SOURCES)/go.* $(TOOL_SOURCES)/*/main.go)
	cd $(TOOL_SOURCES) && go build -o $(abspath $(TOOLS))/ tool ./compose ./dockerfile
	GOBIN=$(abspath $(TOOLS)) go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
	cd $(TOOL_SOURCES) && cp "$$(go mod download -json istio.io/api@v1.31.4 | sed -n 's/.*"Dir": "\(.*\)",/\1/p')/kubernetes/customresourcedefinitions.gen.yaml" $(abspath $(TOOLS))/istio.yaml
	@touch $@

.PHONY: tools
tools: $(TOOLS)/.built ## Build what checks the deployment files; needs Go

# What the controller is tested on: a Kubernetes API server with its store. The first build takes minutes, of one processor or two.
KUBE := $(TOOLS)/kube
KUBE_SOURCES := companions/controller/tests/kube
$(KUBE)/.built: $(KUBE_SOURCES)/go.mod $(KUBE_SOURCES)/go.sum $(KUBE_SOURCES)/build.sh
	@sh $(KUBE_SOURCES)/build.sh $(abspath $(KUBE))

.PHONY: kube
kube: $(KUBE)/.built ## Build kube-apiserver and etcd for the tests of the controller; needs Go, and 7 minutes once

.PHONY: test-controller
test-controller: kube $(VENV)/.developing ## Run the controller on a real Kubernetes API server
	CONTROLLER_ON_KUBERNETES=yes $(BIN)/pytest -q -n0 --tier=all companions/controller/tests/cluster $(ARGS)

.PHONY: manifests
manifests: tools $(VENV)/.developing ## Check the Dockerfile, the compose files, the Kubernetes manifests and the workflows
	$(BIN)/pytest -q --tier=all tests/deployment $(ARGS)

.PHONY: robustness
robustness: $(VENV)/.developing ## Break servers under load and check every promise: SEED, ROUNDS (3), SECONDS (20), STORE
	$(BIN)/python -m tests.robustness run $(if $(SEED),--seed $(SEED)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(STORE),--store $(STORE)) $(ARGS)

.PHONY: lint
lint: $(VENV)/.developing ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

.PHONY: check
check: lint test ## Check style and types, and run the quick tier of the tests

.PHONY: fix
fix: $(VENV)/.developing ## Repair style where that can be done by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: bench
bench: $(VENV)/.developing ## Measure every operation next to its reference points, on each store that is present (ARGS="--help" lists the choices)
	$(BIN)/python -m benchmarks run $(ARGS)

.PHONY: bench-compare
bench-compare: $(VENV)/.developing ## Show two results of bench side by side: A=first.json B=second.json
	@test -n "$(A)" -a -n "$(B)" || { echo "Say which: make bench-compare A=benchmarks/results/first.json B=benchmarks/results/second.json" >&2; exit 1; }
	$(BIN)/python -m benchmarks compare $(A) $(B)

.PHONY: bench-growth
bench-growth: $(VENV)/.developing ## Measure stores of 1,000 to 100,000 models, memory and start-up
	$(BIN)/python -m benchmarks growth $(ARGS)

.PHONY: proto
proto: $(UV) ## Generate converters/_generated from proto/
	UV=$(abspath $(UV)) sh proto/generate.sh

.PHONY: docs
docs: $(VENV)/.developing ## Write the pages that are made from tables
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/pictures.py

.PHONY: ui-pictures
ui-pictures: $(VENV)/.developing ## Shoot the pictures of docs/ui.md; needs Chromium
	UI_PICTURES=yes $(BIN)/pytest -q --tier=all companions/ui/tests/browser/test_pictures.py

.PHONY: client
client: $(VENV)/.developing ## Write the parts of the Python client that are made from its table of entities
	cd clients/python && $(abspath $(BIN))/python generate.py

.PHONY: clean
clean: ## Remove what was built; stores are kept
	rm -rf $(VENV) $(TOOLS) .clients .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage htmlcov dist
	find . -path ./.debian13 -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
