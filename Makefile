# Everything a person does here is a target with a line of help: `make help`.
#
# Hydra overrides may follow a target in two ways, which can be mixed:
#     make train-mlp optimizer=adam 'model.hidden=[256,128]'
#     make train-mlp ARGS="--cfg job ~scheduler"            (flags, and deletions of a key)

.DEFAULT_GOAL := help
.NOTPARALLEL: # two pips in one environment get in each other's way
.DELETE_ON_ERROR:

OWN_VARIABLES := ARGS JOBS PORT PYTHON VENV VENV_PARITY VENV_VISION

# The first Python from 3.11 to 3.13 that runs; PYTHON=/path/to/python overrides.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& echo $$python && break; done)
JOBS ?= auto
PORT ?= 6006
VENV ?= .venv
VENV_PARITY ?= .venv-parity
VENV_VISION ?= .venv-vision

# ------------------------------------------------------------------ overrides on the command line
# `make train-mlp optimizer=adam` sets a make variable. Every variable given on the command line
# that is not one of ours goes to Hydra, quoted for the shell. (Ours are in capitals, because no
# Hydra key is.)

QUOTE = '$(subst ','\'',$1)'
GIVEN := $(foreach NAME,$(.VARIABLES),$(if $(filter command,$(origin $(NAME))),$(NAME)))
OVERRIDES := $(foreach NAME,$(sort $(filter-out $(OWN_VARIABLES),$(GIVEN))),\
	$(call QUOTE,$(NAME)=$(value $(NAME))))
HYDRA_ARGS = $(OVERRIDES) $(ARGS)

