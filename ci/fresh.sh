#!/usr/bin/env bash
# Generates the golden vectors and captures again, and fails if they differ from those in the repository.
set -euo pipefail
cd "$(dirname "$0")/.."

fresh=target/fresh
rm -rf "$fresh"
mkdir -p "$fresh"
ci/oracle.sh --out "$fresh" golden
ci/oracle.sh --out "$fresh" captures
diff -r "$fresh/core/tests/golden" core/tests/golden
diff -r "$fresh/examples/captures" examples/captures
echo "fresh: golden vectors and captures are up to date"
