#!/usr/bin/env bash
# Tests the FAF connections against a peer written with Python's struct, json and codecs: both roles, both framings and
# both modes. Fails if any byte differs from what the lobby server would write.
set -euo pipefail
cd "$(dirname "$0")/.."

# --workspace selects the same features as the README's test command, so nothing is compiled again.
cargo test --quiet --workspace --test python_peer -- --ignored
