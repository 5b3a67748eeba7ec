#!/usr/bin/env bash
# Writes docs/reference from the packet and layout rows of lobbywire-core.
#
#   ci/reference.sh           writes the pages
#   ci/reference.sh --check   fails if a page, or the chart in docs/performance.svg, is out of date
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p target
cargo run --quiet -p lobbywire-core --example packet_table >target/packet-table.csv
python3 ci/reference.py target/packet-table.csv "$@"
if [ "${1:-}" = --check ]; then
  python3 ci/bench/chart.py --check
fi
