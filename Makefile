# Every task of the project, one word each; `make` alone lists them.
# Works with GNU make 3.81 (macOS) and later, and any POSIX shell.

# The folder that holds what `make run` opens, and the stage: `make run STAGE=1 DATA=/some/folder`.
DATA ?= ./corfu-cluster
STAGE ?= 7
# How many seeds `make simulate` and `make test` run, and the first of them.
SEEDS ?= 2000
SEED ?= 1
# How many clusters `make test` runs; one of them takes about as long as ten lives of a store.
CLUSTERS ?= 300
# How many of those with objects, which take longer.
OBJECTS ?= 300
# Of a folder's bytes, `make test` flips every how many-th, and cuts before it; every one (ROT_STEP=1)
# takes one to three minutes more.
ROT_STEP ?= 3

# Suites whose sessions are patient in real time; beside hundreds of others they would lose patience.
REAL_TIME := ^ClusterTests|^LibraryTests|LostPartTests|ProcessSessionTests|ClusterChecksTests|ClusterSessionTests|HealingSessionTests|UnitFolderTests|ProgramTests|LoopbackTests

# The modules that a program imports; `make docs` builds their documentation as one.
DOCUMENTED := Corfu CorfuClient CorfuCluster CorfuGlobalLog CorfuProtocol CorfuSequencer CorfuTransactions
DOCS := .build/docs

STEP := Scripts/step
CORFU := .build/release/corfu
SWIFT_TEST := env SWIFT_BACKTRACE=enable=no swift test --skip-build --disable-xctest
SOURCES = $(wildcard Package.swift Sources Tests Exercises)

# Only where the SDK lacks readline's header: Homebrew keeps its own out of the compiler's way.
ifeq ($(shell uname -s),Darwin)
ifeq ($(wildcard $(shell xcrun --show-sdk-path 2>/dev/null)/usr/include/readline/readline.h),)
BREW_READLINE := $(shell brew --prefix readline 2>/dev/null)
export CPATH := $(BREW_READLINE)/include
export LIBRARY_PATH := $(BREW_READLINE)/lib
endif
endif

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test course simulate specs bench docs format lint clean
.PHONY: bootstrap release test-format test-deploy test-swift test-prompts test-planted test-simulation test-allocations test-course test-specs

help: ## List these tasks
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

run: release ## Build, then open the prompt on a cluster in the folder DATA (./corfu-cluster)
	@exec $(CORFU) repl --stage $(STAGE) --data "$(DATA)"

# A new kind of test is a target of its own, named here in the order in which it should run.
test: bootstrap test-format test-deploy test-specs test-swift test-prompts test-simulation test-allocations test-planted test-course ## Run all tests

course: bootstrap ## Open the course: where you are, and what comes next
	@$(STEP) build-course "Building the course; the first time takes a minute or two" \
	  swift build --product course
	@exec .build/debug/course

simulate: release ## Run simulated clusters under faults: SEEDS of them, from SEED on
	@exec $(CORFU) simulate cluster --stage 6 --seed $(SEED) --seeds $(SEEDS)

specs: ## Check the models of the protocol, the larger sizes too (five minutes or more)
	@Scripts/specs --long

bench: release ## Measure the store beside what the machine can do
	@exec $(CORFU) bench store

docs: bootstrap ## Build the documentation of the libraries, in .build/docs; a broken link is an error
	@rm -rf $(DOCS)
	@$(STEP) -t 1 docs "Building the documentation; the first time takes some minutes" \
	  swift package --allow-writing-to-directory $(DOCS) generate-documentation \
	  --enable-experimental-combined-documentation $(addprefix --target ,$(DOCUMENTED)) \
	  --warnings-as-errors --output-path $(DOCS)

format: ## Format the sources in place
	@swift format --in-place --parallel --recursive $(SOURCES)

lint: ## Check the sources' format and the documentation of what is public
	@swift format lint --strict --parallel --recursive $(SOURCES)

clean: ## Remove what was built; logs stay
	@rm -rf .build

