#!/usr/bin/env bash
# Tries the small arithmetic of the core on all there is: every number of 32 bits, every float, every set of slots.
#
# These are the tests that a plain `cargo test` ignores, since even in a release build they take a minute or two.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo test --release --quiet -p lobbywire-core --lib -- --ignored
