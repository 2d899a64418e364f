#!/usr/bin/env bats
# The two promises, on random events and random changes: what no program
# touches comes out byte for byte, and every change can be taken back.
load helper

events() { # SEED N [VARIABLE=VALUE...]
	awk -v seed="$1" -v n="$2" "${@:3}" -f "$root/tests/events.awk"
}

# undone FILE PROGRAM: what the program makes of the file's events rewinds
# to them.
undone() {
	status 0 ms-map --lineage-cap 1M "$2" <"$1" >changed || {
		echo "with program: $2" >&2
		return 1
	}
	status 0 ms-trace rewind <changed >back
	cmp "$1" back || {
		echo "with program: $2" >&2
		diff "$1" back | head -n 4 >&2
		return 1
	}
}

@test "every program's change is taken back, byte for byte" {
	events 1 400 >in
	[ "$(wc -l <"$root/tests/programs.txt")" -ge 40 ]
	while IFS= read -r program; do
		undone in "$program"
	done <"$root/tests/programs.txt"
}

@test "every stage of a random pipeline gives back what it received" {
	for seed in 11 12 13 14 15 16; do
		echo "with seed $seed"
		events "$seed" 200 >s0
		awk -v seed="$seed" 'BEGIN { srand(seed) }
		    { line[NR] = $0 }
		    END { for (i = 0; i < 4; i++)
			print line[1 + int(rand() * NR)] }' \
		    "$root/tests/programs.txt" >four
		cat four
		k=0
		while IFS= read -r program; do
			status 0 ms-map --lineage-cap 1M -n "stage$((k + 1))" \
			    "$program" <"s$k" >"s$((k + 1))"
			k=$((k + 1))
		done <four
		[ "$k" -eq 4 ]
		for k in 1 2 3 4; do
			status 0 ms-trace rewind --before "$k" <s4 >back
			cmp "s$((k - 1))" back
			status 0 ms-trace rewind --before "stage$k" <s4 >back
			cmp "s$((k - 1))" back
		done
	done
}

@test "random changes made by the library itself are taken back" {
	for seed in 1 2 3; do
		status 0 "$MS_BUILD/tests/undo_property" "$seed" 3000
	done
}

@test "an undo is a patch that other people's RFC 6902 applies as well" {
	events 2 150 -v unique=1 | grep -v '\\ud800\|\\udc00' >in
	jq -Sc . in >want
	while IFS= read -r program; do
		status 0 ms-map --lineage-cap 1M "$program" <in >changed
		jq -Sc -f "$root/tests/patch.jq" changed >got
		cmp want got || {
			echo "with program: $program" >&2
			return 1
		}
	done <"$root/tests/programs.txt"
}

@test "a new member leaves every other byte of an event alone" {
	events 4 3000 -v spaced=1 >in
	grep -q '[ 	]' in
	sed 's/}$/,"new":1}/; s/{,/{/' in >want
	status 0 ms-map --lineage off '.new = 1' <in >out
	cmp want out
}

@test "a changed member leaves every other byte of an event alone" {
	events 5 3000 | sed 's/^{/{"first":[1.0,{"x":"\\u0041"}],/; s/,}$/}/' \
	    >in
	sed 's/^{"first":\[1.0,/{"first":[2,/' in >want
	status 0 ms-map --lineage off '.first[0] = 2' <in >out
	cmp want out
}

@test "a deleted member leaves every other byte of an event alone" {
	events 6 3000 >want
	sed 's/}$/,"last":{"x":1.0}}/; s/{,/{/' want >in
	status 0 ms-map --lineage off 'del(.last)' <in >out
	cmp want out
}

@test "a member that goes and comes back in one program loses nothing else" {
	events 7 500 >want
	status 0 ms-map --lineage off '.new = 1 | del(.new)' <want >out
	cmp want out
}

@test "members go back to their places, not to the end" {
	printf '{"a":1,"b":2,"c":3,"d":4,"e":5,"pad":"%s"}\n' \
	    "$(filler 300)" >in
	for program in 'del(.a)' 'del(.c)' 'del(.pad)' 'del(.a, .b)' \
	    'del(.b, .d)' 'del(.d, .e, .pad)' 'del(.c) | .c = 9' \
	    'del(.a) | .z = 1 | .a = 2' '{pad, c, a}'; do
		undone in "$program"
	done
}

@test "members go back to their places deep inside as well" {
	printf '{"o":{"a":1.0,"b":[{"x":1,"y":"\\u00e9","z":3}],"c":2},"p":"%s"}\n' \
	    "$(filler 300)" >in
	for program in 'del(.o.a)' 'del(.o.b[0].x)' 'del(.o.b[0].y)' \
	    '.o.b[0].y = 1' 'del(.o.b[0].x) | .o.b[0].w = 1' \
	    '.o |= {c, b}' 'del(.o.b) | .o.n = 1'; do
		undone in "$program"
	done
}

@test "elements go back to their places" {
	printf '{"l":[1.0,"\\u00e9",{"x":1},null,[2.0]],"p":"%s"}\n' \
	    "$(filler 300)" >in
	for program in 'del(.l[0])' 'del(.l[1, 3])' 'del(.l[-1])' \
	    '.l |= sort' '.l |= .[2:]' '.l |= .[:2]' '.l += [1, 2]' \
	    '.l = [7] + .l' '.l[1:3] = []' '.l[1:3] = [1,2,3,4]' \
	    '.l[7] = 1' '.l[2].x = 2' 'del(.l[])' '.l |= map(.)' \
	    '.l |= [.[4,3,2,1,0]]'; do
		undone in "$program"
	done
}

