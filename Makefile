# `make demo` and `make test` work from a bare clone with Python 3.11, git and make; both are safe to run again.
# Recipes quote no paths of ours: everything is relative, so the clone may stand in a folder with spaces in its name.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEBIAN := apertium apertium-fr-es apertium-eng-spa apertium-fra-cat apertium-spa-cat apertium-eng-cat gettext po4a
# What only the tests need: a browser, a judge of HTML, a translator's tool, a site generator. Where one cannot be had, its tests are
# skipped, and say so.
TOOLS := chromium tidy omegat hugo

.PHONY: demo test bench fuzz debian tools

demo: $(VENV)/installed
	$(BIN)/passerelle translate translations/russie-chine-ia/fr.txt

test: $(VENV)/dev tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest

# Programs run as they are installed, with their bytecode, which some development shells keep from the disk.
bench: export PYTHONDONTWRITEBYTECODE =
bench: $(VENV)/dev
	$(BIN)/pytest tests/benchmarks --benchmark-columns=min,median,rounds
	$(BIN)/python tests/benchmarks/peers.py
	$(BIN)/python tests/benchmarks/peers.py --base --articles 1 --rounds 1
	$(BIN)/python tests/benchmarks/peers.py --base --articles 10 --rounds 1 --quick

# About ten minutes of random articles.
fuzz: $(VENV)/dev
	$(BIN)/pytest --hypothesis-profile=fuzz -k 'any_text or any_page or no_word or own_words or any_draft' \
	  tests/test_markdown.py tests/test_html.py tests/test_markup.py tests/test_richtext.py

# The stamps are remade when the project's needs change, not when its code does (the install is an editable one).
$(VENV)/installed: pyproject.toml constraints.txt | debian
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group dev
	touch $@

# Where there is no dpkg, what matters is that the programs are there.
debian:
	@if ! command -v dpkg-query >/dev/null && command -v apertium msgfmt >/dev/null; then exit 0; fi; \
	missing=; for package in $(DEBIAN); do \
	  dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q ' installed' || missing="$$missing $$package"; \
	done; \
	$(PYTHON) -c 'import ensurepip' 2>/dev/null || missing="$$missing python3-venv"; \
	[ -z "$$missing" ] && exit 0; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo='sudo -n'; \
	if command -v apt-get >/dev/null && $$sudo true 2>/dev/null; then \
	  $$sudo apt-get update -qq && \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	else \
	  echo "Please install these Debian packages, then run make again:$$missing" >&2; exit 1; \
	fi

tools: | debian
	@missing=; for tool in $(TOOLS); do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	[ -z "$$missing" ] && exit 0; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo='sudo -n'; \
	if command -v apt-get >/dev/null && $$sudo true 2>/dev/null; then \
	  $$sudo apt-get update -qq; \
	  for tool in $$missing fonts-liberation; do \
	    $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$tool || \
	    echo "NOT TESTED: $$tool cannot be installed" >&2; \
	  done; \
	else \
	  echo "NOT TESTED in full; please install:$$missing" >&2; \
	fi
