#!/usr/bin/env bats
# What one event takes of memory is one sum with a limit, wherever its bytes
# go; what ends early leaves nothing behind, in memory as in the output.
load helper

# ones N: a JSON text of N ones in an array, as a string in an event.
ones() {
	awk -v n="$1" 'BEGIN { printf "{\"s\":\"[1"
		for (i = 1; i < n; i++) printf ",1"
		print "]\"}" }'
}

# peak COMMAND...: run it, and leave its peak of memory, in KiB, in ./peak
peak() {
	/usr/bin/time -f %M -o peak "$@"
}

@test "events that meet --max-memory leave nothing behind" {
	ones 200000 >one
	for _ in {1..100}; do cat one; done >in
	for program in '.x = (.s | fromjson)' '.x = [.s | tojson, tojson]' \
	    'error([.s, .s, .s])' '.x = "\(.s)\(.s)\(.s)"'; do
		status 1 peak ms-map --lineage off --max-memory 1M \
		    "$program" <in >out 2>err
		[ ! -s out ]
		grep -q 'in:1\|standard input:1: .*more than 1 MiB of memory' err
		echo "$program: $(tail -n 1 peak) KiB"
		is_asan || [ "$(tail -n 1 peak)" -le 40000 ]
	done
}

@test "a sort that meets --max-memory leaves nothing behind" {
	jq -nc '{l: [range(20000) | {a: (. * 7919 % 20000)}]}' >one
	for _ in {1..40}; do cat one; done >in
	status 1 peak ms-map --lineage off --max-memory 4M '.l |= sort' \
	    <in >out 2>err
	[ ! -s out ]
	grep -q 'more than 4 MiB of memory' err
	is_asan || [ "$(tail -n 1 peak)" -le 14000 ]
}

@test "a sort needs no second copy of what it sorts" {
	# 100,000 elements of 16 bytes, their keys, both with a place (40), and
	# pointers to half as many again, of 8 bytes
	is_asan && skip "what is poisoned is copied before"
	run -0 ms-map --lineage off --max-memory 15M \
	    '.n = ([range(100000) | -.] | sort | .[0])' <<<'{}'
	[ "$output" = '{"n":-99999}' ]
}

@test "--max-memory holds for text that a program makes of its event" {
	# 16 MB of text from an event of 40 bytes, and nothing kept of it
	for make in 'tojson' 'tostring' '@json' '@text' 'error' \
	    '"\(.)\(.)"'; do
		status 1 peak ms-map --lineage off --max-memory 10M \
		    '[limit(16; repeat("'"$(printf '%01000d' 7)"'"))]
		    | [limit(1000; repeat(.))] | '"$make | {a: .}" \
		    <<<'{}' >out 2>err
		[ ! -s out ]
		grep -q 'more than 10 MiB of memory' err
		echo "$make: $(tail -n 1 peak) KiB"
		is_asan || [ "$(tail -n 1 peak)" -le 24000 ]
	done
}

@test "--max-memory holds for what is written of an event" {
	# the same string many times is small until it is written
	status 1 peak ms-map --lineage off --max-memory 10M \
	    '("x" * 400000) as $s | {a: [limit(64; repeat($s))]}' \
	    <<<'{}' >out 2>err
	[ ! -s out ]
	grep -q 'more than 10 MiB of memory' err
	is_asan || [ "$(tail -n 1 peak)" -le 24000 ]
}

@test "--max-memory holds for the structure of what is read" {
	# half a million numbers are a million entries of 8 bytes
	{
		awk 'BEGIN { printf "{\"a\":["
			for (i = 0; i < 500000; i++) printf "1,"
			print "1]}" }'
		echo '{"b":1}'
	} >in
	status 1 ms-map --lineage off --max-memory 4M --rejects dead \
	    'del(.a)' <in >out 2>err
	same out '{"b":1}'
	grep -q 'input:1: the event needs more than 4 MiB of memory' err
	ms-trace replay dead | cmp - <(head -n 1 in)
	status 0 ms-map --lineage off --max-memory 10M 'del(.a)' <in >out
	same out '{}' '{"b":1}'
}

@test "a meter goes on after an event that needed too much memory" {
	ones 200000 >in
	{ cat in in; echo '{"b":1}'; } | within 60 ms-trace stats \
	    --every 60s --max-memory 64K >out 2>err || [ "$?" -eq 1 ]
	tail -n 1 out >last
	same last '{"b":1}'
}

