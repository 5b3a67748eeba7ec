#!/usr/bin/env bash
# Puts Python's own struct, json and codecs on the other end of the FAF lobby's connections, in both roles, both
# framings and both modes; fails where a byte that comes back is not what the lobby server would write.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo test --quiet -p lobbywire --test python_peer -- --ignored
