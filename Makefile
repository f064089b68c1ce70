# `make book` and `make test` need Python 3.11 or newer and make; they set up the rest in .venv.

# Settings of the reader that would reach every Python below: other folders to import from, no
# assertions, warnings as errors, packages beside .venv. Where packages come from stays theirs.
unexport PYTHONHOME PYTHONOPTIMIZE PYTHONPATH PYTHONSAFEPATH PYTHONSTARTUP PYTHONWARNINGS
unexport PIP_PREFIX PIP_ROOT PIP_TARGET
export PIP_USER := 0

BIN := .venv/bin
READY := .venv/.ready

.NOTPARALLEL:
.PHONY: help book test lint types format unit notebooks any-cpu any-order execute references ledger claim claim-mutants figure-mutants mutants same-site trust picture site readers pdf lighthouse live release check-all benchmarks lock clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

book: $(READY)  ## Run every notebook and build the site in _build/html
	@echo "==> Running the notebooks and building the site"
	$(BIN)/python tools/build_book.py --execute force
	@echo "==> Open _build/html/index.html (python3 -m http.server -d _build/html shows it at localhost:8000)"

test: lint types $(READY)  ## Everything: style, type hints, tests, notebooks against their outputs, site in a browser
	@echo "==> Unit tests, doctests, and every notebook against its stored outputs"
	$(BIN)/python -m pytest --nbval -n 2 --dist loadfile
	@echo "==> A part of them as the processor that differs most from this one"
	$(BIN)/python tools/any_cpu.py --part
	@$(MAKE) --no-print-directory site
	@echo "==> All tests passed"

lint: $(READY)  ## Check style
	@echo "==> Checking style"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)  ## Check the library's type hints
	@echo "==> Checking type hints"
	$(BIN)/mypy

format: $(READY)  ## Apply the style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

unit: $(READY)  ## Unit tests and doctests
	$(BIN)/python -m pytest -n 2 --dist loadfile

notebooks: $(READY)  ## Every notebook against its stored outputs
	$(BIN)/python -m pytest --nbval -n 2 --dist loadfile book

any-cpu: $(READY)  ## All of that as every processor that this one can play: half an hour or more
	$(BIN)/python tools/any_cpu.py

any-order: $(READY)  ## Unit tests and doctests with their files in reverse and in a random order
	$(BIN)/python tools/any_order.py $(if $(SEED),--seed $(SEED)) -- -n 2 --dist loadfile

execute: $(READY)  ## Run every notebook in place and store its outputs
	$(BIN)/python tools/notebooks.py $(NOTEBOOKS)

references: $(READY)  ## Renew the figures' reference numbers: only for a change that is meant
	$(BIN)/python tools/notebooks.py --write-references $(NOTEBOOKS)

ledger: $(READY)  ## Measure every claim's deviation again and store it in measured.json
	$(BIN)/python -m pytest $(wildcard tests/paper1 tests/paper2 tests/ours) --write-measured

claim: $(READY)  ## Run one claim's test and proofs and show them (ID=p1-eq-19); without ID, list all
	@$(BIN)/python tools/claim.py $(ID)

claim-mutants: $(READY)  ## Change each claim's test by a little: which do not mind? CLAIM=p1-eq-26 runs all changes of one
	$(BIN)/python tools/claim_mutants.py $(CLAIM)

figure-mutants: $(READY)  ## Change each constant of the chapters: which does no figure mind? CHAPTERS="exact" MOST=20 run a part
	$(BIN)/python tools/figure_mutants.py $(if $(MOST),--most $(MOST)) $(CHAPTERS)

same-site: $(READY)  ## Build the site twice, in two folders, and compare it byte for byte
	$(BIN)/python tools/same_site.py

mutants: $(READY)  ## Put faults into the library: which does no test mind? MODULES="thermal atoms.pair" MOST=20 run a part
	$(BIN)/python tools/mutants.py $(if $(MOST),--most $(MOST)) $(MODULES)

trust: $(READY)  ## Count what is tested, and measure the coverage, for the page that tells
	$(BIN)/python tools/trust.py

picture: $(READY)  ## Draw the pictures of the README and of the first page
	$(BIN)/python tools/picture.py

# EXECUTE=force builds it from a new run, as the publishing workflow does.
EXECUTE ?= off
site: $(READY)  ## Build the site, warnings as errors, and test it in a browser (EXECUTE=force runs the notebooks)
	@echo "==> Building the site (--execute $(EXECUTE))"
	$(BIN)/python tools/build_book.py --execute $(EXECUTE)
	@echo "==> Testing the site in a headless browser"
	$(BIN)/python -m pytest -m "site and not readers" -n 2 --dist loadgroup tests/book

