# Everything from a fresh clone: only Python 3.11+, git and make are needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Tests write and sync tens of thousands of small files: in memory, where there is plenty, that hardly takes time.
SCRATCH := $(shell df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 6000 { print "/dev/shm" }')

.DEFAULT_GOAL := help
.PHONY: help venv demo test e2e lab gameday corpus near-misses prove check bench format clean

help: ## Say what there is to make
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

venv: $(READY) ## Make .venv from the lock file

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "penstock needs Python 3.11 or newer; set PYTHON=")'
	@echo "Making $(VENV) from requirements.lock"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q -j 0 engine $(VENV)/lib >/dev/null || true
	@touch $@

demo: $(READY) ## Play a recorded incident through the whole gate
	@$(BIN)/penstock demo

test: $(READY) ## Run every test that needs no lab
	@for tool in kustomize helm; do $(BIN)/python -m engine.adapters.tools $$tool >/dev/null || true; done
	@$(BIN)/penstock policy test
	@PYTEST_DEBUG_TEMPROOT=$(SCRATCH) $(BIN)/python -m pytest --ignore=tests/e2e -n auto --dist worksteal

e2e: $(READY) ## Run the lab of real components, or one PART of it: forge or cluster
	@$(BIN)/python -m engine.adapters.tools gitea >/dev/null
	@case "$(PART)" in ""|cluster) timeout 2700 gitops/lab/build-tools >/dev/null || echo "the lab can't be built whole here: what needs the rest is skipped, and says so" ;; esac
	@$(BIN)/python -m pytest -s tests/e2e/$(PART)

corpus: $(READY) ## Make policies/corpus anew from what policy sees and answers in the scenarios
	@$(BIN)/python -m pytest tests/features --corpus policies/corpus

near-misses: $(READY) ## Add to the corpus what notices a damage: of all rules, or of RULES="area/rule …"
	@$(BIN)/python -m tests.features.near_misses $(RULES)

prove: $(READY) ## Damage every rule and limit in turn, and try to break every invariant
	@$(BIN)/penstock policy prove

lab: $(READY) ## Start a real control plane and Gitea to try things in, until Ctrl-C
	@gitops/lab/build-tools >/dev/null
	@$(BIN)/python -m engine.adapters.tools gitea >/dev/null
	@$(BIN)/python -m tests.e2e.lab

gameday: $(READY) ## Break things in the lab and report how soon the gate had each of them
	@gitops/lab/build-tools >/dev/null
	@$(BIN)/python -m engine.adapters.tools gitea >/dev/null
	@$(BIN)/python -m tests.e2e.gameday

check: $(READY) ## Format, lint, types, layers, policy and runbooks
	@$(BIN)/ruff format --check --quiet . && echo "format: ok"
	@$(BIN)/ruff check --quiet . && echo "lint: ok"
	@$(BIN)/mypy --no-error-summary && echo "types: ok"
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/penstock policy check
	@$(BIN)/penstock runbooks check

bench: $(READY) ## Measure, beside the peer, in one run
	@for arm in bench/*.py; do echo "== $$arm"; $(BIN)/python $$arm; done

format: $(READY) ## Format Python and Rego
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix --quiet .
	@$$($(BIN)/python -m engine.adapters.tools opa) fmt -w policies

clean: ## Take away what make made here
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache
