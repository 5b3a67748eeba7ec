#!/usr/bin/env bash
# Tests the SignalR hubs against Microsoft's JavaScript client from npm: over sockets in both encodings, and its writers
# and parsers on random messages.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=target/node
if ! cmp -s std-adapter/tests/node/package.json "$packages/package.json" || [ ! -e "$packages/installed" ]; then
  rm -rf "$packages"
  mkdir -p "$packages"
  cp std-adapter/tests/node/package.json "$packages/"
  # A lock file would contain the address of the registry.
  npm install --prefix "$packages" --no-package-lock --ignore-scripts --no-audit --no-fund --silent
  touch "$packages/installed"
fi

# --workspace selects the same features as the README's test command, so nothing is compiled again.
NODE_PATH=$PWD/$packages/node_modules cargo test --quiet --workspace --test signalr_npm -- --ignored
