#!/usr/bin/env bash
# Does the cost of programs grow no faster than their work?
#
#   growth.sh FILE
#
# runs each program of FILE for some N and for twice as many, counting
# instructions, not time, and says which of them cost more than 2.6 times as
# much then.  What starting costs is left out.
set -u
export LC_ALL=C
count=$(mktemp) || exit 1
trap 'rm -f "$count"' EXIT
status=0

# instructions PROGRAM
instructions() {
	echo '{}' | valgrind --tool=cachegrind --cache-sim=no \
	    --cachegrind-out-file=/dev/null --log-file="$count" \
	    ms-map --lineage off "{out: ($1)}" >/dev/null || return 1
	sed -n 's/.*I *refs: *//p' "$count" | tr -d ,
}

# at NUMBER PROGRAM: the program for N of that number.
at() {
	# shellcheck disable=SC2001 # N is a word of its own
	instructions "$(sed "s/\\bN\\b/$1/g" <<<"$2")"
}

start=$(instructions 0) || exit 1
while IFS= read -r program; do
	[[ $program == '#'* ]] && continue
	if ! once=$(at 2000 "$program") || ! twice=$(at 4000 "$program"); then
		echo "fails: $program"
		status=1
	elif (((twice - start) * 10 > (once - start) * 26)); then
		echo "costs $((once - start)), then $((twice - start)): $program"
		status=1
	fi
done <"$1"
exit $status
