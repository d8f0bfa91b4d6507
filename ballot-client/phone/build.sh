#!/usr/bin/env bash
# Rebuilds ballot.wasm, the phone's half of the protocol, and audit.wasm, the receipt page's, from crypto/ and
# ballot-client/.
#
#   build.sh           build, write both, ballot.wasm.compiler, and audit.wasm's SHA-256 into phone.js
#   build.sh --check   build elsewhere and compare byte for byte, if the compiler at hand is the one that made the files
#
# The files are committed so that `cargo run` needs nothing but cargo. The manifest of every meeting fixes the SHA-256 of
# ballot.wasm and of phone.js, and phone.js that of audit.wasm.
# The bytes depend on the sources, Cargo.lock and the compiler, not on where the checkout or the target folder lies.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}/phone-wasm"
cargo_home="${CARGO_HOME:-$HOME/.cargo}"
built="$target/built"

# The standard library is built along: the one that compilers bring uses memory.copy and sign extension, which WebViews
# from 2018 do not know. Every stable compiler can do that with RUSTC_BOOTSTRAP, given the library's sources.
sources() { [ -d "$("$1" --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library" ]; }

cd "$root"
rustc=rustc cargo=cargo
if ! sources rustc && command -v rustup >/dev/null; then
  timeout 120 rustup component add rust-src >/dev/null 2>&1 || true
fi
if ! sources rustc; then
  # Debian brings them as packages.
  rustc=/usr/bin/rustc cargo=/usr/bin/cargo
  if ! [ -x "$cargo" ] || ! sources "$rustc" || ! command -v wasm-ld >/dev/null; then
    apt-get install -y --no-install-recommends rustc-web rust-web-src cargo-web lld >&2
  fi
fi
compiler="$("$rustc" --version)"
sysroot="$("$rustc" --print sysroot)"
linker=wasm-ld
if compgen -G "$sysroot/lib/rustlib/*/bin/rust-lld" >/dev/null; then linker=rust-lld; fi

# What a compiler writes into panic messages are paths: they are mapped to names that are the same everywhere. Flags
# are separated by 0x1f, so that paths may hold spaces.
flags() {
  local sep=$'\x1f' folder
  printf '%s' "-Ctarget-cpu=mvp" "${sep}--remap-path-prefix=$root=/douxuan" "${sep}--remap-path-prefix=$cargo_home=/cargo" \
    "${sep}--remap-path-prefix=$sysroot/lib/rustlib/src/rust=/rust"
  for folder in "$cargo_home"/registry/src/*; do
    printf '%s' "${sep}--remap-path-prefix=$folder=/crates"
  done
}

# One wasm: its name and the features that make it.
build() {
  local name="$1" features="$2"
  RUSTC="$rustc" RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$linker" \
    CARGO_ENCODED_RUSTFLAGS="$(flags)" CARGO_TARGET_DIR="$target" \
    "$cargo" rustc -Z build-std=std,panic_abort -p douxuan-ballot --lib --no-default-features --features "$features" \
    --crate-type cdylib --profile phone --target wasm32-unknown-unknown --locked
  cp "$target/wasm32-unknown-unknown/phone/douxuan_ballot.wasm" "$built/$name"
}

sizes() {
  local name
  for name in ballot.wasm audit.wasm; do
    echo "$name bytes: $(wc -c <"$built/$name"), deflated: $(gzip -9 -n -c "$built/$name" | wc -c)"
  done
}

mkdir -p "$built"
"$cargo" fetch --locked --target wasm32-unknown-unknown >&2
build ballot.wasm ''
build audit.wasm page

made_by="$(cat "$here/ballot.wasm.compiler" 2>/dev/null || true)"
if [ "${1:-}" = --check ] && [ "$made_by" != "$compiler" ]; then
  echo "the files were made by: $made_by"
  echo "at hand is:             $compiler"
  echo "another compiler makes other bytes: built, not compared"
  sizes
  exit 0
fi

pin="$(sha256sum "$built/audit.wasm" | cut -d' ' -f1)"
if [ "${1:-}" = --check ]; then
  for name in ballot.wasm audit.wasm; do
    if cmp "$built/$name" "$here/$name"; then
      echo "$name is what these sources and $compiler give"
    else
      echo "$name is not what these sources give: run ballot-client/phone/build.sh and commit it" >&2
      exit 1
    fi
  done
  if ! grep -q "AUDIT_WASM = '$pin'" "$here/phone.js"; then
    echo "phone.js does not have audit.wasm's hash: run ballot-client/phone/build.sh and commit it" >&2
    exit 1
  fi
else
  cp "$built/ballot.wasm" "$built/audit.wasm" "$here/"
  echo "$compiler" >"$here/ballot.wasm.compiler"
  sed -i "s/\(const AUDIT_WASM = '\)[^']*\('\)/\1$pin\2/" "$here/phone.js"
fi
sizes
if command -v wasm-validate >/dev/null; then
  for name in ballot.wasm audit.wasm; do
    wasm-validate --disable-sign-extension --disable-bulk-memory --disable-saturating-float-to-int \
      --disable-multi-value --disable-reference-types --disable-mutable-globals --disable-simd "$built/$name"
  done
  echo "they use the first version of WebAssembly only"
fi