readers: $(READY)  ## Every page of the built site by axe, at two widths and in both themes: half an hour
	@echo "==> Looking at every page as every reader"
	$(BIN)/python -m pytest -m readers -n 2 tests/book

live: $(READY)  ## Move the sliders in a live JupyterLab and Notebook, in a headless browser
	@echo "==> Moving the sliders in a live JupyterLab and Notebook"
	$(BIN)/python -m pytest -m live tests/live

pdf: $(READY)  ## The whole book as one PDF: builds the site first, needs a browser
	$(BIN)/python tools/build_book.py --execute off
	$(BIN)/python tools/pdf.py

lighthouse: $(READY)  ## Judge the built site by Lighthouse; needs Node.js and the network
	$(BIN)/python tools/build_book.py --execute off
	$(BIN)/python tools/lighthouse.py

release: $(READY)  ## What a release publishes, in dist/: a dry run, or the real one with TAG=v1.2.3
	$(BIN)/python tools/release.py $(if $(TAG),--tag $(TAG))

# What takes long: run weekly.
check-all: $(READY)  ## Every check there is, mutants and processors included: hours
	@$(MAKE) --no-print-directory test EXECUTE=force
	@$(MAKE) --no-print-directory readers
	$(BIN)/python -m pytest -m slow -n 2 --dist loadfile
	$(BIN)/python -m pytest -n 2 --hypothesis-profile=long tests/properties
	$(BIN)/python tools/any_order.py -- -n 2 --dist loadfile
	$(BIN)/python tools/any_cpu.py
	$(BIN)/python tools/same_site.py
	$(BIN)/python tools/claim_mutants.py
	$(BIN)/python tools/figure_mutants.py --most 40
	$(BIN)/python tools/mutants.py --most 40
	$(BIN)/python -m pytest -m live tests/live

benchmarks: $(READY)  ## Time the library beside its peers, and print the table of ratios: ten minutes
	$(BIN)/python -m pytest --benchmark-only --benchmark-timer=time.process_time benchmarks

# Only the packages' names, versions and hashes belong in the lock, whatever this machine's
# settings say about where packages come from. LOCK_FLAGS=--upgrade moves to the newest versions.
# Extras stay: where a package asks for `coverage[toml]`, some versions of pip take a pin of plain
# `coverage` for another thing, and refuse the lock as soon as a newer version is out.
lock: $(READY)  ## Refresh requirements.txt from pyproject.toml
	env -u PIP_FIND_LINKS -u PIP_INDEX_URL -u PIP_EXTRA_INDEX_URL -u UV_FIND_LINKS \
	    UV_CUSTOM_COMPILE_COMMAND="make lock" \
	    $(BIN)/uv pip compile --quiet --universal --generate-hashes --all-extras --no-strip-extras \
	    --no-emit-index-url --no-emit-find-links $(LOCK_FLAGS) pyproject.toml -o requirements.txt
	$(BIN)/python tools/lock.py

clean:  ## Remove the built site and the virtual environment
	rm -rf _build .venv

# The stamp is written last: an interrupted set-up is repeated, a finished one costs nothing. Two
# runs at once would spoil it, so that the second waits for the first; a lock whose make is gone
# counts for nothing. What is never imported needs no compiling, which takes longer than the rest.
$(READY): requirements.txt pyproject.toml
	@python=; for candidate in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	    then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "coherence_lib needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python3.12" >&2; \
	    exit 1; \
	fi; \
	until mkdir .venv.lock 2>/dev/null; do \
	    echo "==> Waiting for another make that sets up .venv"; sleep 2; \
	    kill -0 "$$(cat .venv.lock/make 2>/dev/null)" 2>/dev/null || rm -rf .venv.lock; \
	done; \
	echo $$PPID > .venv.lock/make; trap 'rm -rf .venv.lock' EXIT; trap 'exit 1' HUP INT TERM; \
	if [ $@ -nt requirements.txt ] && [ $@ -nt pyproject.toml ]; then exit 0; fi; \
	set -e; install="$(BIN)/python -m pip install --quiet --disable-pip-version-check"; \
	echo "==> Setting up .venv with $$("$$python" --version) (once; about a minute)"; \
	"$$python" -m venv .venv; \
	echo "==> Installing the locked packages"; \
	$$install --no-compile --require-hashes -r requirements.txt; \
	echo "==> Installing coherence_lib"; \
	$$install --no-deps --no-build-isolation -e .; \
	touch $@
