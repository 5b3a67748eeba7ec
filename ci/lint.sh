#!/usr/bin/env bash
# Checks formatting, clippy, rustdoc and wording in all workspaces; warnings are errors.
set -euo pipefail
cd "$(dirname "$0")/.."

for workspace in . ci/bench ci/no_std examples/firmware fuzz; do
  cargo fmt --manifest-path "$workspace/Cargo.toml" --all --check
done

# One target directory: the workspaces share many dependencies in the same versions.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
# ci/features.sh lints the libraries with other features.
cargo clippy --workspace --all-targets --all-features --quiet -- -D warnings
cargo clippy --manifest-path fuzz/Cargo.toml --workspace --all-targets --quiet -- -D warnings
cargo clippy --manifest-path ci/bench/Cargo.toml --all-targets --quiet -- -D warnings
firmware=(--manifest-path examples/firmware/Cargo.toml --quiet)
cargo clippy "${firmware[@]}" -p lobbywire-firmware-measure -- -D warnings
if rustup target add thumbv7m-none-eabi; then
  cargo clippy "${firmware[@]}" --target thumbv7m-none-eabi --features gzip -- -D warnings
fi

export RUSTDOCFLAGS="-D warnings"
cargo doc --workspace --all-features --no-deps --quiet
cargo doc --workspace --no-deps --quiet

# Phrases that are hard to read, see CONTRIBUTING.md.
phrases=(
  '\b(nobody|somebody|seldom|lent|lends)\b' '\b(is|are|be|been|was|were) told\b' 'told (otherwise|instead)' '\bis said\b'
  '\bbehind\b' '\bin front of\b' '\basks? for room\b' '\bin earnest\b' '\bto the letter\b' '\bby itself none\b'
  '\b[0-9]+ in 100\b' '\bone in [a-z0-9]+ of\b'
)
# A clock can be behind UTC, and a server behind a proxy.
allowed='behind (UTC|a (reverse )?proxy|a (firewall|NAT))|if behind'
if git grep -nEi "$(IFS='|' && echo "${phrases[*]}")" -- '*.rs' '*.md' '*.py' '*.sh' '*.toml' '*.yml' ':!ci/lint.sh' |
  grep -vE "$allowed"; then
  echo "lint: replace these phrases, or allow them in ci/lint.sh" >&2
  exit 1
fi
echo "lint: clean"
