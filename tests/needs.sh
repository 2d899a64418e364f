#!/bin/sh
# What the build and the checks need of the machine.
#
#   needs.sh [--install] build|pages|check|servers|bench...
#
# Says what is missing and how to get it, and exits with 1; with --install
# gets it, by one line of apt-get that it prints.
set -u

CC=${CC:-cc}
export PATH="$PATH:/usr/sbin:/sbin"

have() {
	command -v "$1" >/dev/null 2>&1
}

# Does the compiler find the header, where CPPFLAGS let it look?
header() {
	# shellcheck disable=SC2086 # flags are several words
	printf '#define PCRE2_CODE_UNIT_WIDTH 8\n#include <%s>\n' "$1" |
	    "$CC" ${CPPFLAGS-} -E -x c - >/dev/null 2>&1
}

# need PACKAGE TEST...: the package is missing where the test fails.
need() {
	package=$1
	shift
	"$@" || missing="$missing $package"
}

need_build() {
	case $CC in
	cc | gcc) need gcc have "$CC" ;;
	*) need "$CC" have "$CC" ;;
	esac
	need libc6-dev header stdio.h
	need libpcre2-dev header pcre2.h
	need libsodium-dev header sodium.h
	need libjansson-dev header jansson.h
	need libxxhash-dev header xxhash.h
	case ${LDFLAGS-} in
	*-static*) need libunistring-dev header unistr.h ;; # of libidn2
	esac
	need libidn2-dev header idn2.h
	need libsqlite3-dev header sqlite3.h
	need libmaxminddb-dev header maxminddb.h
	case ${WITHOUT-} in
	*kafka*) ;;
	*) need librdkafka-dev header librdkafka/rdkafka.h ;;
	esac
}

# To read the manual pages, before anything is installed.
need_pages() {
	have mandoc || need man-db have man
}

need_check() {
	need bats have bats
	need parallel have parallel
	need clang-format have clang-format
	need mandoc have mandoc
	need shellcheck have shellcheck
	need jq have jq
	need time test -x /usr/bin/time
	need bsdextrautils have col
	need binutils have nm
	need perl-base have perl
	need sqlite3 have sqlite3
	need valgrind have valgrind
	need bsdutils have script
	need chromium have chromium
	need nodejs have node
	need npm have npm
	need python3 have python3
}

# Of the tests that ask real servers, which are skipped where they are missing.
need_servers() {
	need redis-server have redis-server
	need postgresql test -d /usr/lib/postgresql
}

# Of the tests on real engines, but Redis, which is a server.
need_engines() {
	need kcat have kcat
	need default-jdk-headless have javac
	need maven have mvn
	need procps have pgrep
}

# Of the recipes for large engines, each of which is skipped where it can't be
# had.
need_large() {
	need nats-server have nats-server
	need python3-venv python3 -c 'import ensurepip'
	need curl have curl
}

# Of the peer in bench-kafka.
need_streams() {
	need default-jdk-headless have javac
}

need_bench() {
	need jq have jq
	need gnuplot-nox have gnuplot
}

# Say what to do where it can't be done from here.
give_up() {
	echo "$1  Please install these packages (the names are Debian's):"
	echo "   $missing"
	echo "for instance, as root:"
	echo "    apt-get update && apt-get install -y$missing"
	echo "then run make again."
	exit 1
} >&2

install_missing() {
	have apt-get || give_up "There is no apt-get on this machine."
	sudo=
	if [ "$(id -u)" -ne 0 ]; then
		have sudo || give_up "You aren't root, and there is no sudo."
		sudo='sudo '
	fi
	get='apt-get install -y -qq --no-install-recommends'
	line="${sudo}apt-get update -qq && ${sudo}$get$missing"
	echo "$line"
	log=$(mktemp) || exit 1
	if ! DEBIAN_FRONTEND=noninteractive sh -c "$line" >"$log" 2>&1; then
		cat "$log" >&2
		rm -f "$log"
		give_up "apt-get failed."
	fi
	rm -f "$log"
}

# The tests that click are skipped where this fails.
install_browser() {
	[ ! -d "$1/node_modules/playwright-core" ] ||
	    [ ! -d "$1/node_modules/axe-core" ] || return 0
	mkdir -p "$1" && cd "$1" || return 1
	echo "npm install playwright-core axe-core (into $1)"
	npm install --no-save --no-package-lock --no-audit --no-fund \
	    --silent --prefix . playwright-core axe-core >/dev/null 2>&1 ||
	    echo "they can't be had; tests in a browser are skipped"
}

if [ "${1-}" = --browser ]; then
	install_browser "$2"
	exit
fi

install=no
missing=
for word; do
	case $word in
	--install) install=yes ;;
	build) need_build ;;
	pages) need_pages ;;
	check) need_check ;;
	servers) need_servers ;;
	bench) need_bench ;;
	engines) need_engines ;;
	large) need_large ;;
	streams) need_streams ;;
	*)
		echo "usage: needs.sh [--install] build|pages|check|bench..." >&2
		exit 2
		;;
	esac
done

[ -n "$missing" ] || exit 0
if [ "$install" = yes ]; then
	install_missing
	exit 0
fi
echo "To build mutstream, these packages are missing:$missing" >&2
echo "Install them with" >&2
echo "    sudo apt-get install$missing" >&2
echo "or let make do it: make deps" >&2
exit 1
