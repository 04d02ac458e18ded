#!/bin/sh
# Make a virtual environment and install the locked dependencies:
# `environment.sh base|dev|academy|ldap`.
# Needs Python 3.11 or later and nothing else: every dependency comes as a wheel, checked by hash.
# `ldap` is the optional client of universities' directories, in `.venv`, built from its source: it
# needs libldap-dev, libsasl2-dev and gcc.
# `academy` is the academic portal of the demonstration and of the tests, in `.venv-academy`.
set -eu

lock=${1:?usage: environment.sh base|dev|academy|ldap}
cd "$(dirname "$0")/.."
venv=.venv
[ "$lock" != academy ] || venv=.venv-academy

say() { printf '%s\n' "$*" >&2; }

recent_enough() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
  for candidate in ${PYTHON:-python3 python3.11 python3.12 python3.13 python3.14}; do
    if command -v "$candidate" >/dev/null 2>&1 && recent_enough "$candidate"; then
      command -v "$candidate"
      return 0
    fi
  done
  say "Préau needs Python 3.11 or later; none was found (PYTHON=/path/to/python to name one)."
  return 1
}

make_venv() {
  python=$(find_python)
  if "$python" -c 'import ensurepip' 2>/dev/null && "$python" -m venv "$venv"; then
    return 0
  fi
  rm -rf "$venv"
  say "Python's venv module is incomplete here. On Debian or Ubuntu, run this once, then try again:"
  if [ "$(id -u)" = 0 ]; then
    say "    apt-get install python3-venv"
  else
    say "    sudo apt-get install python3-venv"
  fi
  return 1
}

# An environment whose interpreter left (an upgrade, a moved checkout) is made anew.
if [ ! -x "$venv/bin/python" ] || ! recent_enough "$venv/bin/python"; then
  rm -rf "$venv"
  make_venv
fi

# The stamp holds what is installed; "dev" contains "base".
stamp="$venv/.installed-$lock"
if [ "$lock" = base ] && cmp -s requirements/dev.txt "$venv/.installed-dev"; then
  exit 0
fi
if cmp -s "requirements/$lock.txt" "$stamp"; then
  exit 0
fi
say "Installing the locked dependencies ($lock)…"
only=':all:'
if [ "$lock" = ldap ]; then
  only=pyasn1,pyasn1-modules
  if ! command -v gcc >/dev/null 2>&1 || [ ! -e /usr/include/ldap.h ] ||
    [ ! -e /usr/include/sasl/sasl.h ]; then
    say "The LDAP client is built here. On Debian: apt-get install libldap-dev libsasl2-dev gcc libc6-dev python3-dev"
    exit 1
  fi
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
  --only-binary "$only" --requirement "requirements/$lock.txt"
cp "requirements/$lock.txt" "$stamp"
