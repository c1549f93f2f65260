# Every task of the project, one word each; `make` alone lists them.
# Works with GNU make 3.81 (macOS) and later, and any POSIX shell.

# The folder that holds the log which `make run` opens: `make run DATA=/some/folder`.
DATA ?= .corfu/log
# How many seeds `make simulate` runs, and the first of them.
SEEDS ?= 300
SEED ?= 1

STEP := Scripts/step
CORFU := .build/release/corfu
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
.PHONY: help run test course simulate bench format lint clean
.PHONY: bootstrap release test-swift test-planted test-simulation

help: ## List these tasks
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

run: release ## Build, then open the prompt on a log in the folder DATA (.corfu/log)
	@mkdir -p "$(DATA)" && exec $(CORFU) repl --data "$(DATA)"

# A new kind of test is a target of its own, named here in the order in which it should run.
# Ready, for when there is something to run: test-planted test-simulation.
test: bootstrap test-swift ## Run all tests

course: ## Open the course: its map, and where to begin
	@if [ -f Chapters/README.md ]; then cat Chapters/README.md; \
	  echo; echo "Begin with Chapters/01-global-log/README.md; its exercise is in Exercises/."; \
	else echo "The course has no chapter yet. Begin with README.md and docs/architecture.md."; fi

simulate: release ## Run simulated clusters under faults: SEEDS of them, from SEED on
	@exec $(CORFU) simulate --seed $(SEED) --seeds $(SEEDS)

bench: release ## Measure the store beside what the machine can do
	@exec $(CORFU) bench store

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
	@$(STEP) -t 1 test "Running the tests" \
	  env SWIFT_BACKTRACE=enable=no swift test --skip-build --disable-xctest

test-planted:
	@$(STEP) -t 1 test-planted "Looking for the planted bugs, in a build that has them" \
	  env SWIFT_BACKTRACE=enable=no swift test --traits PlantedBugs \
	  --scratch-path .build/planted --disable-xctest --filter PlantedBug

test-simulation: release
	@$(STEP) -t 1 test-simulation "Simulating $(SEEDS) seeds" \
	  $(CORFU) simulate --seed $(SEED) --seeds $(SEEDS)