@test "a line that grows beyond --max-line is rejected where it is made" {
	printf '%s\n' '{"a":"x"}' '{"a":"xx"}' '{"a":"xxx"}' >in
	status 1 ms-map --lineage off --max-line 11 --rejects dead \
	    '.a += "xx"' <in >out 2>err
	same out '{"a":"xxx"}'
	grep -q 'input:3: the event and its history would be a line longer' err
	same <(jq -c .event dead) '{"a":"xx"}' '{"a":"xxx"}'
	# its history counts
	status 1 ms-map --max-line 107 . <in >out 2>err
	same <(jq -c .a out) '"x"' '"xx"'
}

@test "whichever allocation fails, the output is whole lines and it is told" {
	is_asan && skip "ASan has an allocator of its own"
	"${CC:-cc}" -shared -fPIC -D_GNU_SOURCE -DFAULT_MEMORY -O1 \
	    -o fault.so "$root/tests/fault.c"
	head -n 5 "$examples/access.ndjson" >in
	ms-trace in | ms-map -n price '.cost = .bytes * 2 | del(.user)' >told
	head -n 6 "$examples/hosts.csv" >hosts.csv
	starve() {
		"$root/tests/starve.sh" "$PWD/fault.so" "$@" >>report
	}
	starve ms-filter '.status >= 300' in
	starve ms-filter --else other '.agent | test("Firefox/[0-9]+")' in
	starve ms-map '.x = (tojson | fromjson) | .p = (.path | gsub("a"; "b"))' in
	starve ms-map '.x = "\(.)" + (.path * 300), error(.ip)' in
	starve ms-map --rejects dead 'error(.)' in
	starve ms-map -j 2 '{a: .ip}, {b: .path}' in
	starve ms-map -R '{line: .}' in
	starve ms-map --explain '.x = .y'
	starve ms-map --arg x 1 --argjson y '{"a":[1]}' --slurpfile z in \
	    '.x = [$x, $y, $z[0]]' in
	starve ms-enrich -t hosts.csv -k .ip in
	starve ms-enrich -t hosts.csv -k .ip --merge in
	starve ms-trace log told
	starve ms-trace blame told
	starve ms-trace diff told
	starve ms-trace rewind told
	head -n 2 told >two
	starve ms-trace export -T otlp two
	starve ms-trace export -T prov two
	cat report
	[ ! -s report ]
}

@test "memory that ends in the middle of an event leaves no part of it" {
	is_asan && skip "ASan wants all the address space"
	printf '{"s":"a"}\n{"s":"%020000000d"}\n{"s":"b"}\n' 7 >in
	for program in '.t = "\(.s)y"' '.t = [.s, .s, .s, .s]' \
	    '.t = (.s | tojson)' '.t = .s | ., ., .'; do
		for limit in 60000 80000 100000 120000 140000 180000; do
			run -0 bash -c 'ulimit -v $0; "$@" >out 2>err
			    echo $? >got; exit 0' "$limit" \
			    ms-map --lineage off "$program" in
			echo "$program, $limit: $(<got) $(<err)"
			[[ $(<got) == [013] ]]
			[ "$(<got)" -eq 0 ] || [ -s err ]
			# whole lines, each with what the program adds
			jq -c 'if has("t") then empty else halt_error end' \
			    out >part
			[ ! -s out ] || [ -z "$(tail -c 1 out)" ]
		done
	done
}

@test "an event that would be nested too deeply is rejected where it is made" {
	deep='reduce range(N) as $i (1; [.]) | {a: .}'
	status 0 ms-map --lineage off "${deep/N/999}" <<<'{}' >out
	status 0 ms-filter --lineage off true <out >again
	cmp out again
	status 1 ms-map --lineage off "${deep/N/1000}" <<<'{}' >out 2>err
	[ ! -s out ]
	grep -q 'nested deeper than 1000 levels (--max-depth)' err
	# brackets in strings are no levels
	status 0 ms-map --lineage off '.s = "[" * 5000' <<<'{}' >out
	status 0 ms-filter --lineage off true <out >again
	status 0 ms-map --lineage off --max-depth 2000 "${deep/N/1500}" \
	    <<<'{}' >out
	# what is already deep, put one level deeper
	ms-map --lineage off "${deep/N/999}" <<<'{}' >deep
	status 1 ms-map --lineage off '{b: .}' deep >out 2>err
	[ ! -s out ]
	status 0 ms-map --lineage off '.b = 1' deep >out
	status 0 ms-filter --lineage off true <out >again
}
