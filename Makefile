# Each target is what CI runs.
CARGO ?= cargo
PYTHON ?= python3

.PHONY: demo test lint conformance bench fuzz docs

## The main job, offline, on the example manifests.
demo:
	$(CARGO) run --release -- generate examples/manifests/homelab -c examples/manifests/homelab/manifill.yaml

## All tests that need neither a network nor other programs.
test:
	$(CARGO) test --workspace --features manifill-vault/full,manifill-vault/conformance,manifill/full

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --features manifill-vault/full,manifill-vault/conformance,manifill/full -- -D warnings
	./ci/slim.sh
	./ci/readme.sh

## Real servers and real clients, from pinned packages.
conformance:
	$(CARGO) test -p manifill-conformance --features servers

bench:
	$(CARGO) bench -p manifill-benches
	./benches/compare.py

## Ten seconds of each fuzz target; needs the nightly toolchain and cargo-fuzz.
fuzz:
	./fuzz/run.sh 10

docs:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --features manifill-vault/full,manifill-vault/conformance,manifill/full
