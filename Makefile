# For a fresh machine: `make verify` runs all theory cases, `make test` all tests, `make reproduce` all
# experiments.
# Options of the program go in ARGS, as in `make verify ARGS="theorem-3.2 --full"`.

CARGO ?= cargo
SHELL := /bin/sh
.SHELLFLAGS := -euc
.ONESHELL:
.PHONY: help setup lint-setup verify reproduce test bench doc proofs

help:
	@echo "make verify     set up what is missing, build, run all theory cases, print the table"
	echo "make reproduce  every row of the paper's Table 2, with figures; goes on where it was stopped"
	echo "make test       formatting, lints, unit, property, integration and doc tests, documentation"
	echo "make bench      benchmarks"
	echo "make doc        the crate's documentation, in target/doc/flatproof"
	echo "make proofs     what stands in proofs/"
	echo "make setup      only set up what is missing"

# GMP's build needs m4, which few machines have; the rest is checked and left to the user.
setup:
	@command -v "$(CARGO)" >/dev/null || { echo "setup: cargo is missing; install Rust 1.89 or later, see https://rustup.rs" >&2; exit 1; }
	command -v cc >/dev/null || { echo "setup: a C compiler is missing; install one that answers to cc, for example gcc" >&2; exit 1; }
	if command -v m4 >/dev/null; then exit 0; fi
	echo "setup: m4 is missing (GMP is built from source with it); installing it"
	as_root=
	if [ "$$(id -u)" != 0 ]; then as_root=sudo; fi
	if command -v apt-get >/dev/null && { [ -z "$$as_root" ] || command -v sudo >/dev/null; } \
	    && $$as_root apt-get update && $$as_root apt-get install -y m4; then exit 0; fi
	echo "setup: could not install m4; install it with your package manager and run make again" >&2
	exit 1

lint-setup:
	@for part in fmt clippy; do
	    "$(CARGO)" $$part --version >/dev/null 2>&1 || { echo "make test: cargo $$part is missing; run: rustup component add rustfmt clippy" >&2; exit 1; }
	done

verify: setup
	@"$(CARGO)" build --release --locked
	"$(CARGO)" run --release --locked --quiet -- verify $(ARGS)

reproduce: setup
	@"$(CARGO)" build --release --locked
	"$(CARGO)" run --release --locked --quiet -- reproduce --resume $(ARGS)

# A crate that uses ours; with our lock file and target directory it shares what is compiled.
DOWNSTREAM := examples/downstream

# Clippy over all targets also compiles the benches.
test: setup lint-setup
	"$(CARGO)" fmt --all --check
	"$(CARGO)" clippy --locked --all-targets --all-features -- -D warnings
	"$(CARGO)" test --locked --all-features
	cp Cargo.lock $(DOWNSTREAM)/Cargo.lock
	CARGO_TARGET_DIR="$$PWD/target" "$(CARGO)" test --manifest-path $(DOWNSTREAM)/Cargo.toml
	RUSTDOCFLAGS="-D warnings" "$(CARGO)" doc --locked --no-deps --all-features

bench: setup
	"$(CARGO)" bench --locked $(ARGS)

doc: setup
	"$(CARGO)" doc --locked --no-deps --all-features

proofs:
	@count=$$(find proofs -name '*.v' | wc -l)
	echo "proofs/ holds $$count Coq files."
	if [ "$$count" = 0 ]; then echo "Nothing is proved there yet; proofs/README.md says what will come."; fi
