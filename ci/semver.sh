#!/usr/bin/env bash
# Compares the public API of both libraries with that of the last tag, or of a revision: `ci/semver.sh REVISION`. Fails
# if the versions in Cargo.toml allow fewer changes than there are.
#
# Run it before a release. It is not part of .ci/run, because cargo-semver-checks takes minutes to install.
set -euo pipefail
cd "$(dirname "$0")/.."

baseline=${1:-$(git describe --tags --abbrev=0 2>/dev/null || true)}
if [ -z "$baseline" ]; then
  echo "semver: SKIPPED, there is no release to compare with"
  exit 0
fi
export PATH="$PWD/target/tools/bin:$PATH"
ci/install-tool.sh cargo-semver-checks
cargo semver-checks --workspace --exclude lobbywire-cli --all-features --baseline-rev "$baseline"
