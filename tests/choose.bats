#!/usr/bin/env bats
# ms-filter --unique, --rate, --sample and -q.
load helper

alerts() {
	cat <<-'EOF'
	{"k":"a","ts":"2026-11-25T10:00:00Z"}
	{"k":"a","ts":"2026-11-25T10:01:00Z"}
	{"k":"b","ts":"2026-11-25T10:02:00Z"}
	{"k":"a","ts":"2026-11-25T11:10:00+01:00"}
	{"k":"a","ts":"2026-11-25T10:11:00Z"}
	{"k":"a","ts":"2026-11-25T10:19:59.999999Z"}
	{"k":"a","ts":"2026-11-25T10:20:00Z"}
	EOF
}

# numbers N: so many events, as many a second as there are.
numbers() {
	seq "$1" | sed 's/.*/{"n":&}/'
}

# in_n FILE N...: the events' members n.
in_n() {
	local file=$1

	shift
	jq -r .n "$file" | paste -sd' ' >in_n
	same in_n "$*"
}

@test "--unique passes the first event of each key" {
	printf '%s\n' '{"k":1,"n":1}' '{"k":"1","n":2}' '{"k":1.0,"n":3}' \
	    '{"n":4}' '{"k":null,"n":5}' '{"k":{"a":1,"b":2},"n":6}' \
	    '{"k":{"b":2,"a":10e-1},"n":7}' >in
	ms-filter --lineage off --unique .k --else rest in >out
	in_n out 1 2 4 6
	in_n rest 3 5 7
}

@test "--within counts from the event that passed" {
	alerts >in
	ms-filter --lineage off --unique .k --within 10m --time .ts in >out
	same out '{"k":"a","ts":"2026-11-25T10:00:00Z"}' \
	    '{"k":"b","ts":"2026-11-25T10:02:00Z"}' \
	    '{"k":"a","ts":"2026-11-25T11:10:00+01:00"}' \
	    '{"k":"a","ts":"2026-11-25T10:20:00Z"}'
}

@test "--count-as says on the next one how many were held back" {
	alerts >in
	ms-filter --unique .k --within 10m --time .ts --count-as .held in >out
	jq -c .held out >held
	same held null null 1 2
	ms-trace verify out
	ms-trace rewind out >back
	ms-filter --lineage off --unique .k --within 10m --time .ts in >plain
	cmp back plain
}

@test "those held back go to --else with a record that says so" {
	alerts >in
	ms-filter --unique .k --within 10m --time .ts --else rest in >out
	jq -c '._lineage[0] | [.op, .rule, .kept]' rest | sort -u >records
	same records '["filter","unique .k within 10m of .ts",false]'
	lines 3 rest
	ms-trace verify rest
}

@test "a time from before is held back; a clock that jumps back goes on" {
	printf '%s\n' '{"n":100}' '{"n":95}' '{"n":90}' '{"n":91}' '{"n":109}' >in
	ms-filter --lineage off --unique 1 --within 10s --time .n in >out
	in_n out 100 90 109
}

@test "--rate is a bucket of tokens, full at first" {
	printf '%s\n' '{"n":0}' '{"n":0.1}' '{"n":0.2}' '{"n":0.5}' '{"n":0.6}' \
	    '{"n":1.5}' '{"n":9}' '{"n":9}' '{"n":9}' >in
	ms-filter --lineage off --rate 2/s --time .n --else rest in >out
	in_n out 0 0.1 0.5 1.5 9 9
	in_n rest 0.2 0.6 9
}

@test "--rate counts exactly, also where the period is no multiple" {
	numbers 10000 >in
	ms-filter -c --rate 7/30s --time .n in >out
	same out 2340 # 7 at once, and 7/30 in each of 9,999 seconds
	ms-filter -c --rate 1000000/d --time .n in >out
	same out 10000
}

@test "--by gives each key a bucket of its own" {
	numbers 100 >in
	ms-filter -c --rate 1/w --by '.n % 5' --time .n in >out
	same out 5
}

