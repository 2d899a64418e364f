#!/usr/bin/env bash
# Does taking a history back cost no more than it and its event are long?
#
# Makes events of N members, or N elements, with histories of N operations,
# for some N and for twice as many, counts the instructions that rewind
# takes for them, and says which cost more than 2.6 times as much then.
# What starting costs is left out.
# shellcheck disable=SC2016 # $n is jq's
set -u
export LC_ALL=C
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
status=0

# instructions FILE
instructions() {
	valgrind --tool=cachegrind --cache-sim=no \
	    --cachegrind-out-file=/dev/null --log-file="$work/count" \
	    ms-trace rewind "$1" >/dev/null || return 1
	sed -n 's/.*I *refs: *//p' "$work/count" | tr -d ,
}

# event N EVENT UNDO RECORDS: the event that has this undo's operations, an
# object each from N, in one record, or (records) in one record each.
event() {
	jq -nc --argjson n "$1" "$2"' + {_lineage: (['"$3"']
	    | if '"$4"' then reverse | map([.]) else [.] end
	    | map({op: "map", rule: ".", undo: .}))}' >"$work/event"
}

# grows NAME EVENT UNDO
grows() {
	local records once twice

	for records in true false; do
		event 2000 "$2" "$3" "$records"
		once=$(instructions "$work/event") || { status=1; continue; }
		event 4000 "$2" "$3" "$records"
		twice=$(instructions "$work/event") || { status=1; continue; }
		if (((twice - start) * 10 > (once - start) * 26)); then
			echo "costs $((once - start)), then $((twice - start)):" \
			    "$1, records: $records"
			status=1
		fi
	done
}

echo '{}' >"$work/none"
start=$(instructions "$work/none") || exit 1

object='([range($n) | {("k\(.)"): .}] | add)'
array='{l: [range($n)], o: {}}'
grows "members replaced" "$object" \
    'range($n) | {op: "replace", path: "/k\(.)", value: -1}'
grows "members removed" "$object" \
    'range($n) | {op: "remove", path: "/k\($n - 1 - .)"}'
grows "members added" "$object" \
    'range($n) | {op: "add", path: "/m\(.)", value: 0, before: "k\(.)"}'
grows "members moved" "$object" \
    'range($n) | {op: "move", from: "/k\(.)", path: "/m\(.)",
        before: "k\($n - 1)"}'
grows "members copied" "$object" \
    'range($n) | {op: "copy", from: "/k7", path: "/k\(.)"}'
grows "elements added in front" "$array" \
    'range($n) | {op: "add", path: "/l/0", value: .}'
grows "elements added between" "$array" \
    'range($n) | {op: "add", path: "/l/\(. * 2)", value: .}'
grows "elements removed" "$array" \
    'range($n) | {op: "remove", path: "/l/\($n - 1 - .)"}'
grows "elements moved" "$array" \
    'range($n) | {op: "move", from: "/l/\($n - 1)", path: "/l/0"}'
grows "a container moved, and changed" "$array" \
    'range($n) | {op: "move", from: (if . % 2 == 0 then "/l" else "/o/l" end),
        path: (if . % 2 == 0 then "/o/l" else "/l" end)},
    {op: "replace", path: (if . % 2 == 0 then "/o/l/3" else "/l/3" end),
        value: .}'
exit $status
