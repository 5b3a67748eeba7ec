#!/usr/bin/env bash
# Runs the checks that are too slow for .ci/run, in about two hours on two cores. Continues after a failed check, and
# fails at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_TEST_DEBUG=0

failed=()
step() {
  printf '\n== %3d:%02d  %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"
  "$@" || failed+=("$*")
}

step ci/deny.sh advisories
step ci/features.sh powerset
step ci/exhaustive.sh
step ci/fresh.sh
step ci/coverage.sh
step ci/miri.sh
step ci/fuzz.sh 3600
step ci/bench.sh
printf '\n== %3d:%02d  %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "${#failed[@]} failed"
printf '%s\n' "${failed[@]}"
[ ${#failed[@]} -eq 0 ]
