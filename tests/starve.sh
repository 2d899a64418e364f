#!/usr/bin/env bash
# usage: starve.sh FAULT.so COMMAND...
#
# Run a command once for each allocation it makes: that one fails, or all
# from that one on.  Whatever fails, what is written is whole lines of the
# output, in order; an exit of 0 means all of them, 1 that an event was
# rejected and told, 3 that something was told and nothing else follows.
# Prints a line for each run that was otherwise.
set -u
so=$1
shift
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

starved() {
	FAULT="malloc=$1" LD_PRELOAD=$so "${@:2}"
}

# Are out's lines some of want's, in the same order, each with its end?  There
# are thousands of runs: no process is started to look at one.
lines_of() {
	local line i=0

	mapfile out <"$tmp/out"
	for line in "${out[@]}"; do
		[[ $line == *$'\n' ]] || return
		while [[ ${want[i]-} != "$line" ]]; do
			((++i < ${#want[@]})) || return
		done
		((++i))
	done
}

# Is the last run as it should be?  $1 is its exit status.
good() {
	case $1 in
	0) lines_of && [ "${#out[@]}" -eq "${#want[@]}" ] ;;
	1) [ -s "$tmp/err" ] && lines_of ;;
	3) [ -s "$tmp/err" ] && lines_of ;;
	*) false ;;
	esac
}

"$@" >"$tmp/want" 2>/dev/null
mapfile want <"$tmp/want"
n=$(starved count "$@" 2>&1 >/dev/null | tail -n 1)
[ "$n" -ge 10 ] || echo "only $n allocations: $*"
for how in only from; do
	for ((k = 1; k <= n; k++)); do
		starved "$how:$k" "$@" >"$tmp/out" 2>"$tmp/err"
		got=$?
		good "$got" || echo "$how:$k: exit $got: $*"
	done
done