# What the tasks above stand on.

bootstrap:
	@Scripts/bootstrap

release: bootstrap
	@$(STEP) build-release "Building corfu; the first time takes some minutes" \
	  swift build -c release --product corfu

test-swift:
	@$(STEP) build-tests "Building the tests; the first time takes some minutes" \
	  swift build --build-tests
	@$(STEP) -t 1 test "Running the tests" $(SWIFT_TEST) --skip '$(REAL_TIME)'
	@$(STEP) -t 1 test-sessions "Running the tests that take real time, one after the other" \
	  $(SWIFT_TEST) --experimental-maximum-parallelization-width 1 --filter '$(REAL_TIME)'

# Not the exercises: how learners format is their own affair.
test-format:
	@$(STEP) test-format "Checking the format of the sources" \
	  swift format lint --strict --parallel --recursive Package.swift Sources Tests

# Needs neither Swift nor a build; says "skipped" of each check whose tool this machine lacks.
test-deploy:
	@$(STEP) -t 1 test-deploy "Checking what is deployed" Scripts/deploy-check

# Needs neither Swift nor a build; says "skipped" where there is no spin.
test-specs:
	@$(STEP) -t 1 test-specs "Checking the models of the protocol" Scripts/specs

# Tests run unoptimised; what users get is not.
test-prompts: release
	@for stage in 1 2 3 4 5 6 7; do \
	  $(STEP) -t 1 test-stage-$$stage "Opening stage $$stage as users get it" \
	  $(CORFU) repl --stage $$stage --memory -c "append hello" -c "read 0" -c "crash" || exit 1; done

test-simulation: release
	@$(STEP) -t 4 test-simulation "Simulating $(SEEDS) lives of a store" \
	  $(CORFU) simulate --seed $(SEED) --seeds $(SEEDS)
	@$(STEP) -t 1 test-sequencer "Simulating $(SEEDS) lives of a sequencer" \
	  $(CORFU) simulate sequencer --seed $(SEED) --seeds $(SEEDS)
	@$(STEP) -t 4 test-cluster "Simulating $(CLUSTERS) clusters" \
	  $(CORFU) simulate cluster --seed $(SEED) --seeds $(CLUSTERS)
	@$(STEP) -t 4 test-healing "Simulating $(CLUSTERS) clusters that look after themselves" \
	  $(CORFU) simulate cluster --stage 6 --seed $(SEED) --seeds $(CLUSTERS)
	@$(STEP) -t 3 test-objects "Simulating $(OBJECTS) clusters with objects" \
	  $(CORFU) simulate cluster --stage 7 --seed $(SEED) --seeds $(OBJECTS)
	@$(STEP) -t 2 test-mirrors "Simulating 300 lives of a log over many disks" \
	  $(CORFU) simulate mirrors --seed $(SEED) --seeds 300
	@$(STEP) -t 1 test-rot "Damaging a folder at every place, $(ROT_STEP) bytes apart" \
	  $(CORFU) simulate rot --step $(ROT_STEP)
	@for seed in 1 5 15 24 25 48; do \
	  $(STEP) -t 1 test-rot-$$seed "Damaging another folder, drawn from $$seed" \
	  $(CORFU) simulate rot --step 256 --seed $$seed || exit 1; done
	@$(STEP) -t 1 test-inject "Striking a fault at every call to the disk" \
	  $(CORFU) simulate inject --seeds 1

test-allocations: release
	@$(STEP) -t 3 test-allocations "Counting what an append allocates" \
	  Scripts/allocations $(CORFU)

test-planted:
	@$(STEP) build-planted "Building with the planted bugs" \
	  swift build -c release --product corfu-planted --traits PlantedBugs --scratch-path .build/planted
	@$(STEP) -t 1 test-planted "Looking for each of the planted bugs" \
	  .build/planted/release/corfu-planted

test-course:
	@$(STEP) -t 1 test-course "Proving the course: starters, references, mutants, texts" \
	  .build/debug/course verify --short
