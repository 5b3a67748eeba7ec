#!/usr/bin/env bash
# Checks formatting, clippy and rustdoc in all workspaces; warnings are errors.
set -euo pipefail
cd "$(dirname "$0")/.."

for workspace in . ci/bench ci/no_std examples/firmware fuzz; do
  cargo fmt --manifest-path "$workspace/Cargo.toml" --all --check
done

# One target directory: the workspaces share many dependencies in the same versions.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
# ci/features.sh lints the libraries with other features.
cargo clippy --workspace --all-targets --all-features --quiet -- -D warnings
cargo clippy --manifest-path fuzz/Cargo.toml --all-targets --quiet -- -D warnings
cargo clippy --manifest-path ci/bench/Cargo.toml --all-targets --quiet -- -D warnings
firmware=(--manifest-path examples/firmware/Cargo.toml --quiet)
cargo clippy "${firmware[@]}" -p lobbywire-firmware-measure -- -D warnings
if rustup target add thumbv7m-none-eabi; then
  cargo clippy "${firmware[@]}" --target thumbv7m-none-eabi --features gzip -- -D warnings
fi

export RUSTDOCFLAGS="-D warnings"
cargo doc --workspace --all-features --no-deps --quiet
cargo doc --workspace --no-deps --quiet
echo "lint: clean"
