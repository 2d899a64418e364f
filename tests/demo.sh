#!/usr/bin/env bash
# The main job, shown: a pipeline of four filters, an event's history,
# and the event taken back to its first state.
#
#   demo.sh [FILE]    any NDJSON of objects, or the sample of the project
set -eu -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
PATH=${MS_BUILD:-$here/../build}:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

bold='' dim='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$(printf '\033[1m') dim=$(printf '\033[2m')
	plain=$(printf '\033[0m')
fi

say() {
	printf '\n%s# %s%s\n' "$dim" "$1" "$plain"
}

# Show a command as if it were typed, then what it prints.  Rejects (1) are
# told, and don't end the show.
show() {
	printf '%s$ %s%s\n' "$bold" "$1" "$plain"
	bash -o pipefail -c "$1" || [ $? -eq 1 ]
}

# The name of the first event's first string or number, where a path takes
# it without quotes.
plain_member() {
	head -n 100 events.ndjson | ms-map --lineage off '{name: ([to_entries[]
	    | select((.value | type) == "string" or
		(.value | type) == "number")
	    | .key | select(test("^[A-Za-z_][A-Za-z0-9_]*$"))][0] // "id")}' \
	    2>/dev/null | sed -n '1s/.*"name":"//; 1s/".*//p'
}

# A table to join, made of the first events.
early_ones() {
	head -n 100 events.ndjson | ms-map --lineage off \
	    "select((.$1 | type) == \"string\" or (.$1 | type) == \"number\")
	    | {\"$1\": .$1, seen: \"early\"}" 2>/dev/null
	echo "{\"$1\":\"\",\"seen\":\"never\"}"
}

sample() {
	cp "$here/examples/access.ndjson" "$here/examples/hosts.csv" "$work"
	cd "$work"
	say "A web server's log, one event a line, and a table of hosts:"
	show "head -n 2 access.ndjson"
	show "cat hosts.csv"
	say "Four filters in a pipe: identity, choice, context, change."
	show "ms-trace access.ndjson |
    ms-filter '.status >= 500' |
    ms-enrich -t hosts.csv -k .ip --columns host,owner |
    ms-map -n price '.cost = .bytes * 0.01 | del(.user)' >journeys.ndjson"
}

own() {
	if [ ! -r "$1" ] || [ -d "$1" ]; then
		echo "demo: can't read $1" >&2
		exit 1
	fi
	ln -s "$(realpath "$1")" "$work/events.ndjson"
	cd "$work"
	name=$(plain_member || true)
	if [ -z "$name" ]; then
		echo "demo: the first 100 lines of $1 hold no event" >&2
		exit 1
	fi
	early_ones "$name" >known.ndjson
	say "Your events, and a table made of the first 100 of them:"
	show "head -n 1 events.ndjson | cut -c -300"
	show "head -n 2 known.ndjson | cut -c -300"
	say "Four filters in a pipe: identity, choice, context, change."
	show "ms-trace events.ndjson |
    ms-filter 'length >= 0' |
    ms-enrich -t known.ndjson -k .$name --columns seen |
    ms-map -n count '.members = length | del(.$name)' >journeys.ndjson"
}

if [ $# -gt 0 ]; then
	own "$1"
else
	sample
fi
say "What came out, its history inside:"
show "wc -l <journeys.ndjson"
show "head -n 1 journeys.ndjson | cut -c -1200"
say "The history of that event, as people read it:"
show "head -n 1 journeys.ndjson | ms-trace log"
say "The event as the last stage received it, and as it was at first:"
show "head -n 1 journeys.ndjson | ms-trace rewind --before 4 | cut -c -1200"
show "head -n 1 journeys.ndjson | ms-trace rewind | cut -c -1200"
say "What the stream itself knows: each event with a count of those before it."
show "ms-fold -n seen --as .seen '. + 1' journeys.ndjson | tail -n 1 |
    ms-trace strip | cut -c -1200"
say "Their shape, held against a JSON Schema; the check is in the history too:"
printf '%s\n' '{"type":"object","maxProperties":10}' >shape.json
show "cat shape.json"
show "ms-schema check -s shape.json journeys.ndjson | wc -l"
