#!/usr/bin/env bash
# Builds the firmware for a Cortex-M3, runs it in QEMU, and fails if its size, stack or instruction counts exceed
# examples/firmware/budgets.toml.
#
# Installs QEMU and the target. If rustup lacks the target, or with LOBBYWIRE_BUILD_STD=1, Debian's Rust builds its core
# library from source.
set -euo pipefail
cd "$(dirname "$0")/../examples/firmware"

target=thumbv7m-none-eabi
images=${CARGO_TARGET_DIR:-target}/$target/release

# Retries, because mirrors fail sometimes. Waits for other installations.
install() {
  for _ in 1 2 3; do
    apt-get -o DPkg::Lock::Timeout=120 update -qq &&
      apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends "$@" >/dev/null && return
    sleep 5
  done
  echo "embedded: apt-get cannot install $*; install it and try again" >&2
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
  # lld 14, the default of Debian 12, keeps unused defmt symbols.
  install rustc-web cargo-web rust-web-src lld-19
fi

# Versions without compression need no inflater.
firmware --bin size_baseline --bin size_three_packets --bin size_one_version
firmware --features gzip --bin size_all_versions --bin replay
cargo run --locked --quiet -p lobbywire-firmware-measure -- "$images" budgets.toml
