#!/usr/bin/env bash
# Compares the tool's Bancho codec with chio, an independent implementation, in all client versions.
#
#   ci/oracle.sh [--packets N] [--seed S] [--build B]     compare random packets; fails on differences that
#                                                         ci/oracle/differences.py does not list
#   ci/oracle.sh golden                                   write core/tests/golden
#   ci/oracle.sh captures                                 write examples/captures
#
# LOBBYWIRE=path uses that program instead of building one.
set -euo pipefail
[ -z "${LOBBYWIRE:-}" ] || LOBBYWIRE=$(realpath "$LOBBYWIRE")
cd "$(dirname "$0")/.."

chio=chio==1.1.21
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
