#!/usr/bin/env bash
# Makes the golden vectors and the captures again, and fails where they are not what is in the repository.
set -euo pipefail
cd "$(dirname "$0")/.."

fresh=target/fresh
rm -rf "$fresh"
mkdir -p "$fresh"
ci/oracle.sh --out "$fresh" golden
ci/oracle.sh --out "$fresh" captures
diff -r "$fresh/core/tests/golden" core/tests/golden
diff -r "$fresh/examples/captures" examples/captures
echo "fresh: golden vectors and captures are as they would be made now"
