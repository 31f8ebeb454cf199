# Every target makes what it needs; `make help` lists them. PYTHON=python3.12 picks another one.
SHELL := bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
KAFKA := .cache/kafka
GO_BIN := .cache/go/bin
HELM := helm.sh/helm/v3/cmd/helm@v3.22.0
CODE := $(wildcard stream_drift tests benchmarks docs deploy)
LOCK := uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-header --upgrade pyproject.toml

.DELETE_ON_ERROR:
.PHONY: help demo test test-long coverage check style types imports budget format pictures bench bench-run \
	bench-detection site \
	dashboards tools packages broker lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/base.done ## a drift, found live: needs only Python
	$(BIN)/stream-drift demo

test: packages broker tools ## all tests, on real brokers
	$(BIN)/python -m pytest

test-long: packages broker tools ## the full forms of tests that also have a short one
	@tests/support/packages.sh buildah mmdebstrap
	$(BIN)/python -m pytest -m long -o faulthandler_timeout=3600

coverage: packages broker tools ## lines and branches that no test reaches
	$(BIN)/python -m pytest --cov --cov-report=term-missing:skip-covered

check: style types imports budget ## what machines say about the code

style: $(VENV)/dev.done
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/dev.done
	$(BIN)/mypy $(CODE)

imports: $(VENV)/dev.done
	$(BIN)/lint-imports --no-logo

budget: $(VENV)/dev.done
	$(BIN)/python -m pytest -q tests/unit/test_project.py

format: $(VENV)/dev.done ## let ruff rewrite what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

dashboards: $(VENV)/dev.done ## Grafana's files, from deploy/grafana/generate.py
	$(BIN)/python -m deploy.grafana.generate

pictures: broker ## the pictures in docs/, from the hotel bookings
	$(BIN)/python -m docs.pictures.hotel_scores
	$(BIN)/python -m docs.pictures.hotel_incident

bench: packages broker ## every measurement of benchmarks/; its tables go into docs/
	$(BIN)/python -m benchmarks --write

bench-run: packages broker ## `stream-drift run` against the bare drain of a topic
	$(BIN)/python -m benchmarks run

bench-detection: $(VENV)/dev.done ## the false-incident budget and delays on simulated streams
	$(BIN)/python -m benchmarks.detection

site: $(VENV)/docs.done ## the documentation as pages, in build/site
	$(BIN)/zensical build --strict --config-file mkdocs.yml

packages: # programs that come from Debian
	@tests/support/packages.sh java mvn promtool prometheus-alertmanager

tools: $(GO_BIN)/helm # programs that come as source; a few minutes, once

$(GO_BIN)/helm:
	@command -v go > /dev/null || { echo "Go is missing: 1.25 or newer builds helm" >&2; exit 1; }
	GOBIN=$(CURDIR)/$(GO_BIN) go install $(HELM)

broker: $(VENV)/dev.done $(KAFKA)/classes.jsa # everything a real broker needs

lock: $(VENV)/dev.done ## requirements/*.txt anew from pyproject.toml
	$(BIN)/pip install --quiet uv
	$(BIN)/$(LOCK) --group build --extra parquet --output-file requirements/base.txt
	$(BIN)/$(LOCK) --group build --group dev --extra parquet --constraint requirements/base.txt \
		--output-file requirements/dev.txt
	$(BIN)/$(LOCK) --group build --group docs --constraint requirements/dev.txt \
		--output-file requirements/docs.txt

clean: ## everything that was made or fetched
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is older than 3.11; say PYTHON=... to use another one" >&2; exit 1; }
	@PYTHON=$(PYTHON) tests/support/packages.sh ensurepip
	$(PYTHON) -m venv --clear $(VENV)

$(VENV)/%.done: requirements/%.txt pyproject.toml | $(BIN)/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(KAFKA)/lib: tests/support/kafka/pom.xml
	rm -rf $@ $@.part
	mvn --quiet --batch-mode -Dstyle.color=never --strict-checksums --file $< dependency:copy-dependencies \
		-DincludeScope=runtime -DoutputDirectory=$(CURDIR)/$@.part < /dev/null
	mv $@.part $@
	@touch $@

$(KAFKA)/classes.jsa: $(KAFKA)/lib $(VENV)/dev.done
	$(BIN)/python -m tests.support.prepare_broker
