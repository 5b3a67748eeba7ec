#!/usr/bin/env bash
# Compares the tool's Bancho codec with chio's, an independent one, over all client versions.
#
#   ci/oracle.sh [--packets N] [--seed S] [--version B]   random packets both ways; fails on what ci/oracle/differences.py does not explain
#   ci/oracle.sh golden                                   writes core/tests/golden
#   ci/oracle.sh captures                                 writes examples/captures
#
# LOBBYWIRE=path takes that program instead of building one.
set -euo pipefail
[ -z "${LOBBYWIRE:-}" ] || LOBBYWIRE=$(realpath "$LOBBYWIRE")
cd "$(dirname "$0")/.."

chio=chio==1.1.20
venv=target/oracle-venv

if [ ! -e "$venv/$chio" ]; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "$chio"
  touch "$venv/$chio"
fi

if [ -z "${LOBBYWIRE:-}" ]; then
  cargo build --release --quiet -p lobbywire-cli
  LOBBYWIRE=target/release/lobbywire
fi

PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=ci exec "$venv/bin/python" -m oracle --tool "$LOBBYWIRE" --out . "$@"
