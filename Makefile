# Every target makes .venv by itself: a machine needs Python 3.11 with venv, and make.
#   make run     start a server on 127.0.0.1:6443, its data in ./.kubern (FLAGS="--v=4 ..." for more)
#   make test    all tests, two files at a time (TESTS="core/tests/options" for some, JOBS=0 for one at a time)
#   make check   lint, format, types, import contracts, generated documents
#   make fuzz    many more generated requests than the tests send (FUZZ_REQUESTS=..., FUZZ_SEED=... for other ones)
#   make bench   measure a running server
#   make fmt     format; make docs: write the generated documents
PYTHON ?= $(shell command -v python3.11 || command -v python3)
FLAGS ?=
TESTS ?=
JOBS ?= 2
FUZZ_REQUESTS ?= 24000
BIN := .venv/bin
MEMBERS := core plugins/aggregator plugins/apiextensions plugins/kubeapi
PROJECTS := pyproject.toml $(addsuffix /pyproject.toml,$(MEMBERS))

.PHONY: run test check fuzz bench fmt docs clean

run: .venv/installed
	@$(BIN)/python -m compileall -q $(addsuffix /src,$(MEMBERS))
	@$(BIN)/kubern start --data-dir=.kubern --bind-address=127.0.0.1 $(FLAGS)

test: .venv/developing
	$(BIN)/pytest -q -n $(JOBS) --dist loadfile $(TESTS)

check: .venv/developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --explicit-package-bases $(addsuffix /tests,$(MEMBERS)) tests
	$(BIN)/lint-imports
	$(BIN)/python scripts/docs.py --check

fuzz: .venv/developing
	FUZZ_REQUESTS=$(FUZZ_REQUESTS) $(BIN)/pytest -q -s tests/fuzz/test_requests.py

bench: .venv/developing
	$(BIN)/python -m scripts.bench

fmt: .venv/developing
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/developing
	$(BIN)/python scripts/docs.py

clean:
	rm -rf .venv

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python $(PROJECTS)
	$(BIN)/pip install -q --disable-pip-version-check $(addprefix -e ,$(MEMBERS))
	@touch $@

.venv/developing: .venv/installed
	$(BIN)/pip install -q --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/pip install -q -e "core[etcd,secretbox]" $(addprefix -e ,$(filter-out core,$(MEMBERS))) --group dev
	@touch $@
