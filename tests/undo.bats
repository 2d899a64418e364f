#!/usr/bin/env bats
# A program and the undo patch that it left give back the input: programs of
# every form (changes.txt), on random events and on real ones.
load helper

# comes_back FILE PROGRAM: what the program makes of the file's events
# rewinds to them.  Forks come back once each, dropped events don't; where
# the program fails the event passes as it is.
comes_back() {
	local got=0

	ms-map --lineage-cap 1M --on-error pass "$2" <"$1" >changed \
	    2>err || got=$?
	if [ "$got" -gt 1 ]; then
		echo "with program: $2" >&2
		cat err >&2
		return 1
	fi
	status 0 ms-trace rewind <changed | uniq >back
	if ! diff "$1" back >difference && grep '^>' difference >&2; then
		echo "with program: $2" >&2
		return 1
	fi
	# Nothing may be missing but what was dropped.
	if [ "$(wc -l <back)" -ne "$(wc -l <"$1")" ]; then
		echo "$2" >>dropping
	fi
	if grep -q '"undo":' changed; then
		echo "$2" >>changing
	fi
}

all_come_back() {
	local program

	: >dropping
	: >changing
	while IFS= read -r program; do
		comes_back in "$program"
	done <"$root/tests/changes.txt"
}

@test "there are programs enough, and each is there once" {
	[ "$(sort -u "$root/tests/changes.txt" | wc -l)" -ge 300 ]
	run ! sh -c 'sort "$1" | uniq -d | grep .' - "$root/tests/changes.txt"
}

@test "programs of every form are taken back on random events" {
	awk -v seed=21 -v n=150 -f "$root/tests/events.awk" | uniq >in
	all_come_back
	[ "$(wc -l <changing)" -ge 280 ]
	[ "$(wc -l <dropping)" -le 30 ]
}

@test "programs of every form are taken back on real events" {
	sed 's/^{/{"a":{"b":[1.0,{"a":2}],"c":null},"b":[3,1,2],"n":1.10,/' \
	    "$examples/access.ndjson" | uniq >in
	all_come_back
	[ "$(wc -l <changing)" -ge 200 ]
	[ "$(wc -l <dropping)" -le 30 ]
}
