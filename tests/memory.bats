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

@test "a line that grows beyond --max-line is rejected where it is made" {
	printf '%s\n' '{"a":"x"}' '{"a":"xx"}' '{"a":"xxx"}' >in
	status 1 ms-map --lineage off --max-line 11 --rejects dead \
	    '.a += "xx"' <in >out 2>err
	same out '{"a":"xxx"}'
	grep -q 'input:3: the event and its history would be a line longer' err
	same <(jq -c .event dead) '{"a":"xx"}' '{"a":"xxx"}'
	# its history counts
	status 1 ms-map --max-line 82 . <in >out 2>err
	same <(jq -c .a out) '"x"' '"xx"'
}
