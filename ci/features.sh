#!/usr/bin/env bash
# Checks both crates with every combination of features that could matter, and with the oldest Rust that they declare.
#
# Installs cargo-hack, and that Rust; where it can't be had, what is declared of it is not tested, and the last line
# says so.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo hack --version >/dev/null 2>&1 || cargo install cargo-hack --locked --quiet
mkdir -p target
# Nothing is checked twice.
export CARGO_INCREMENTAL=0

combinations() {
  local log=target/features-$2.log
  RUSTFLAGS="-D warnings" CARGO_TERM_QUIET=true \
    cargo hack check --locked --target-dir "target/features-$2" "$@" >"$log" 2>&1 || {
    tail -40 "$log"
    return 1
  }
  echo "features: $(grep -c '^info: running' "$log") combinations hold ($*)"
}

# Without a protocol, and with each by itself, every other feature by itself; with all of them (SignalR comes with
# lazer) every pair of the others: no condition in the code has more than two features besides the protocols. Two that
# touch nothing of each other go together.
core() {
  local family
  combinations -p lobbywire-core --each-feature
  for family in bancho faf lazer signalr; do
    combinations -p lobbywire-core --features "$family" --each-feature --exclude-features default \
      --exclude-no-default-features
  done
  combinations -p lobbywire-core --features bancho,faf,lazer --feature-powerset --depth 2 \
    --exclude-features default --group-features defmt,heapless-v0.9
}

# What SignalR and the hubs on it add touches nothing of the rest: they have their own combinations. Every combination
# is held of what there is besides.
adapter() {
  local signalr=signalr,signalr-client,signalr-server,rustls
  combinations -p lobbywire --feature-powerset --exclude-features "default,arbitrary,lazer,$signalr,_signalr-connection"
  combinations -p lobbywire --feature-powerset --exclude-no-default-features --include-features "lazer,$signalr"
  combinations -p lobbywire --features lazer --feature-powerset --include-features arbitrary,laws,tokio
}

oldest_rust() {
  local oldest features
  oldest=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  # Two numbers are the first patch to cargo, and the last one to rustup.
  [[ $oldest == *.*.* ]] || oldest=$oldest.0
  if ! rustup run "$oldest" rustc --version >/dev/null 2>&1 &&
    ! timeout 300 rustup toolchain install "$oldest" --profile minimal --no-self-update >target/features-rustup.log 2>&1; then
    tail -3 target/features-rustup.log
    echo "features: Rust $oldest can't be had here: that it is enough is NOT TESTED"
    return
  fi
  # What it warns of is the newest's affair.
  for features in "--workspace --all-features" "-p lobbywire-core --no-default-features --features bancho,small"; do
    # shellcheck disable=SC2086 # several words on purpose
    RUSTFLAGS="-A warnings" cargo "+$oldest" check --locked --quiet --target-dir target/features-oldest $features
  done
  echo "features: Rust $oldest is enough"
}

# One after the other a check keeps one processor busy: two at a time.
core &
of_core=$!
# Where the others fail, nothing goes on behind the message that says so.
trap 'kill "$of_core" 2>/dev/null || true; wait' EXIT
adapter
oldest_rust
wait "$of_core"