@test "a change of spelling alone is a change, and is taken back" {
	printf '{"n":1.10,"s":"\\u0041","p":"%s"}\n' "$(filler 300)" >in
	status 0 ms-map '.n += 0 | .s += ""' <in >out
	grep -q '^{"n":1.1,"s":"A",' out
	status 0 ms-trace rewind <out >back
	cmp in back
}

@test "duplicate keys that a program touches come back" {
	printf '%s\n' '{"a":1,"b":2,"a":3.0}' '{"x":{"k":1,"k":2.0},"y":1}' \
	    '{"\u0061":1.0,"a":2}' >in
	for program in '.a = 9' 'del(.a)' 'del(.b)' '.x.k = 9' 'del(.x.k)' \
	    '{a, x}' 'with_entries(.)' '.x = 1' 'del(.x)'; do
		undone in "$program"
	done
}

@test "events with forks rewind to the event that forked" {
	events 8 200 >in
	status 0 ms-map --lineage-cap 1M '., (.a = 1), del(.n)' <in >out
	status 0 ms-trace rewind <out >back
	sed 'p;p' in | cmp - back
}

@test "an undo never holds what it takes to lie: an old history stays out" {
	events 9 100 >in
	ms-trace in >s1
	status 0 ms-map --lineage-cap 1M '{x: 1}' <s1 >s2
	lacks -q '"undo":\[{[^]]*"_lineage"' s2
	status 0 ms-trace rewind --before 2 <s2 >back
	cmp s1 back
}

@test "a record's members stand in the order that ms-lineage(5) names" {
	events 10 100 >in
	ms-map -n a '., (.q = 1)' <in | ms-trace | ms-filter -v -n c \
	    --else rest 'true' >out
	ms-enrich -t "$examples/hosts.csv" -k .q=ip --miss null <rest >all
	jq -c '["op","stage","rule","id","from","fork","kept","at","undo",
	    "truncated","sum","read","seal"] as $order | ._lineage[] | keys_unsorted |
	    map(. as $k | $order | index($k)) | . == sort and
	    all(.[]; . != null)' all | sort -u >got
	same got true
	[ "$(wc -l <all)" -eq 200 ]
}

@test "a lineage is written without spaces, on one line" {
	events 10 100 >in
	ms-map --lineage-cap 1M 'del(.n)' <in >out
	lines 100 out
	lacks -qE '"(op|rule|at|undo)" *: |", "' \
	    <(sed 's/.*"_lineage"//; s/"value":.*//' out)
}

@test "slim records can't be told from no change, full ones can" {
	echo '{"a":1}' >in
	status 0 ms-map --lineage slim -n s '.a = 2' <in >out
	same <(unsummed out) \
	    "{\"a\":2,\"_lineage\":[{\"op\":\"map\",\"stage\":\"s\",\
\"at\":\"$NOW\"}]}"
	status 0 ms-map -n s '.a = 2' <in >out
	holds out '._lineage[0] | has("undo") and has("rule")'
}

@test "all four filters in a pipe can be taken back" {
	data=$examples/access.ndjson
	ms-trace "$data" | ms-filter '.status < 600' |
	    ms-enrich -t "$examples/hosts.csv" -k .ip --merge |
	    ms-map '.cost = .bytes * 0.01 | del(.user)' >out
	lines 12 out
	status 0 ms-trace rewind <out >back
	cmp "$data" back
}

# rule_is PROGRAM RULE: what the record says, and it does the same.
rule_is() {
	echo '{"n":1}' >in
	ms-map "$1" in >out
	jq -rj '._lineage[0].rule' out >rule
	printf %s "$2" | diff - rule
	ms-map -f rule in >again
	cmp out again
}

@test "a rule without its comments is the same program" {
	rule_is ' .a = 1 # one' '.a = 1'
	rule_is $'# first\n.a = 1 # one\n# whole line\n| .b = 2 # two\n' \
	    $'.a = 1\n| .b = 2'
	rule_is '.a = "# none" # one' '.a = "# none"'
	rule_is '.a = "x \(.n + ("#\(1)" | length)) # y \" #" # z' \
	    '.a = "x \(.n + ("#\(1)" | length)) # y \" #"'
	rule_is '.a = "\\" # "' '.a = "\\"'
	rule_is '.a = ("(" | length) # )' '.a = ("(" | length)'
	rule_is $'.a = "\\(1 # one\n)#" # two \\\nthree' $'.a = "\\(1\n)#"'
	rule_is '.a = @text "#\(.n) \("\("#")")" # deep' \
	    '.a = @text "#\(.n) \("\("#")")"'
	# in a reject, and in a fold's words
	echo '{"n":"x"}' | ms-map --rejects r '.n + 1 # one' 2>/dev/null || true
	holds r '.rule == ".n + 1"'
	ms-fold --as .f $' # first\n .n += 1 # one' in >out
	holds out '._lineage[0].rule == ".f = fold: .n += 1"'
}
