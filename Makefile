# `make demo` and `make test` work from a bare clone with Python 3.11, git and make; both are safe to run again.
# Recipes quote no paths of ours: everything is relative, so the clone may stand in a folder with spaces in its name.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEBIAN := apertium apertium-fr-es apertium-eng-spa apertium-fra-cat apertium-spa-cat apertium-eng-cat gettext

.PHONY: demo test bench debian

demo: $(VENV)/installed debian
	$(BIN)/passerelle translate translations/russie-chine-ia/fr.txt

test: $(VENV)/dev debian
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest

bench: $(VENV)/dev debian
	$(BIN)/pytest tests/benchmarks --benchmark-columns=min,median,rounds

# The stamps are remade when the project's needs change, not when its code does (the install is an editable one).
$(VENV)/installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group dev
	touch $@

debian:
	@missing=; for package in $(DEBIAN); do \
	  dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q ' installed' || missing="$$missing $$package"; \
	done; \
	[ -z "$$missing" ] && exit 0; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo='sudo -n'; \
	if command -v apt-get >/dev/null && $$sudo true 2>/dev/null; then \
	  $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $$missing; \
	else \
	  echo "Please install these Debian packages, then run make again:$$missing" >&2; exit 1; \
	fi
