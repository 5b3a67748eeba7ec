#!/usr/bin/env bash
# Prints how fast the codec is, as ratios against peers and against physical limits in one run, and compares the
# instructions that it takes with ci/bench/instructions.json; more than 3 % more of them fail.
#
#   ci/bench.sh                        all of it
#   ci/bench.sh faf | lazer            one table
#   ci/bench.sh instructions           the instructions
#   ci/bench.sh instructions --store   writes them down; the commit says why there are more
set -euo pipefail
cd "$(dirname "$0")/.."

gungraun=0.20.0 # as ci/bench/Cargo.toml has it
chio=chio==1.1.20
packages=(osu-packet@4.1.2 @microsoft/signalr@10.0.11 @microsoft/signalr-protocol-msgpack@10.0.11)
peers=$PWD/target/bench-peers

instructions() {
  command -v valgrind >/dev/null || {
    apt-get -o DPkg::Lock::Timeout=120 update -qq
    apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends valgrind >/dev/null
  }
  [ "$(gungraun-runner --version 2>/dev/null)" = "gungraun-runner $gungraun" ] ||
    cargo install gungraun-runner --version "=$gungraun" --locked --quiet
  mkdir -p target
  (cd ci/bench && cargo bench --quiet --bench instructions -- --output-format=json) >target/instructions.json
  python3 ci/bench/instructions.py target/instructions.json "$(rustc --version | cut -d' ' -f2)" "$@"
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
      target/release/lobbywire-bench --optimized target/lto/lobbywire-bench
    cd ../..
    instructions
    ;;
  *)
    cd ci/bench
    cargo run --quiet --release -- "$@"
    ;;
esac
