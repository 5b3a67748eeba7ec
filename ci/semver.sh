#!/usr/bin/env bash
# Compares the public interface of both crates with that of a revision, by default of the last tag: fails where the
# version in Cargo.toml promises more than is kept. `ci/semver.sh REVISION` takes another one.
#
# Not part of .ci/run, since cargo-semver-checks, which it installs, takes minutes to build; it is for whoever releases.
set -euo pipefail
cd "$(dirname "$0")/.."

baseline=${1:-$(git describe --tags --abbrev=0 2>/dev/null || true)}
if [ -z "$baseline" ]; then
  echo "semver: nothing was released yet, so that there is nothing to compare with"
  exit 0
fi
cargo semver-checks --version >/dev/null 2>&1 || cargo install cargo-semver-checks --locked --quiet
cargo semver-checks --workspace --exclude lobbywire-cli --all-features --baseline-rev "$baseline"
