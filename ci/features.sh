#!/usr/bin/env bash
# Lints both libraries with different sets of features.
#
#   ci/features.sh            no features, and each feature alone; ci/lint.sh covers all features
#   ci/features.sh powerset   also the combinations that code depends on, which takes about 20 minutes
set -euo pipefail
cd "$(dirname "$0")/.."

export PATH="$PWD/target/tools/bin:$PATH"
ci/install-tool.sh cargo-hack

# Clippy, unlike RUSTFLAGS, denies warnings without compiling the dependencies again.
combinations() {
  local package=$1 log=target/features-$1.log
  CARGO_TERM_QUIET=true cargo hack clippy --locked -p "$@" -- -D warnings >"$log" 2>&1 || {
    tail -40 "$log"
    return 1
  }
  echo "features: $(grep -c '^info: running' "$log") combinations of $package pass (${*:2})"
}

# With each family alone, each other feature; with all families, each pair of other features. No code depends on more than
# two features besides the families. defmt and heapless are independent of each other.
core_powerset() {
  local family
  for family in bancho faf lazer signalr; do
    combinations lobbywire-core --features "$family" --each-feature --exclude-features default \
      --exclude-no-default-features
  done
  combinations lobbywire-core --features bancho,faf,lazer --feature-powerset --depth 2 \
    --exclude-features default --group-features defmt,heapless-v0.9
}

# SignalR and the hubs are independent of the other features, so they have their own combinations.
adapter_powerset() {
  local signalr=signalr,signalr-client,signalr-server,rustls
  combinations lobbywire --feature-powerset --exclude-features "default,arbitrary,lazer,$signalr,_signalr-connection"
  combinations lobbywire --feature-powerset --exclude-no-default-features --include-features "lazer,$signalr"
  combinations lobbywire --features lazer --feature-powerset --include-features arbitrary,laws,tokio
}

# A check of one crate uses one processor, so the two libraries run at the same time, in different target directories.
(
  export CARGO_TARGET_DIR=$PWD/target/features
  combinations lobbywire-core --each-feature --exclude-all-features
  [ "${1:-}" != powerset ] || core_powerset
) &
core=$!
trap 'kill "$core" 2>/dev/null || true; wait' EXIT
# No user selects the private feature that both ends of SignalR share.
combinations lobbywire --each-feature --exclude-all-features --exclude-features _signalr-connection
[ "${1:-}" != powerset ] || adapter_powerset
wait "$core"
