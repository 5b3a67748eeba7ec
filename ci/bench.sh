#!/usr/bin/env bash
# Prints the codec's speed as ratios to peers and to physical limits, measured in the same run, and compares instruction
# counts with ci/bench/instructions.json. Fails if a count grew by more than 1 %.
#
#   ci/bench.sh                        all tables; writes docs/performance.csv and its chart, docs/performance.svg
#   ci/bench.sh faf | lazer            one table
#   ci/bench.sh instructions           only the instruction counts
#   ci/bench.sh instructions --store   write ci/bench/instructions.json; give the reason in the commit message
set -euo pipefail
cd "$(dirname "$0")/.."

chio=chio==1.1.21
packages=(osu-packet@4.1.2 @microsoft/signalr@10.0.11 @microsoft/signalr-protocol-msgpack@10.0.11)
peers=$PWD/target/bench-peers

instructions() {
  command -v valgrind >/dev/null || {
    apt-get -o DPkg::Lock::Timeout=120 update -qq
    apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends valgrind >/dev/null
  }
  python3 ci/bench/instructions.py "$@"
}

install_peers() {
  if [ ! -e "$peers/$chio" ]; then
    python3 -m venv --clear "$peers/python"
    "$peers/python/bin/pip" install --quiet --disable-pip-version-check "$chio"
    touch "$peers/$chio"
  fi
  [ -d "$peers/node_modules/osu-packet" ] ||
    npm install --prefix "$peers" --no-package-lock --ignore-scripts --no-audit --no-fund --silent "${packages[@]}"
}

case ${1:-} in
  instructions)
    shift
    instructions "$@"
    ;;
  "")
    install_peers
    cd ci/bench
    cargo build --quiet --release
    cargo build --quiet --profile lto
    PEERS_PYTHON=$peers/python/bin/python PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$PWD/.. NODE_PATH=$peers/node_modules \
      target/release/lobbywire-bench --optimized target/lto/lobbywire-bench --figures ../../docs/performance.csv
    cd ../..
    echo
    python3 ci/bench/chart.py
    instructions
    ;;
  *)
    cd ci/bench
    cargo run --quiet --release -- "$@"
    ;;
esac