@test "--rate goes on after a clock that jumped back" {
	printf '%s\n' '{"n":4000000000}' '{"n":1}' '{"n":2}' '{"n":3}' '{"n":62}' >in
	ms-filter --lineage off --rate 1/m --time .n in >out
	in_n out 4000000000 62
}

@test "--sample passes the same events in every run, and says its share" {
	numbers 100000 >in
	ms-filter --sample 1% in >out
	ms-filter --sample 0.01 -j 4 in >again
	jq -c .n out >n1
	jq -c .n again >n2
	cmp n1 n2
	n=$(wc -l <out)
	[ "$n" -gt 900 ] && [ "$n" -lt 1100 ]
	jq -c '._lineage[0] | [.rule, .sample]' out | sort -u >records
	same records '["sample 1%",0.01]'
	head -1 out | ms-trace verify
	# what has come through other stages is the same event still
	ms-trace in | ms-map '.x = 1' | ms-filter --sample 1% >later
	jq -c .n later >n3
	cmp n1 n3
}

@test "a sample by key takes all events of a key, and a larger one has it" {
	numbers 10000 | ms-map --lineage off '.k = .n % 100' >in
	ms-filter --lineage off --sample 20% --by .k in >out
	jq -c .k out | sort | uniq -c | awk '{ print $1 }' | sort -u >counts
	same counts 100
	ms-filter --lineage off --sample 40% --by .k in >larger
	grep -vxFf larger out >missed || true
	lines 0 missed
	ms-filter -c --sample 100% in >all
	same all 10000
	ms-filter --lineage off -v --sample 20% --by .k in >rest
	sort -n out rest | sort | cmp - <(sort in)
}

@test "a sample of standard input goes by the event, not by its history" {
	numbers 1000 | ms-filter --lineage off --sample 10% | jq -c .n >n1
	numbers 1000 | ms-map --lineage off . |
	    MS_NOW=2027-01-01T00:00:00.000000Z ms-filter --sample 10% |
	    jq -c .n >n2
	cmp n1 n2
	[ -s n1 ]
}

@test "shares are read as they are written" {
	for share in 0.7% 0.007 .007; do
		echo '{}' | ms-filter -v --sample $share | jq -c \
		    '._lineage[0].sample' >out
		echo '{}' | ms-filter --sample $share | jq -c \
		    '._lineage[0].sample' >>out
		same out 0.007
	done
}

@test "-f gives a predicate, whose events alone are judged" {
	echo '.n % 2 == 0' >even.jq
	numbers 10 >in
	ms-filter --lineage off -f even.jq --unique '.n % 4' in >out
	in_n out 2 4
	ms-filter --lineage off -v -f even.jq --unique '.n % 4' in >out
	in_n out 1 3 5 6 7 8 9 10
	ms-filter -f even.jq --unique '.n % 4' in | head -1 |
	    jq -r '._lineage[0].rule' >rule
	[[ $(cat rule) == 'unique .n % 4: .n % 2 == 0'* ]]
}

@test "threads change nothing" {
	numbers 100000 >in
	for options in '--unique .n%1000' '--rate 3/s --by .n%7 --time .n/10' \
	    '--sample 3%'; do
		# shellcheck disable=SC2086 # options and their values
		ms-filter $options --else rest1 in >out1
		# shellcheck disable=SC2086
		ms-filter -j 4 $options --else rest4 in >out4
		cmp out1 out4
		cmp rest1 rest4
	done
}

@test "-q ends at the first event that passes, and says whether there was one" {
	numbers 3 >in
	status 0 ms-filter -q '.n == 2' in >out
	status 1 ms-filter -q '.n == 4' in >>out
	[ ! -s out ]
	# the endless input is left
	status 0 within 10 sh -c 'yes "{\"n\":1}" | ms-filter -q .n'
	status 0 ms-filter -q .n in missing
	status 3 ms-filter -q .x in missing 2>err
	status 2 ms-filter -q -c .n in 2>err
	status 2 ms-filter -q --else rest .n in 2>err
}

