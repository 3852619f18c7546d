#!/usr/bin/env bash
# setup.sh [lint]: sees that this machine has the compilers and libraries that building and testing psynth needs.
#
# What is missing is installed through apt if root runs this. Anybody else is told exactly what to run, and it fails.
# With `lint`, the Rust formatter and linter are wanted too. When nothing is missing it changes nothing and is quick.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
missing=()   # apt packages
rust=no      # whether a new enough Rust must be found

have() { command -v "$1" >/dev/null 2>&1; }

# at_least FOUND NEEDED: compares dotted version numbers.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

rust_needed=$(sed -n 's/^rust-version *= *"\([0-9.]*\)".*/\1/p' native/rust/Cargo.toml | head -n 1)

new_enough() { have "$1" && at_least "$("$1" --version 2>/dev/null | sed -n 's/^[a-z]* \([0-9.]*\).*/\1/p')" "$rust_needed"; }

has_ocaml_library() {
  [ -d "$(ocamlopt -where)/$1" ] || { have ocamlfind && ocamlfind query "$1" >/dev/null 2>&1; }
}

"$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv)
have cc || missing+=(gcc libc6-dev)
new_enough cargo && new_enough rustc || rust=yes
if [ "${1:-}" = lint ] && [ $rust = no ]; then
  cargo fmt --version >/dev/null 2>&1 || missing+=(rustfmt-web)
  cargo clippy --version >/dev/null 2>&1 || missing+=(rust-web-clippy)
fi
have ocamlopt || missing+=(ocaml-nox)
have dune || missing+=(ocaml-dune)
for library in yojson cmdliner alcotest qcheck; do
  have ocamlopt && has_ocaml_library "$library" || missing+=("lib$library-ocaml-dev")
done

if [ ${#missing[@]} -gt 0 ] || [ $rust = yes ]; then
  if ! have apt-get; then
    if [ $rust = yes ]; then missing+=("cargo and rustc $rust_needed or newer"); fi
    printf -v listed '%s, ' "${missing[@]}"
    echo "setup: missing (names of Debian packages): ${listed%, }" >&2
    echo "setup: this system has no apt; install their equivalents and try again, on macOS:" >&2
    echo "setup: brew install python rust opam && opam init && opam install dune yojson cmdliner alcotest qcheck && eval \$(opam env)" >&2
    exit 1
  fi
  # Only root's command is taken for leave to change the system; anybody else is told what to run.
  apt=yes
  if [ "$(id -u)" != 0 ]; then apt=no; fi
  if [ $apt = yes ]; then
    echo "setup: this machine lacks compilers; apt installs them (about 500 MB, one to five minutes)"
    apt-get update -qq
  fi

  # candidate PACKAGE: the version apt would install, without epoch and revision; empty when there is none.
  candidate() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*:\)\{0,1\}\([0-9][0-9.]*\).*/\2/p'; }
  if [ $rust = yes ]; then
    web=$(candidate rustc-web) plain=$(candidate rustc)
    if [ -n "$web" ] && at_least "$web" "$rust_needed"; then
      missing+=(cargo-web rustc-web)
      if [ "${1:-}" = lint ]; then missing+=(rustfmt-web rust-web-clippy); fi
    elif [ -n "$plain" ] && at_least "$plain" "$rust_needed"; then
      missing+=(cargo rustc)
      if [ "${1:-}" = lint ]; then missing+=(rustfmt rust-clippy); fi
    else
      echo "setup: psynth needs Rust $rust_needed or newer, and this system's packages have ${plain:-none}." >&2
      echo "setup: install it with rustup (\`apt-get install rustup && rustup default stable\` where apt has it) and try again." >&2
      if [ ${#missing[@]} -gt 0 ]; then echo "setup: missing besides: ${missing[*]}" >&2; fi
      exit 1
    fi
  fi

  if [ $apt = no ]; then
    echo "setup: missing: ${missing[*]}" >&2
    echo "setup: install them as root and try again: apt-get update && apt-get install ${missing[*]}" >&2
    exit 1
  fi
  echo "setup: installing ${missing[*]}"
  env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "setup: psynth needs Python 3.11 or newer; $python is $("$python" -V). Say which one to use: make PYTHON=python3.12 …" >&2
  exit 1
}
