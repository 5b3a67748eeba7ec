#!/usr/bin/env bash
# Checks the workspace with the oldest supported Rust, which is `rust-version` in Cargo.toml. Skipped if rustup cannot
# install it.
set -euo pipefail
cd "$(dirname "$0")/.."

# Cargo reports 1.88 as 1.88.0, and rustup installs the newest patch release under the name 1.88.
msrv=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml).0
mkdir -p target
if ! rustup run "$msrv" cargo --version >/dev/null 2>&1 &&
  ! timeout 300 rustup toolchain install "$msrv" --profile minimal --no-self-update >target/msrv.log 2>&1; then
  rustup toolchain uninstall "$msrv" >/dev/null 2>&1 || true # a partial installation
  echo "msrv: SKIPPED, rustup cannot install Rust $msrv"
  exit 0
fi
# Old compilers lack lints and have false positives.
export RUSTFLAGS="-A warnings"
cargo "+$msrv" check --locked --quiet --target-dir target/msrv --workspace --all-features
cargo "+$msrv" check --locked --quiet --target-dir target/msrv -p lobbywire-core --no-default-features --features bancho,small
echo "msrv: Rust $msrv compiles the workspace"
