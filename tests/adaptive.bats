#!/usr/bin/env bats
# What changes or chooses while the stream flows: --reload and --when.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkfifo in
}

teardown() {
	exec 5>&-
	[ -z "${job:-}" ] || wait "$job" || true
}

# Send an event, and wait for its line.
ask() {
	local n=$(($(wc -l <out) + 1))

	echo '{"n":1}' >&5
	eventually reaches "$n" out
}

# Send an event that is not to go out.
nudge() {
	echo '{"n":1}' >&5
}

# Does an event come to be rejected?
rejected() {
	nudge
	[ -s rej ]
}

# then_out TEXT: does the line of the next event hold that text?
then_out() {
	ask
	tail -n 1 out | grep -qF -- "$1"
}

# Send events until the last line out holds that text.
until_out() {
	eventually then_out "$1" || {
		cat err >&2
		tail -n 1 out >&2
		return 1
	}
}

@test "a program that changes takes over, and records and rejects say so" {
	echo '.a = 1' >p.jq
	ms-map -f p.jq --reload --rejects rej <in >out 2>err &
	job=$!
	exec 5>in
	until_out '"a":1'
	echo '.a = 2' >new
	mv new p.jq
	until_out '"a":2'
	tail -n 1 out | jq -e '._lineage[0].rule == ".a = 2"'
	head -n 1 out | jq -e '._lineage[0].rule == ".a = 1"'
	echo 'error("no")' >p.jq
	touch -d '1 minute ago' p.jq
	eventually rejected
	head -n 1 rej | jq -e '.rule == "error(\"no\")" and (.error | test("no"))'
}

@test "a program that doesn't compile is told once, and the old one stays" {
	echo '.n == 1' >p.jq
	ms-filter -f p.jq --reload <in >out 2>err &
	job=$!
	exec 5>in
	until_out '"n":1'
	echo '.n ==' >p.jq
	touch -d '1 minute ago' p.jq
	told() {
		ask
		[ -s err ]
	}
	eventually told
	for _ in 1 2 3; do ask; done
	[ "$(grep -c 'p.jq: the program before it stays' err)" -eq 1 ]
	grep -q '^ms-filter: p.jq:' err
	until_out '"n":1'
	echo '.n == 1 and true' >p.jq
	touch -d '1 minute ago' p.jq
	until_out 'and true'
}

@test "--reload goes with -f, and in threads no event sees half a program" {
	status 2 ms-map --reload . <<<'{}' >out 2>err
	grep -q -- '--reload goes with -f FILE' err
	echo '.a = 1 | .b = 1' >p.jq
	touch -d '1 minute ago' p.jq
	awk 'BEGIN { for (i = 0; i < 200000; i++) print "{\"n\":" i "}" }' >events
	for i in {1..20}; do
		echo ".a = $i | .b = $i" >new
		touch -d '1 minute ago' new
		mv new p.jq
		sleep 0.01
	done &
	job=$!
	status 0 ms-map -j 2 -f p.jq --reload --lineage off <events >out
	lines 200000 out
	[ -z "$(jq -c 'select(.a != .b)' out)" ]
}

@test "a key of ms-enrich may stand in a file that changes" {
	printf 'n,m,v\n1,9,one\n2,8,two\n' >t.csv
	printf '# which\n.n\n' >k.jq
	ms-enrich -f k.jq --reload -t t.csv -k =n --columns v \
	    --rejects rej <in >out 2>err &
	job=$!
	exec 5>in
	until_out '"v":"one"'
	echo '.n + 1' >new
	touch -d '1 minute ago' new
	mv new k.jq
	until_out '"v":"two"'
	tail -n 1 out | jq -e '._lineage[0].rule == ".t = t.csv[n == .n + 1] | {v}"'
	head -n 1 out | jq -e '._lineage[0].rule == ".t = t.csv[n == # which\n.n] | {v}"'
	echo '.n +' >new
	touch -d '1 minute ago' new
	mv new k.jq
	told() {
		ask
		grep -q 'k.jq: the program before it stays' err
	}
	eventually told
	until_out '"v":"two"'
	grep -q 'k.jq: the program before it stays' err
	echo '.n, 2' >new
	touch -d '1 minute ago' new
	mv new k.jq
	eventually rejected
	head -n 1 rej | jq -e '.rule == ".t = t.csv[n == .n, 2] | {v}" and
	    .error == "the program of the key has more than one output"'
}

@test "-f of ms-enrich goes with a key that says which column it is for" {
	printf 'n,m,v\n1,9,one\n2,8,two\n' >t.csv
	echo '.n + 1' >k.jq
	enrich() { ms-enrich --lineage off -t t.csv "$@" <<<'{"n":1,"m":8}'; }
	status 0 enrich -f k.jq -k .m -k =n --merge --columns v >out
	same out '{"n":1,"m":8,"v":"two"}'
	status 2 enrich -f k.jq -k .n 2>err
	grep -q -- '-f k.jq gives a key: -k =COLUMN says which column' err
	status 2 enrich -k =n 2>err
	grep -q -- "-k '=n' says no key: -k PATH=n, or -f FILE with a program" err
	status 2 enrich --reload -k .n 2>err
	grep -q -- '--reload goes with -f FILE' err
	echo '.n[]' >k.jq
	status 2 enrich -f k.jq -k =n 2>err
	grep -q -- '-f k.jq: gives several keys of an event' err
	echo '.ip' >k.jq
	status 0 ms-enrich --lineage off --mmdb "$examples/geo.mmdb" -f k.jq \
	    --columns country.iso_code <<<'{"ip":"192.0.2.1"}' >out
	same out '{"ip":"192.0.2.1","geo":{"country":{"iso_code":"DE"}}}'
	status 2 ms-enrich --mmdb "$examples/geo.mmdb" -f k.jq -k .x 2>err </dev/null
	grep -q -- '-k and -f exclude each other' err
	status 2 ms-enrich --sql x.db -f k.jq --reload 2>err </dev/null
	grep -q -- "--reload doesn't go with --sql" err
}

@test "--when changes these events and leaves the others as they are" {
	printf '%s\n' '{"a": 1, "b":"\u0061"}' '{"a":2}' >events
	status 0 ms-map --when '.a == 2' '.c = 3' <events >out
	head -n 1 events >first
	head -n 1 out | cmp first -
	sed -n 2p out | jq -e '.c == 3 and (._lineage | length) == 1'
	ms-trace <events >traced
	status 0 ms-map --when false . <traced >out
	cmp traced out
	printf 'a,v\n1,x\n2,y\n' >t.csv
	status 0 ms-enrich --when '.a == 2' -t t.csv -k .a <events >out
	head -n 1 out | cmp first -
	sed -n 2p out | jq -e '.t.v == "y"'
	status 0 ms-enrich --stats --when '.a == 2' -t t.csv -k .a <events 2>err >out
	grep -q '1 hits, 0 misses' err
}

@test "a --when that fails is a reject, and one that is wrong a usage error" {
	status 1 ms-map --when '.a + "x"' . <<<'{"a":1}' >out 2>err
	grep -q '^ms-map: standard input:1: --when: ' err
	status 2 ms-map --when '.a ==' . <<<'{"a":1}' >out 2>err
	grep -q '^ms-map: --when:1:' err
	status 2 ms-map --when '.a = 1' . <<<'{"a":1}' >out 2>err
	status 2 ms-map --when . --when . . <<<'{"a":1}' >out 2>err
	grep -q 'given twice' err
	status 2 ms-map -R --when . . <<<'x' >out 2>err
	grep -q 'a line of -R is none' err
}
