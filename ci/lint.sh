#!/usr/bin/env bash
# Formatting, clippy and rustdoc, with warnings as errors; the own workspaces of fuzzing, benchmarks and firmware too.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo fmt --all --check
cargo fmt --manifest-path ci/bench/Cargo.toml --check
cargo fmt --manifest-path ci/no_std/Cargo.toml --check
cargo fmt --manifest-path examples/firmware/Cargo.toml --all --check
cargo fmt --manifest-path fuzz/Cargo.toml --check
cargo clippy --manifest-path fuzz/Cargo.toml --target-dir target/fuzz --all-targets --quiet -- -D warnings
cargo clippy --manifest-path ci/bench/Cargo.toml --all-targets --quiet -- -D warnings
cargo clippy --workspace --all-targets --all-features --quiet -- -D warnings
cargo clippy -p lobbywire-core --no-default-features --quiet -- -D warnings
cargo clippy -p lobbywire-core --no-default-features --features bancho --quiet -- -D warnings
cargo clippy -p lobbywire --all-targets --no-default-features --quiet -- -D warnings
cargo clippy -p lobbywire --no-default-features --quiet -- -D warnings
cargo clippy -p lobbywire-core --quiet -- -D warnings
firmware=(--manifest-path examples/firmware/Cargo.toml --quiet)
cargo clippy "${firmware[@]}" -p lobbywire-firmware-measure -- -D warnings
if rustup target add thumbv7m-none-eabi; then
  cargo clippy "${firmware[@]}" --target thumbv7m-none-eabi --features gzip -- -D warnings
fi
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps --quiet
echo "lint: clean"
