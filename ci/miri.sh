#!/usr/bin/env bash
# Runs tests of the core in Miri, which detects undefined behaviour in the dependencies' unsafe code. Tests the host and
# a 32-bit big-endian target.
#
# Miri is about a thousand times slower, so properties run on fewer packets and versions. Skipped are tests with long
# payloads or exhaustive inputs (see ci/exhaustive.sh), and safe code that takes minutes each: the inflater, logins,
# links, countries and the golden vectors.
set -euo pipefail
cd "$(dirname "$0")/.."

rustup run nightly rustc --version >/dev/null 2>&1 || rustup toolchain install nightly --profile minimal --no-self-update
rustup component add --toolchain nightly miri rust-src

long=(exhaustive inflate strings_round_trip inflating_stops_when stored_members_are members_of_flate2 truncations_and_flipped
  checksums_match values_are_written_as_python every_fifth)
modules=(wire:: bancho::embedded bancho::mods bancho::payload bancho::results)
skipped=()
for test in "${long[@]}"; do
  grep -rqE "(fn|mod) \w*$test" core/src || {
    echo "miri: no test is named $test; update the list" >&2
    exit 1
  }
  skipped+=(--skip "$test")
done

for target in "$(rustc -vV | sed -n 's/^host: //p')" powerpc-unknown-linux-gnu; do
  miri=(cargo +nightly miri test --locked --quiet --target "$target" --target-dir target/miri -p lobbywire-core)
  "${miri[@]}" --lib --features embedded-io-v0.7,embedded-io-async-v0.7 -- "${modules[@]}" "${skipped[@]}"
  "${miri[@]}" --test any_packet
  echo "miri: no undefined behaviour on $target"
done
