# What every test file needs: the binaries, a place of its own, the time
# standing still, and the list of commands.
# shellcheck shell=bash disable=SC2034 # the test files use what is set here
bats_require_minimum_version 1.5.0

root=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
examples=$root/tests/examples
shared=$root/../shared
NOW=2026-11-22T14:39:44.123456Z

export MS_BUILD=${MS_BUILD:-$root/build}
export PATH=$MS_BUILD:$PATH
export MS_NOW=$NOW
export LC_ALL=C
unset MS_LINEAGE_KEY MS_SIMD MS_SEAL_KEY MS_POLICY MS_KEY_FILE MS_STATE_END
unset NO_COLOR COLUMNS
# tests/simd.sh asks for one kernel of the scanner
if [ -n "${MS_TEST_SIMD:-}" ]; then
	export MS_SIMD=$MS_TEST_SIMD
fi

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# Every binary of the family, but for those that the build is without: adding
# cmd/ms-x.c (or cmd/ms-x/) adds it to the contract.
commands() {
	local file name

	for file in "$root"/cmd/ms-*; do
		name=$(basename "$file" .c)
		[[ " ${WITHOUT-} " == *" ${name#ms-} "* ]] || echo "$name"
	done
}

# Those that read events on standard input and write them to standard output.
filters() {
	commands | grep -vx ms-kafka
}

# Fill args with the least with which a command passes every event on, and
# options with those in front of a program.
args_for() {
	options=()
	case $1 in
	ms-filter) args=(true) ;;
	ms-map) args=(.) ;;
	ms-fold) args=(--as empty .) options=(--as empty) ;;
	ms-enrich) args=(-t "$examples/hosts.csv" -k .no_such_member=ip) ;;
	ms-schema) args=(-s "$examples/any.json") ;;
	*) args=() ;;
	esac
}

# Does the command take a program as its first argument?
takes_program() {
	[[ $1 == ms-filter || $1 == ms-map || $1 == ms-fold ]]
}

# every BODY: call BODY once for each filter, with $cmd and $args set.
every() {
	each "$(filters)" "$@"
}

# every_command BODY: the same for all that the family has.
every_command() {
	each "$(commands)" "$@"
}

# each NAMES BODY
each() {
	local cmd args options count=0 names=$1

	shift
	for cmd in $names; do
		echo "with $cmd"
		args_for "$cmd"
		"$@"
		count=$((count + 1))
	done
	[ "$count" -ge 4 ]
}

# status N COMMAND...: the command must exit with N; output goes where it
# is sent, so that files can be compared byte for byte.
status() {
	local want=$1 got=0

	shift
	"$@" || got=$?
	[ "$got" -eq "$want" ] || {
		echo "exit status $got instead of $want: $*" >&2
		return 1
	}
}

# same FILE TEXT...: the file holds just these lines.
same() {
	local file=$1

	shift
	printf '%s\n' "$@" | diff -u --label expected --label "$file" - "$file"
}

# unsummed FILE: its records without sum and read, for tests of the rest.
unsummed() {
	sed -E 's/,"(sum|read)":"[0-9a-f]{16}"//g' "$1"
}

# lines N FILE
lines() {
	[ "$(wc -l <"$2")" -eq "$1" ] || {
		echo "$2 has $(wc -l <"$2") lines instead of $1" >&2
		return 1
	}
}

# holds FILE JQ-PREDICATE: true of every document in the file, which has some.
holds() {
	jq -es "length > 0 and all(.[]; $2)" "$1" >/dev/null || {
		echo "not true of $1: $2" >&2
		cat "$1" >&2
		return 1
	}
}

# lacks [GREP-OPTION...] PATTERN FILE...: the files are there and hold
# something, and no line matches.  Where one may be empty: run -1 grep.
lacks() {
	local arg

	run -1 grep "$@" || return
	for arg; do
		[ ! -f "$arg" ] || [ -s "$arg" ] || {
			echo "$arg is empty, and lacks anything" >&2
			return 1
		}
	done
}

# n bytes of x
filler() {
	head -c "$1" /dev/zero | tr '\0' x
}

# within SECONDS CMD...: with so much of a processor's time, however busy the
# machine is; what hangs without working is ended as well.
within() {
	(ulimit -t "$1" && exec timeout $(($1 * 20)) "${@:2}")
}

# eventually COMMAND...: wait until it succeeds, which what is tested makes it
# do, however slow the machine is.  Minutes only guard against a hang.
eventually() {
	local end=$((SECONDS + 300))

	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || {
			echo "it never came to this: $*" >&2
			return 1
		}
		sleep 0.01
	done
}

# prints TEXT COMMAND...: that is all that the command prints
prints() {
	[ "$("${@:2}" 2>/dev/null)" = "$1" ]
}

# reaches N FILE: it has so many lines, or more
reaches() {
	local found

	mapfile -t found <"$2" && [ "${#found[@]}" -ge "$1" ]
}

# runs PID NAME: the process is that command by now
runs() {
	local name

	read -r name <"/proc/$1/comm" && [ "$name" = "$2" ]
}

# takes_signals PID NAME: it is that command, and heeds what would end it
takes_signals() {
	local mask

	mask=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$1/status")
	runs "$1" "$2" && ((16#${mask:-0} & 1 << 14))
}

# asleep PID: each of its threads waits for something
asleep() {
	local states

	states=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' \
	    "/proc/$1"/task/*/status 2>/dev/null | sort -u)
	[ "$states" = S ]
}

# faulty WHAT COMMAND...: run with the shim that makes calls fail.
faulty() {
	local so=$BATS_FILE_TMPDIR/fault.so

	# tests run side by side: none may see half of it
	[ -e "$so" ] ||
	    { "${CC:-cc}" -shared -fPIC -D_GNU_SOURCE -O1 -o "$so.$$" \
		"$root/tests/fault.c" && mv "$so.$$" "$so"; }
	env FAULT="$1" LD_PRELOAD="$BATS_FILE_TMPDIR/fault.so" \
	    ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 "${@:2}"
}

is_asan() {
	local first

	first=$(commands | head -n 1)
	nm "$MS_BUILD/$first" 2>/dev/null | grep -q __asan_init
}