# MNIST, CIFAR and kin are read through torchvision, which lives in an environment of its own. They
# may be named on the command line, in the experiment that is asked for, or in a run to resume.
COMMA := ,
WORDS := $(subst ',,$(OVERRIDES)) $(ARGS)
NAMED = $(subst $(COMMA), ,$(patsubst $1=%,%,$(filter $1=%,$(WORDS))))
CHOSEN := $(call NAMED,data) $(shell grep -hsE '^[^\#]*(data|_target_): .*(mnist|cifar)' /dev/null \
	$(patsubst %,conf/experiment/%.yaml,$(call NAMED,experiment)) \
	$(patsubst %,%/.hydra/config.yaml,$(call NAMED,resume)))
NEEDS_VISION := $(findstring mnist,$(CHOSEN))$(findstring cifar,$(CHOSEN))
ZOO_VENV := $(if $(NEEDS_VISION),$(VENV_VISION),$(VENV))
ZOO := $(ZOO_VENV)/bin/python -m

# ---------------------------------------------------------------------------------- environments
# A stamp file remembers which extras an environment holds.

$(VENV)/bin/python $(VENV_PARITY)/bin/python $(VENV_VISION)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $(patsubst %/bin/python,%,$@)
	$@ -m pip install --quiet --disable-pip-version-check --upgrade pip

SOURCES := pyproject.toml constraints.txt
INSTALL = @echo "Installing minitorch-zoo[$2] into $(@D) ..."; \
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check \
	--constraint $1 --editable '.[$2]'

$(VENV)/.zoo: $(VENV)/bin/python $(SOURCES)
	$(call INSTALL,constraints.txt,zoo)
	@touch $@

$(VENV)/.dev: $(VENV)/.zoo
	$(call INSTALL,constraints.txt,zoo$(COMMA)dev)
	@touch $@

$(VENV)/.sweep: $(VENV)/.zoo
	$(call INSTALL,constraints.txt,zoo$(COMMA)sweep)
	@touch $@

$(VENV_VISION)/.zoo: $(VENV_VISION)/bin/python $(SOURCES) constraints-vision.txt
	$(call INSTALL,constraints-vision.txt,zoo$(COMMA)vision)
	@touch $@

$(VENV_VISION)/.sweep: $(VENV_VISION)/.zoo
	$(call INSTALL,constraints-vision.txt,zoo$(COMMA)vision$(COMMA)sweep)
	@touch $@

$(VENV_VISION)/.test: $(VENV_VISION)/.zoo
	$(call INSTALL,constraints-vision.txt,zoo$(COMMA)vision$(COMMA)test)
	@touch $@

$(VENV_PARITY)/.parity: $(VENV_PARITY)/bin/python $(SOURCES) constraints-parity.txt
	$(call INSTALL,constraints-parity.txt,parity)
	@touch $@

# A peer without a wheel for this machine becomes "n/a" in the table, no more.
$(VENV_PARITY)/.bench: $(VENV_PARITY)/.parity
	-$(call INSTALL,constraints-parity.txt,parity$(COMMA)bench)
	@touch $@

.PHONY: venv venv-vision venv-parity
venv: $(VENV)/.dev ## Create .venv: the zoo and the developers' tools
venv-vision: $(VENV_VISION)/.zoo ## Create .venv-vision: the zoo and torchvision
venv-parity: $(VENV_PARITY)/.parity ## Create .venv-parity: PyTorch, to compare with

# --------------------------------------------------------------------------------------- the zoo

.PHONY: train-mlp compare-optimizers sweep-mlp search-mlp tensorboard
train-mlp: $(ZOO_VENV)/.zoo ## Train the MLP: make train-mlp [key=value ...]
	$(ZOO) zoo.mlp.train $(HYDRA_ARGS)

compare-optimizers: $(ZOO_VENV)/.zoo ## Train one MLP with each optimizer; draw and tabulate
	$(ZOO) zoo.mlp.compare $(HYDRA_ARGS)

sweep-mlp: $(ZOO_VENV)/.zoo ## Sweep the MLP: make sweep-mlp optimizer.lr=0.01,0.1
	$(ZOO) zoo.mlp.train --multirun hydra/launcher=parallel $(HYDRA_ARGS)

search-mlp: $(ZOO_VENV)/.sweep ## Search the MLP's hyperparameters with Optuna
	$(ZOO) zoo.mlp.train --multirun hparams_search=mlp $(HYDRA_ARGS)

.PHONY: train-resnet sweep-resnet search-resnet
train-resnet: $(ZOO_VENV)/.zoo ## Train a ResNet: make train-resnet [key=value ...]
	$(ZOO) zoo.resnet.train $(HYDRA_ARGS)

sweep-resnet: $(ZOO_VENV)/.zoo ## Sweep a ResNet: make sweep-resnet optimizer.lr=0.05,0.1
	$(ZOO) zoo.resnet.train --multirun hydra/launcher=parallel $(HYDRA_ARGS)

search-resnet: $(ZOO_VENV)/.sweep ## Search a ResNet's hyperparameters with Optuna
	$(ZOO) zoo.resnet.train --multirun hparams_search=resnet $(HYDRA_ARGS)

.PHONY: verify predict
verify: $(VENV_VISION)/.zoo ## Test every trained model again whose data are at hand
	$(VENV_VISION)/bin/python -m zoo verify --skip-missing $(ARGS)

predict: $(VENV)/.zoo ## Ask a model: make predict ARGS="mlp_digits image.png"
	$(VENV)/bin/python -m zoo predict $(ARGS)

.PHONY: train-transformer sweep-transformer train-gpt generate baseline
train-transformer: $(ZOO_VENV)/.zoo ## Train the sentence classifier [key=value ...]
	$(ZOO) zoo.transformer.train $(HYDRA_ARGS)

sweep-transformer: $(ZOO_VENV)/.zoo ## Sweep the sentence classifier, as sweep-mlp does
	$(ZOO) zoo.transformer.train --multirun hydra/launcher=parallel $(HYDRA_ARGS)

train-gpt: $(ZOO_VENV)/.zoo ## Train the language model: data=text data.path=book.txt
	$(ZOO) zoo.transformer.train_gpt $(HYDRA_ARGS)

generate: $(VENV)/.zoo ## Let it write: make generate ARGS="--prompt 'the film'"
	@$(VENV)/bin/python -m zoo.transformer.generate $(ARGS)

baseline: $(VENV)/.zoo ## Count words instead: make baseline data=sst2
	$(VENV)/bin/python -m zoo.transformer.baseline $(HYDRA_ARGS)

tensorboard: $(VENV)/.zoo ## Show every run in TensorBoard, on PORT (6006)
	$(VENV)/bin/tensorboard --logdir runs --port $(PORT)

# ----------------------------------------------------------------------------------------- tests
# One thread of NumPy's and of PyTorch's in each of several processes.

PYTEST = OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $1/bin/python -m pytest --numprocesses $(JOBS) --dist $(or $2,worksteal)

.PHONY: test test-slow test-data test-all parity
test: $(VENV)/.dev ## Run the default tests and the doctests
	$(call PYTEST,$(VENV)) -m "not slow and not data" $(ARGS)

test-slow: $(VENV)/.dev ## Run the slow tests
	$(call PYTEST,$(VENV),load --maxschedchunk 1) -m "slow and not data" tests $(ARGS)

test-data: $(VENV_VISION)/.test ## Run the tests that read the real data sets
	$(call PYTEST,$(VENV_VISION)) -m "data" tests $(ARGS)

parity: $(VENV_PARITY)/.parity ## Run the comparisons with PyTorch
	$(call PYTEST,$(VENV_PARITY)) tests/parity $(ARGS)

test-all: test test-slow test-data parity ## Run every test there is

# ------------------------------------------------------------------------------------- the house

.PHONY: lint types contracts format check clean
lint: $(VENV)/.dev ## Check style and formatting with ruff
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(VENV)/.dev ## Check types with mypy
	$(VENV)/bin/mypy

contracts: $(VENV)/.dev ## Check that imports only point down
	$(VENV)/bin/lint-imports

check: lint types contracts test ## Run what must pass before a commit

format: $(VENV)/.dev ## Format the code, and mend what ruff can mend
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

# ------------------------------------------------------------------------------------ benchmarks

.PHONY: bench bench-compare curves tables pictures
bench: $(VENV_PARITY)/.bench ## Measure against others; rewrite the tables
	$(VENV_PARITY)/bin/python -m benchmarks $(ARGS)
	$(VENV_PARITY)/bin/python -m benchmarks.readme

bench-compare: $(VENV_PARITY)/.bench ## Measure again; say what became more than 10 % slower
	$(VENV_PARITY)/bin/python -m benchmarks.compare $(ARGS)

curves: $(VENV_VISION)/.zoo ## Draw ResNet-18's curves, here and in PyTorch
	$(VENV_VISION)/bin/python -m benchmarks.curves $(ARGS)

tables: $(VENV)/.zoo ## Rewrite tables and pictures from the recorded results
	$(VENV)/bin/python -m zoo.receipts tables
	$(VENV)/bin/python -m benchmarks.readme

pictures: $(VENV)/.zoo ## Draw the pictures of the README again
	$(VENV)/bin/python -m zoo.mlp.compare hydra.sweep.dir=runs/pictures/optimizers
	cp runs/pictures/optimizers/comparison.png docs/optimizers.png
	$(VENV)/bin/python -m zoo.receipts tables

clean: ## Remove environments, caches, build products; not runs/
	rm -rf $(VENV) $(VENV_PARITY) $(VENV_VISION) build dist *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-20s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
