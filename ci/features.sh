#!/usr/bin/env bash
# Lints both libraries with different sets of features.
#
#   ci/features.sh            no features, each feature alone, and all features
#   ci/features.sh powerset   also the combinations that code depends on, which takes about 20 minutes
set -euo pipefail
cd "$(dirname "$0")/.."

export PATH="$PWD/target/tools/bin:$PATH"
ci/install-tool.sh cargo-hack

combinations() {
  local log=target/features.log
  # Clippy, unlike RUSTFLAGS, denies warnings without compiling the dependencies again.
  CARGO_TERM_QUIET=true cargo hack clippy --locked "$@" -- -D warnings >"$log" 2>&1 || {
    tail -40 "$log"
    return 1
  }
  echo "features: $(grep -c '^info: running' "$log") combinations pass ($*)"
}

if [ "${1:-}" != powerset ]; then
  combinations -p lobbywire-core -p lobbywire --each-feature
  exit
fi

# The core: with each family alone, each other feature; with all families, each pair of other features. No code depends
# on more than two features besides the families. defmt and heapless are independent of each other.
for family in bancho faf lazer signalr; do
  combinations -p lobbywire-core --features "$family" --each-feature --exclude-features default \
    --exclude-no-default-features
done
combinations -p lobbywire-core --features bancho,faf,lazer --feature-powerset --depth 2 \
  --exclude-features default --group-features defmt,heapless-v0.9

# The adapter: SignalR and the hubs are independent of the other features, so they have their own combinations.
signalr=signalr,signalr-client,signalr-server,rustls
combinations -p lobbywire --feature-powerset --exclude-features "default,arbitrary,lazer,$signalr,_signalr-connection"
combinations -p lobbywire --feature-powerset --exclude-no-default-features --include-features "lazer,$signalr"
combinations -p lobbywire --features lazer --feature-powerset --include-features arbitrary,laws,tokio
