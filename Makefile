# Each target is what CI runs.
CARGO ?= cargo
PYTHON ?= python3
# Everything that a build can have.
ALL = manifill-vault/full,manifill-vault/suite,manifill/full,manifill/shared,manifill-argocd/server

.PHONY: demo test lint e2e bench fuzz docs dist dist-check

## The main job, offline, on the example manifests.
demo:
	$(CARGO) run -- generate examples/manifests/homelab -c examples/manifests/homelab/manifill.yaml

## All tests; the Python ones make a .venv at the root, from pinned packages. Property tests try the
## same cases in every run, so that a run judges the change; PROPTEST_RNG_SEED=2 tries others.
test: export PROPTEST_RNG_SEED ?= 1
test:
	$(CARGO) test --workspace --features $(ALL)
	PYTHON=$(PYTHON) ./bindings/python/test.sh

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --features $(ALL),manifill-e2e/servers -- -D warnings
	./ci/features.sh
	$(PYTHON) ci/dependencies.py
	./ci/slim.sh
	./ci/arrows.sh
	$(PYTHON) ci/circles.py
	./ci/readme.sh

## Real servers and real clients, from pinned packages.
e2e:
	$(CARGO) test -p manifill-e2e --features servers
	./ci/msrv.sh
	PYTHON=$(PYTHON) ./bindings/python/sdist.sh
	PYTHON=$(PYTHON) ./ci/workflows.sh

bench:
	$(CARGO) bench -p manifill-benches
	./benches/compare.py
	.venv/bin/python benches/python/compare.py
	.venv/bin/python benches/growth.py

## Ten seconds of each fuzz target; needs the nightly toolchain and cargo-fuzz.
fuzz:
	./fuzz/run.sh 10

docs:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --features $(ALL)
	$(CARGO) run --quiet -p manifill-cli --example man -- target/man

## The files of a release for this machine, in the folder `dist`.
dist:
	./ci/dist/dist.sh

## Builds what `dist` ships twice, in different folders, and compares the bytes. Not run by CI.
dist-check:
	./ci/dist/check.sh
