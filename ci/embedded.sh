#!/usr/bin/env bash
# Builds the firmware for a Cortex-M3, runs it in QEMU, and holds what it takes to examples/firmware/budgets.toml.
#
# Installs what that needs. Where rustup has no such target, Debian's Rust builds one from its sources:
# LOBBYWIRE_BUILD_STD=1 asks for that.
set -euo pipefail
cd "$(dirname "$0")/../examples/firmware"

target=thumbv7m-none-eabi
images=${CARGO_TARGET_DIR:-target}/$target/release

# Others may be installing at the same time, and mirrors fail now and then.
install() {
  for _ in 1 2 3; do
    apt-get -o DPkg::Lock::Timeout=120 update -qq &&
      apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends "$@" >/dev/null && return
    sleep 5
  done
  echo "embedded: apt-get can't install $*" >&2
  return 1
}

command -v qemu-system-arm >/dev/null || install qemu-system-arm

firmware() {
  if [ -n "${LOBBYWIRE_BUILD_STD:-}" ]; then
    PATH=/usr/bin:$PATH RUSTC_BOOTSTRAP=1 CARGO_TARGET_THUMBV7M_NONE_EABI_LINKER=ld.lld-19 \
      cargo build --locked --release --quiet -Zbuild-std=core --target "$target" "$@"
  else
    cargo build --locked --release --quiet --target "$target" "$@"
  fi
}

if [ -z "${LOBBYWIRE_BUILD_STD:-}" ] && ! rustup target add "$target"; then
  LOBBYWIRE_BUILD_STD=1
fi
if [ -n "${LOBBYWIRE_BUILD_STD:-}" ]; then
  # The linker of Debian 12 itself, 14, keeps what defmt only provides for.
  install rustc-web cargo-web rust-web-src lld-19
fi

# A version without compression does without an inflater.
firmware --bin size_baseline --bin size_three_packets --bin size_one_version
firmware --features gzip --bin size_all_versions --bin replay
cargo run --locked --quiet -p lobbywire-firmware-measure -- "$images" budgets.toml
