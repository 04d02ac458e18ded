#!/bin/sh
# See to it that the tests have a browser, an office suite, a caching proxy, a Redis, a mail relay,
# real CAS clients and an LDAP server. Root installs what is missing on Debian; otherwise one line
# says what is left out. With CI=true that is a failure.
set -eu

missing_packages() {
  command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
    [ -x "${CHROMIUM:-}" ] || printf 'chromium '
  command -v soffice >/dev/null 2>&1 || command -v libreoffice >/dev/null 2>&1 ||
    printf 'libreoffice-calc '
  command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ] || printf 'nginx-light '
  command -v redis-server >/dev/null 2>&1 || printf 'redis-server '
  # Its programs alone: the tests start an instance of their own, that of the machine is not set up.
  [ -x /usr/sbin/postfix ] || printf 'postfix '
  # Real clients of the CAS server: Apache, PHP, Node and Perl.
  [ -e /usr/lib/apache2/modules/mod_auth_cas.so ] || printf 'apache2 libapache2-mod-auth-cas '
  [ -e /usr/share/php/CAS.php ] || printf 'php-cas '
  command -v php >/dev/null 2>&1 && php -m | grep -qx curl && php -m | grep -qx dom ||
    printf 'php-cli php-curl php-xml '
  # Other people's programs that open the reconciliation files of Pronote.
  command -v xmlsec1 >/dev/null 2>&1 || printf 'xmlsec1 '
  command -v javac >/dev/null 2>&1 || printf 'default-jdk-headless '
  command -v npm >/dev/null 2>&1 || printf 'nodejs npm '
  # Other people's programs that compute the codes of OTP keys and read their seed files.
  command -v oathtool >/dev/null 2>&1 || printf 'oathtool '
  command -v pskctool >/dev/null 2>&1 || printf 'pskctool '
  # A directory of its own for the university: the program alone, the system's is not set up.
  [ -x /usr/sbin/slapd ] || printf 'slapd '
  command -v ldapsearch >/dev/null 2>&1 || printf 'ldap-utils '
  # What its client is built from (requirements/ldap.txt).
  [ -e /usr/include/ldap.h ] || printf 'libldap-dev '
  [ -e /usr/include/sasl/sasl.h ] || printf 'libsasl2-dev '
  command -v gcc >/dev/null 2>&1 || printf 'gcc libc6-dev '
  .venv/bin/python -c 'import pathlib, sysconfig as s, sys
sys.exit(not pathlib.Path(s.get_paths()["include"], "Python.h").exists())' || printf 'python3-dev '
  perl -MAuthen::CAS::Client -e 1 2>/dev/null || printf 'libauthen-cas-client-perl '
  # The browser's driver (Playwright's own Node) needs it; a bare Debian has not.
  { /sbin/ldconfig -p 2>/dev/null || true; } | grep -q 'libatomic\.so\.1' ||
    [ ! -x /sbin/ldconfig ] || printf 'libatomic1 '
}

# An academic portal that is not ours, for the tests of signing in through one.
"$(dirname "$0")/environment.sh" academy || [ "${CI:-}" != true ] || exit 1

# The Node client's modules, from their locked list, beside the other things of this checkout.
node_clients() {
  list=tests/sso/clients/node folder=var/node-clients
  command -v npm >/dev/null 2>&1 || return 0
  cmp -s "$list/package-lock.json" "$folder/package-lock.json" && [ -d "$folder/node_modules" ] &&
    return 0
  mkdir -p "$folder"
  cp "$list/package.json" "$list/package-lock.json" "$folder/"
  npm ci --prefix "$folder" --silent --no-audit --no-fund && return 0
  rm -rf "$folder/node_modules"
  printf 'The tests of the Node client are left out: npm could not install it\n' >&2
  [ "${CI:-}" != true ]
}

cd "$(dirname "$0")/.."
missing=$(missing_packages)
[ -n "$missing" ] || { scripts/environment.sh ldap || [ "${CI:-}" != true ] || exit 1; node_clients; exit; }

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  printf 'Installing what the tests use: %s…\n' "$missing" >&2
  export DEBIAN_FRONTEND=noninteractive
  wanted=$missing
  case $missing in
    *postfix*)
      if [ -e /usr/sbin/sendmail ]; then
        # Installing it would take the machine's own mail server away.
        wanted=$(printf %s "$missing" | sed 's/postfix //')
      else
        echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
      fi
      ;;
  esac
  case $missing in
    *slapd*)
      # Installed without a database and without starting: ours run beside (demo/university/slapd.py).
      echo 'slapd slapd/no_configuration boolean true' | debconf-set-selections
      if [ ! -e /usr/sbin/policy-rc.d ]; then
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
      fi
      ;;
  esac
  # shellcheck disable=SC2086  # a list of package names
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends $wanted fonts-dejavu-core; } \
    >/dev/null || true
  missing=$(missing_packages)
fi
[ "${CI:-}" != true ] || scripts/environment.sh ldap || exit 1
node_clients
[ -n "$missing" ] || exit 0

printf 'The tests that need these are left out: %s\n' "$missing" >&2
[ "${CI:-}" != true ] || exit 1
