# make                set up, run the workflow, say where the report and everything else is
# make plan           print how long a run would take, and its memory and disk; make nothing
# make predict        predict what embeddings will learn from a text (CORPUS=), without training;
#                     FOR=gensim: what gensim's word2vec will learn from it, epoch by epoch
# make compare        what two texts (CORPUS=, AGAINST=) learn in common, and what each alone
# make vectors        word vectors of a text (CORPUS=), for gensim and for viewers of embeddings
# make explorer       the page to look up modes and words of a text (CORPUS=)
# make list           what results there are: texts, settings, sizes, dates
# make help           this list
# make test           set up, then run every test and check, with fixed examples
# make explore        run the property tests on new examples
# make bench          time the main tasks against their alternatives (CORPUS= a text)
# make lock           renew envs/requirements.lock from envs/requirements.in
# make api            write the package's API pages, results/api/index.html
# make site           write the documentation site, build/site/README.html, and check its links
# make crate          pack the run of a text (NAME=, by default encyclopedia) as an RO-Crate
# make tutorial       run docs/tutorial.ipynb and store its outputs
# make config-docs    renew config/README.md and config/schema.json from the typed configuration
# make results-page   renew the tables of docs/results.md and docs/prediction.md (default corpus)
# make pictures       copy figures and pictures of the explorer (default corpus) to docs/
# make clean-results  remove results and logs (downloads stay in resources/)
# make clean          remove results, logs, .venv and the caches of the tools
#
# All optional, as in: make CORPUS=path/to/text.txt.xz DOCUMENTS=fixed:50000 V=5000
#   CORPUS=name-or-path  DOCUMENTS=line|paragraph|file|fixed:N  V=10000  WINDOW=16  DIM=200
#                              V and DIM: not of Figures 1, 2, 5, 7 (dynamics.vocabulary and .dim)
#   AGAINST=name-or-path       of make compare: the other text, read as CORPUS is
#   FIELD=text  READER=tsv     column or key of the text; how files are read, if not as what they are
#   NAME=mine                  name of the results folder of a text
#   SETTING=k5                 keep these results beside those of other settings: results/settings/k5
#   NORMALISER=unicode         words of every script, not only a-z; whitespace: as they stand
#   EXTRAS='[]'                skip the movie and the explorer ('[explorer]' skips the movie only)
#   FOR=gensim                 of make predict: gensim's word2vec (config gensim:), at V and DIM
#   CONFIG=config/paper.yaml   a file layered on config/config.yaml
#   CORES=2                    how many cores to use, instead of all
#   API=results/api            where make api writes
#   PYTHON=python3.12          the interpreter for .venv, instead of the newest of 3.11 to 3.14
#   TORCH='torch==2.13.0 ...'  arguments of pip install for a torch that suits this machine

# Without them settings are not checked, and failures in the middle of a pipe go unnoticed.
ifeq ($(filter undefine,$(.FEATURES)),)
$(error GNU make 3.82 or newer is needed, and this is $(MAKE_VERSION): on macOS, brew install make, \
	then gmake in place of make)
endif

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := run
.PHONY: run plan predict predict_qwem predict_gensim compare vectors explorer list help test explore \
	bench settings lock config-docs api site crate tutorial results-page pictures clean clean-results

