#!/usr/bin/env bash
# Holds what every workspace here depends on to deny.toml: licences, duplicates, sources, and known vulnerabilities.
#
# Those come from a repository on GitHub; where that can't be reached they are not checked, and the last line says so.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo deny --version >/dev/null 2>&1 || cargo install cargo-deny --locked --quiet
log=target/deny.log
mkdir -p target

# What is not met with in one workspace is in another.
deny() {
  local workspace=$1
  shift
  cargo deny --locked --manifest-path "$workspace/Cargo.toml" --config deny.toml check \
    --allow license-not-encountered --allow license-exception-not-encountered --allow unmatched-skip \
    "$@" >"$log" 2>&1
}

is_told=yes
for workspace in . fuzz ci/bench ci/no_std examples/firmware; do
  deny "$workspace" licenses bans sources || {
    cat "$log"
    echo "deny: $workspace does not hold"
    exit 1
  }
  if deny "$workspace" advisories; then
    continue
  elif grep -q "failed to fetch advisory database" "$log"; then
    is_told=
  else
    cat "$log"
    exit 1
  fi
done
echo "deny: licences, duplicates and sources of five workspaces hold"
if [ -n "$is_told" ]; then
  echo "deny: no vulnerability of what they depend on is known"
else
  echo "deny: the list of vulnerabilities can't be had here: that none is known is NOT CHECKED"
fi
