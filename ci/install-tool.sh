#!/usr/bin/env bash
# Installs tools that cargo does not come with into target/tools: prebuilt binaries from PyPI where they exist, else from
# source.
#
#   export PATH="$PWD/target/tools/bin:$PATH"
#   ci/install-tool.sh cargo-hack
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$PWD/target/tools

prebuilt() {
  [ -x "$tools/bin/pip" ] || python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check "astral-dev-toolchain-$1==$2" ||
    from_source "$1" "$2" # no binary for this platform
}

from_source() {
  # Compiling takes longer than running, so without optimization.
  cargo install --quiet --locked --debug --root "$tools" "$1" --version "=$2"
}

mkdir -p "$tools"
for tool in "$@"; do
  case $tool in
    cargo-deny) version=0.20.2 install=prebuilt ;;
    cargo-fuzz) version=0.13.2 install=prebuilt ;;
    cargo-hack) version=0.6.45 install=prebuilt ;;
    cargo-semver-checks) version=0.51.0 install=from_source ;;
    *)
      echo "install-tool: no version of $tool is listed in $0" >&2
      exit 2
      ;;
  esac
  [ -e "$tools/$tool-$version" ] || {
    "$install" "$tool" "$version"
    touch "$tools/$tool-$version"
  }
done
