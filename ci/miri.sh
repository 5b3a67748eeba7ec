#!/usr/bin/env bash
# Runs tests of the core in Miri: the crates that it builds on may be unsafe where it is not, and must do nothing
# undefined with what it gives them. Once on a machine whose bytes are the other way round and whose `usize` has 32
# bits, where a codec that is careless of either shows.
#
# Miri takes a thousand times as long. Left out are the tests over all there is (exhaustive, and those that walk a
# table of countries or of texts many times), whose arithmetic ci/exhaustive.sh tries, and the vectors, which
# other tests hold.
set -euo pipefail
cd "$(dirname "$0")/.."

rustup run nightly rustc --version >/dev/null 2>&1 || rustup toolchain install nightly --profile minimal --no-self-update
rustup component add --toolchain nightly miri rust-src

export MIRIFLAGS=-Zmiri-disable-isolation
