#!/usr/bin/env bash
# Puts Microsoft's own JavaScript client of SignalR, from npm, on our hubs over real sockets, in both encodings, and
# its writers and parsers on random messages.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=target/node
if ! cmp -s std-adapter/tests/node/package.json "$packages/package.json" || [ ! -e "$packages/installed" ]; then
  rm -rf "$packages"
  mkdir -p "$packages"
  cp std-adapter/tests/node/package.json "$packages/"
  # A lock file would say where the packages were had.
  npm install --prefix "$packages" --no-package-lock --ignore-scripts --no-audit --no-fund --silent
  touch "$packages/installed"
fi

NODE_PATH=$PWD/$packages/node_modules cargo test --quiet -p lobbywire --test signalr_npm -- --ignored
