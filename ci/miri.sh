#!/usr/bin/env bash
# Runs tests of the core in Miri: what it builds on may be unsafe where it is not, and must do nothing undefined with
# what it gives it. Again for a machine whose bytes are the other way round and whose `usize` has 32 bits, where a
# codec that is careless of either shows.
#
# Miri takes a thousand times as long. Any packets keep the laws, fewer than usual and in some versions; strings,
# sinks, numbers, payloads, streams and checksums are whole. Left out are tests over long payloads or over all there is
# (ci/exhaustive.sh has these), our own inflater, logins, links and countries, which are safe code all the way down
# and take minutes each, and the golden vectors, whose packets are no others.
set -euo pipefail
cd "$(dirname "$0")/.."

rustup run nightly rustc --version >/dev/null 2>&1 || rustup toolchain install nightly --profile minimal --no-self-update
rustup component add --toolchain nightly miri rust-src

long=(exhaustive inflate strings_round_trip a_bomb another_gzip we_read_what every_truncation the_checksum_is values_are_written_as_python
  every_fifth)
modules=(wire:: bancho::embedded bancho::mods bancho::payload bancho::results)
skipped=()
for test in "${long[@]}"; do
  skipped+=(--skip "$test")
done

for target in "$(rustc -vV | sed -n 's/^host: //p')" powerpc-unknown-linux-gnu; do
  miri=(cargo +nightly miri test --locked --quiet --target "$target" --target-dir target/miri -p lobbywire-core)
  "${miri[@]}" --lib --features embedded-io-v0.7,embedded-io-async-v0.7 -- "${modules[@]}" "${skipped[@]}"
  "${miri[@]}" --test any_packet
  echo "miri: nothing undefined on $target"
done
