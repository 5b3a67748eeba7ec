#!/usr/bin/env bash
# Prints how fast the codec is, as ratios against bancho-packets and against physical limits in one run.
set -euo pipefail
cd "$(dirname "$0")/bench"

cargo run --release --quiet -- "$@"