# Only the command line counts, not the environment: GNU screen, for one, sets WINDOW.
PASSED := CORPUS AGAINST FIELD READER NAME DOCUMENTS NORMALISER V WINDOW DIM EXTRAS SETTING CONFIG
KNOWN := $(PASSED) FOR CORES API PYTHON TORCH
given = $(filter command,$(firstword $(origin $(1))))
$(foreach name,$(KNOWN) BIN,$(if $(call given,$(name)),,$(eval override undefine $(name))))
# The newest that runs and can make a venv; failing that python3, of which envs/check.py says what is wrong.
PYTHON ?= $(or $(shell for python in python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import ensurepip' 2> /dev/null && echo $$python && break; done),python3)
API ?= results/api
TORCH ?= torch==2.13.0
BIN ?= .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Without its name, a setting or text would replace the results of another.
$(foreach name,SETTING NAME,$(if $(call given,$(name)),$(if $(strip $(value $(name))),,$(error \
	$(name) is empty: expected a name, such as $(name)=$(if $(filter NAME,$(name)),mine,k5)))))

shell-quoted = '$(subst ','\'',$(1))'
comma := ,
UNKNOWN := $(filter-out $(KNOWN) BIN,$(foreach name,$(.VARIABLES),$(if $(call given,$(name)),$(name))))
ifneq ($(UNKNOWN),)
NEAREST := $(shell $(PYTHON) -c 'import difflib, sys; _, name, *known = sys.argv; \
	print(*difflib.get_close_matches(name.upper(), known, 1))' \
	$(call shell-quoted,$(firstword $(UNKNOWN))) $(KNOWN) 2> /dev/null)
$(error unknown variable $(firstword $(UNKNOWN)): $(if $(NEAREST),did you mean $(NEAREST)?,expected \
	one of $(KNOWN); other settings go in a file: CONFIG=my.yaml))
endif

ifneq ($(filter-out qwem gensim,$(FOR))$(word 2,$(FOR)),)
$(error FOR=$(FOR): expected qwem or gensim)
endif

# Settings are passed in a file, since a file name may hold spaces, quotes, commas, # or $. Each set of
# settings has its own file, so that concurrent makes do not interfere. make expands exported variables.
unexport $(PASSED)
setting = $(if $(value $(2)),$(1): '$(subst ','',$(value $(2)))'$(comma) )
KEYS = {$(call setting,corpus,CORPUS)$(call setting,against,AGAINST)$(strip \
	)$(call setting,field,FIELD)$(strip \
	)$(call setting,reader,READER)$(call setting,name,NAME)$(call setting,documents,DOCUMENTS)$(strip \
	)$(call setting,normaliser,NORMALISER)$(call setting,vocabulary,V)$(strip \
	)$(if $(value V),comparison: {$(call setting,vocabulary,V)}$(comma) )$(strip \
	)$(if $(and $(filter gensim,$(FOR)),$(value V)$(value DIM)),dynamics: {$(strip \
	)$(call setting,vocabulary,V)$(call setting,dim,DIM)}$(comma) )$(strip \
	)$(call setting,window,WINDOW)$(call setting,dim,DIM)$(call setting,extras,EXTRAS)$(strip \
	)$(call setting,setting,SETTING)}
LAYER = $(if $(value CONFIG),$(call shell-quoted,$(value CONFIG)))
WRITTEN = printf '\# Written by make.%s\n%s\n' $(call shell-quoted,$(LAYER)) $(call shell-quoted,$(KEYS))
KEPT = results/.settings-$$($(WRITTEN) | cksum | cut -d ' ' -f 1).yaml
SNAKEMAKE = $(BIN)/snakemake \
	$(if $(value CORES),--cores $(call shell-quoted,$(value CORES))) --configfile $(LAYER) $(KEPT)
# With one line of progress; all that Snakemake says is in its log.
WATCHED = PYTHONPATH=workflow $(SNAKEMAKE) --logger progress

# The training runs have a vocabulary and dimension of their own.
NOTE = Figures 1, 2, 5, 7 and the movie have a V and d of their own, dynamics: {vocabulary: ..., \
	dim: ...} in a file CONFIG=my.yaml
OWN = $(if $(value V)$(value DIM),@printf '\n%s\n' '$(NOTE)')

run: .venv/ready settings
	@$(WATCHED)
	@made=$$($(SNAKEMAKE) --summary 2> /dev/null | cut -f 1); \
	table=$$(grep '/fig3b\.tsv$$' <<< "$$made"); \
	figures=$$(dirname "$$(grep '/fig1\.png$$' <<< "$$made")"); \
	printf '\n%s:\n' "$$table"; cut -f 2-10 "$$table" | expand -t 16; \
	claims=$${table%/*}/claims.tsv; printf '\n%s:\n' "$$claims"; \
	awk -F '\t' 'NR > 1 { n[$$6, $$5 == "world" ? $$4 : $$5]++ } \
		END { form = "%-26s  %5s  %4s  %12s\n"; printf form, "", "paper", "ours", "construction"; \
		count = split("reproduced|not reproduced|undecided|not testable at this scale", outcomes, "|"); \
		for (i = 1; i <= count; i++) { o = outcomes[i]; \
		printf form, o, n[o, "paper"] + 0, n[o, "ours"] + 0, n[o, "construction"] + 0 } }' "$$claims"; \
	printf '\nFigures: %s/\nReport:  %s\n' "$$figures" "$$(grep '/report\.html$$' <<< "$$made")"
	$(OWN)

plan: .venv/ready settings
	@planned=$$($(SNAKEMAKE) -n 2>&1) || { tail -n 8 <<< "$$planned"; exit 1; }; \
	PYTHONPATH=workflow $(BIN)/python -m mstar.running.plan \
		$(if $(value CORES),$(call shell-quoted,$(value CORES))) <<< "$$planned"
	$(OWN)

predict: predict_$(or $(strip $(FOR)),qwem)

predict_gensim: .venv/ready settings
	@$(WATCHED) -- predict_gensim
	@made=$$($(SNAKEMAKE) --summary -- predict_gensim 2> /dev/null | cut -f 1); \
	table=$$(grep '/untied/features\.tsv$$' <<< "$$made"); printf '\n%s:\n' "$$table"; \
	awk -F '\t' 'NR == 1 { print "vectors  rank   epochs  singular value  name"; next } \
		$$2 <= 10 { printf "%-7s  %4d  %7.3g  %14.4g  %s\n", $$1, $$2, $$3, $$4, $$7 }' "$$table"; \
	printf '\nTables: %s/\nPage:   %s\n' "$${table%/*}" "$$(grep '/gensim_epochs\.html$$' <<< "$$made")"

predict_qwem: .venv/ready settings
	@$(WATCHED) -- predict
	@made=$$($(SNAKEMAKE) --summary -- predict 2> /dev/null | cut -f 1); \
	table=$$(grep '/features\.tsv$$' <<< "$$made"); printf '\n%s:\n' "$$table"; \
	awk -F '\t' 'NR == 1 { print "rank  eigenvalue  time/tau_1       step  name"; next } \
		NR <= 11 { printf "%4d  %10.4g  %10.2f  %9d  %s\n", $$1, $$2, $$6, $$7, $$8 }' "$$table"; \
	advice=$$(grep '/recommended\.tsv$$' <<< "$$made"); printf '\n%s:\n' "$$advice"; \
	awk -F '\t' 'NR == 1 { next } $$2 == "nan" { print "no d by the " $$1; next } \
		NR == 2 { printf "recommended d  %d (95 %%: %d to %d%s)\n", $$2, $$3, $$4, ($$4 >= $$5 ? " or more" : ""); \
		printf "large enough for the d of the configuration?  %s\n", $$7; next } \
		{ printf "best d for the analogies %s  %d (95 %%: %d to %d%s)\n", \
		$$1, $$2, $$3, $$4, ($$4 >= $$5 ? " or more" : "") }' "$$advice"; \
	printf '\nTables: %s/\nPage:   %s\n' "$${table%/*}" "$$(grep '/prediction\.html$$' <<< "$$made")"

compare: .venv/ready settings
	@$(WATCHED) -- compare
	@made=$$($(SNAKEMAKE) --summary -- compare 2> /dev/null | cut -f 1); \
	table=$$(grep '/features\.tsv$$' <<< "$$made"); printf '\n%s:\n' "$$table"; \
	awk -F '\t' 'NR == 1 { print "text  rank  held  there  verdict           name"; next } \
		$$2 <= 10 { printf "%-4s  %4d  %3.0f%%   %3.0f%%  %-16s  %s\n", \
		$$1, $$2, 100 * $$5, 100 * $$8, $$4, $$3 }' "$$table"; \
	printf '\nTables: %s/\nPage:   %s\n' "$${table%/*}" "$$(grep '/comparison\.html$$' <<< "$$made")"

vectors: .venv/ready settings
	@$(WATCHED) -- vectors
	@made=$$($(SNAKEMAKE) --summary -- vectors 2> /dev/null | cut -f 1 \
		| grep -E '/embedding\.(word2vec|parquet|tsv|metadata)'); \
	printf '\nVectors:\n%s\n\nIn Python (%s):\n' "$$made" '$(BIN)/python'; \
	printf "from gensim.models import KeyedVectors; vectors = KeyedVectors.%s('%s', binary=True)\n" \
		load_word2vec_format "$$(grep '\.bin$$' <<< "$$made")"

explorer: .venv/ready settings
	@$(WATCHED) -- explorer_page
	@printf '\nExplorer: '; $(SNAKEMAKE) --summary -- explorer_page 2> /dev/null | cut -f 1 \
		| grep '/explorer\.html$$'

list: .venv/ready
	@PYTHONPATH=workflow $(BIN)/python -m mstar.report.inventory

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' $(firstword $(MAKEFILE_LIST))

# CONFIG is checked before Snakemake reads it: it builds what aliases repeat, and runs expressions.
settings: $(if $(value CONFIG),.venv/ready)
	$(if $(value CONFIG),@PYTHONPATH=workflow $(BIN)/python -m mstar.files.yaml_files $(LAYER))
	@mkdir -p results
	@kept="$(KEPT)"; new=$$(mktemp results/.settings-XXXXXX); $(WRITTEN) > "$$new"; \
	chmod 644 "$$new"; $(PYTHON) -c 'import os, sys; os.replace(*sys.argv[1:])' "$$new" "$$kept"

test: .venv/ready
	@$(BIN)/python -m pytest -n 2 --dist worksteal

explore: .venv/ready
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m hypothesis --hypothesis-profile explore

# The package files of a named corpus are downloaded first; a text given by path already exists.
bench: .venv/ready settings
	@$(SNAKEMAKE) --quiet all -- fetch_all
	@$(BIN)/python -m speed --output results/bench.tsv \
		$(if $(value DOCUMENTS),--documents=$(call shell-quoted,$(value DOCUMENTS))) \
		-- $(if $(value CORPUS),$(call shell-quoted,$(value CORPUS)),encyclopedia)

# torch is outside the lock because its wheel, and so its hash, differs between machines. gensim has
# no wheel for Python 3.14, and its sources do not compile there: then only the word benchmarks in it
# are installed, from a wheel for another Python.
.venv/ready: envs/requirements.lock
	@$(PYTHON) envs/check.py
	@echo 'Setting up .venv with $(PYTHON) (some minutes, once)'
	@$(PYTHON) -m venv --clear .venv
	@$(PIP) install --require-hashes -r $<
	@$(PIP) install $(TORCH)
	@$(PIP) show gensim > /dev/null 2>&1 || { \
		echo 'gensim has no wheel for this Python: baselines need Python 3.13 or older'; \
		new=$$(mktemp -d); sed -n '/^gensim==/,/# via/{s/ ; [^\]*/ /;p;}' $< > "$$new/gensim.txt"; \
		$(PIP) download --require-hashes --no-deps --only-binary :all: --python-version 3.13 \
			--dest "$$new" -r "$$new/gensim.txt"; \
		$(BIN)/python -m zipfile -e "$$new"/gensim-*.whl "$$new"; \
		into=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/gensim/test; \
		mkdir -p "$$into"; cp -R "$$new/gensim/test/test_data" "$$into"; rm -r "$$new"; }
	@touch $@

# Versions stay as they are in the lock, except where requirements.in or the pins of conda say
# otherwise; without the lock they are the newest. What only the GPU build of torch needs is left out:
# pip installs it with torch.
lock:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet 'uv==0.13.9'
	.venv-lock/bin/python -m tools.pins > .venv-lock/pins.txt
	.venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
		--generate-hashes --no-emit-package torch --excludes envs/excludes.txt \
		--constraints .venv-lock/pins.txt --custom-compile-command 'make lock' \
		--output-file envs/requirements.lock envs/requirements.in
	@! grep -n '^torch==' envs/requirements.lock

# The two excluded modules need Triton, which only machines with a GPU have; pdoc warns.
api: .venv/ready
	@PYTHONPATH=workflow $(BIN)/python -W ignore::UserWarning -m pdoc --docformat google \
		--output-directory $(call shell-quoted,$(API)) mstar '!mstar.training.sgd_cuda' '!mstar.training.sgd_kernels'
	@echo API pages: $(call shell-quoted,$(API))/index.html

# What only publishes has packages of its own.
.venv-publish/ready: envs/publish.txt
	@$(PYTHON) -m venv --clear .venv-publish
	@.venv-publish/bin/python -m pip --disable-pip-version-check --quiet install -r $<
	@touch $@

site: .venv-publish/ready
	@.venv-publish/bin/python -m tools.site
	@.venv-publish/bin/mkdocs build --strict --quiet
	@echo Site: build/site/README.html

crate: .venv-publish/ready
	@.venv-publish/bin/python -m tools.crate $(if $(value NAME),$(call shell-quoted,$(value NAME)))

tutorial: .venv/ready
	@$(BIN)/python -m tools.tutorial

results-page: .venv/ready
	@PYTHONPATH=workflow $(BIN)/python -m tools.results_page

config-docs: .venv/ready
	PYTHONPATH=workflow $(BIN)/python -m mstar.settings.readme > config/README.md.new
	mv config/README.md.new config/README.md
	PYTHONPATH=workflow $(BIN)/python -m mstar.settings.schema > config/schema.json.new
	mv config/schema.json.new config/schema.json

# The README's pictures, from the default corpus at the default configuration.
pictures:
	mkdir -p docs
	cp results/figures/encyclopedia/*.png results/figures/encyclopedia/movie.gif docs/
	$(BIN)/python -m tools.screenshots results/report/encyclopedia/explorer.html docs

clean-results:
	if [ -d results ]; then find results/ -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +; fi
	rm -rf logs .snakemake

clean: clean-results
	rm -rf .venv .venv-lock .venv-publish build .mypy_cache .pytest_cache .ruff_cache .hypothesis