@test "an event whose key or time fails is a reject, and changes nothing" {
	printf '%s\n' '{"n":1,"t":1}' '{"n":2,"t":"soon"}' '{"n":3,"t":[]}' \
	    '{"n":4,"t":1e300}' '{"n":5,"t":2}' >in
	status 1 ms-filter -c --unique 1 --within 1s --time .t in >out 2>err
	same out 2
	grep -q 'in:2: --time gave soon, which is no time' err
	lines 3 err
	status 1 ms-filter -c --unique '.n, .t' in >out 2>err
	grep -q 'in:1: --unique gave several values, and one value is wanted' err
	status 1 ms-filter -c --rate 1/s --by '.t.x' in >out 2>err
	grep -q -- '--by: ' err
	status 1 ms-filter -c --unique 1 --within 1s --time .n \
	    --count-as .n.x in >out 2>err
	grep -q -- '--count-as: ' err
}

@test "a full state ends the stage with 3, and is told" {
	numbers 100000 >in
	status 3 ms-filter --max-state 64K --unique .n in >out 2>err
	grep -q 'the state is full: [0-9]* keys take .* raise --max-state' err
	[ -s out ]
}

@test "--max-keys forgets the key used longest ago, and tells it" {
	printf '%s\n' '{"n":1}' '{"n":2}' '{"n":1}' '{"n":3}' '{"n":1}' \
	    '{"n":2}' >in
	ms-filter --lineage off --max-keys 2 --unique .n in >out 2>err
	in_n out 1 2 3 2
	grep -q '^ms-filter: 2 times a key was forgotten for --max-keys$' err
}

@test "memory stays flat where keys come and go" {
	if is_asan; then
		skip "ASan keeps what is freed"
	fi
	numbers 1000000 >in
	(
		ulimit -v 60000
		ms-filter -c --max-keys 1000 --unique .n in 2>/dev/null
		ms-filter -c --unique .n --within 10s --time .n in
		ms-filter -c --rate 5/m --by .n --time .n in
	) >out
	same out 1000000 1000000 1000000
}

@test "options that don't go together are told" {
	for options in '--unique .a --rate 1/s' '--rate 1/s --sample 1%' \
	    '--unique .a --by .b' '--by .b --unique .a' '--by .a' \
	    '--within 1m' '--unique .a --count-as .b' '--rate 1/s --within 1m' \
	    '--unique .a --within 1m --count-as .n -v' '--unique .a --time .t' \
	    '--sample 1% --time .t' '--sample 1% --max-keys 3' \
	    '--unique .a --within 0' '--unique .a --within 5' \
	    '--rate 0/s' '--rate 1' '--rate 1/' '--rate 1/0' '--rate -1/s' \
	    '--rate x/s' '--rate 1.5/s' '--rate 99999999999999/w' \
	    '--rate 99999999999999999999/s' '--rate 1/1s/s' \
	    '--sample 0' '--sample 0%' '--sample 101%' '--sample 1.1' \
	    '--sample x' '--sample 1%%' '--sample 1.2.3' '--sample -1%' \
	    '--reload --unique .a' '--unique .a --time-unit h' '--unique .a( --within 1m'; do
		# shellcheck disable=SC2086 # options and their values
		status 2 ms-filter $options </dev/null 2>err >out
		grep -q '^ms-filter: ' err
		[ ! -s out ]
	done
}

@test "one event from far ahead neither ends the memory nor empties it" {
	{
		printf '%s\n' '{"n":1,"k":1}' '{"n":4000000000,"k":2}'
		seq 2 70 | sed 's/.*/{"n":&,"k":1}/'
	} >in
	ms-filter --lineage off --unique .k --within 1m --time .n in >out
	in_n out 1 4000000000 61
	ms-filter --lineage off --rate 1/m --by .k --time .n in >out
	in_n out 1 4000000000 61
}
