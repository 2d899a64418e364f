#!/usr/bin/env bats
# What others change between two stages, or behind the last one, is told and
# blamed on no stage.
load helper

# The sum of the event's last record.
sum_of() {
	ms-filter true <<<"$1" | jq -r '._lineage[-1].sum'
}

# Three stages, of which something stands before the third: the lines go
# through the command that is given.
through() {
	ms-trace in | ms-map -n vat '.vat = 1' >two
	"$@" <two >altered
	ms-filter true <altered >out
}

@test "a sum counts bytes, not white space outside strings" {
	want=$(sum_of '{"a":[1,{"b":"x y"}],"c":1.10}')
	[[ $want =~ ^[0-9a-f]{16}$ ]]
	for same in '{ "a" : [ 1,{"b":"x y"}	], "c":1.10 }' \
	    ' {"a":[1,{"b":"x y"}],"c":1.10} ' \
	    $'{"a":[1,{"b":"x y"}],"c":1.10}\r' \
	    '{"_lineage":[],"a":[1,{"b":"x y"}],"c":1.10}' \
	    '{"a":[1,{"b":"x y"}],"_lineage":[],"c":1.10}' \
	    '{"a":[1,{"b":"x y"}],"c":1.10,"_lineage":[{"op":"x"}]}' \
	    '{"a":[1,{"b":"x y"}] , "_lineage" : [ ] , "c":1.10}'; do
		echo "$same"
		[ "$(sum_of "$same")" = "$want" ]
	done
	for other in '{"a":[1,{"b":"x  y"}],"c":1.10}' \
	    '{"a":[1,{"b":"x y"}],"c":1.1}' \
	    '{"c":1.10,"a":[1,{"b":"x y"}]}' \
	    '{"a":[1,{"b":"x\u0020y"}],"c":1.10}' \
	    '{"a":[1,{"b":"x y"}],"c":1.10,"c":1.10}'; do
		echo "$other"
		[ "$(sum_of "$other")" != "$want" ]
	done
	[ "$(sum_of '{"_lineage":[]}')" = "$(sum_of '{}')" ]
	[ "$(sum_of '{ }')" = "$(sum_of '{"_lineage":[{"op":"x"}]}')" ]
}

@test "what a stage makes has the sum with which the next one reads it" {
	{
		echo '{"a":1,"s":"{ \"x\" : [1, 2] }"}'
		echo '{ "a" : 1, "s" : "{\"x\":[1,2]}" }'
	} >in
	for program in '.' '.s |= fromjson' '{b: (.s | fromjson)}' \
	    '., {}' 'del(.a)' 'del(.s)' '.c = {d: $t}' '.a = [.s]'; do
		echo "with $program"
		ms-map --argjson t '{ "e" : [ 1, 2 ] }' "$program" in |
		    tee one | ms-filter true | ms-map '.z = 1' >out
		holds out 'all(._lineage[]; has("sum") and (has("read") | not))'
		holds out '._lineage[0].sum == ._lineage[1].sum and
		    ._lineage[1].sum != ._lineage[2].sum'
		status 0 ms-trace verify out
	done
}

@test "read is there only where another sum stands before" {
	echo '{"a":1.10}' >in
	through cat
	holds out 'all(._lineage[]; has("read") | not)'
	through sed 's/1\.10/1.1/'
	holds out '[._lineage[] | has("read")] == [false, false, true]'
	holds out '._lineage[2] | .read == .sum'
	ms-map '.b = 2' <altered >out
	holds out '._lineage[2] | has("read") and .read != .sum'
	# spaces and the history's place make no difference
	through sed 's/{"a":1.10,\(.*\),\("_lineage.*\)}/{\2, "a" : 1.10 , \1}/'
	grep -q '^{"_lineage' altered
	holds out 'all(._lineage[]; has("read") | not)'
}

@test "slim records have both, off has none" {
	echo '{"a":1}' >in
	export MS_LINEAGE_KEY=_l
	ms-map --lineage slim '.b = 1' in | sed 's/"a":1/"a":2/' |
	    ms-map --lineage slim '.c = 1' >out
	holds out '[._l[] | keys_unsorted] == [["op","at","sum"],
	    ["op","at","sum","read"]]'
	ms-map --lineage off '.b = 1' <in >out
	holds out 'has("_l") | not'
}

@test "what others changed between two stages is told where it happened" {
	echo '{"a":1,"b":{"c":[1,2]}}' >in
	through jq -c '.b.c[0] = 7'
	run -1 --separate-stderr ms-trace verify out
	[[ $stderr == *"out:1: changed outside, after 2 map vat" ]]
	[[ $output == "0 sound, 1 changed outside" ]]
	ms-trace log --color=never out >told
	sed -n '/^ 2  vat  *map/,/^ 3  filter/p' told >part
	same <(tail -n 2 part | head -n 1) ' !  changed outside, after 2 map vat'
	ms-trace log --color=never --oneline out | grep -q \
	    ' out  *vat outside$'
	run -0 ms-trace verify --allow-outside out
	[ "$output" = "1 sound, 1 of them changed outside" ]
}

@test "what others changed behind the last stage is told too" {
	echo '{"a":1}' >in
	through cat
	sed 's/"vat":1/"vat":2/' out >end
	run -1 --separate-stderr ms-trace verify end
	[[ $stderr == *"end:1: changed outside, after 3 filter" ]]
	ms-trace log --color=never end | grep . | tail -n 1 >last
	same last ' !  changed outside, after 3 filter'
	run -0 ms-trace verify --allow-outside end
	[ "$output" = "1 sound, 1 of them changed outside" ]
}

@test "several changes by others are all told" {
	echo '{"a":1}' >in
	through sed 's/"a":1/"a":2/'
	sed 's/"a":2/"a":3/' out >end
	run -1 --separate-stderr ms-trace verify end
	[[ $stderr == *"changed outside, after 2 map vat; changed outside, after 3 filter" ]]
}

@test "no stage is blamed for what others may have changed" {
	echo '{"a":1,"b":2}' >in
	through jq -c '.b = 3'
	ms-map -n late '.c = 4' <out >end
	ms-trace blame --color=never end >told
	grep -q '"a": 1' told
	# named once, for all three that follow one another
	[ "$(grep -c '^ ? outside after 2, or before  ' told)" -eq 1 ]
	[ "$(grep -c '^  *[|]   "' told)" -eq 2 ]
	grep '"c": 4' told | grep -q '^ 4 late  '
	ms-trace blame --json end >data
	jq -e '.values | map(del(.at, .value, .rule, .stage)) == [
	    {"path":"/a","outside":2}, {"path":"/b","outside":2},
	    {"path":"/vat","outside":2}, {"path":"/c","record":4,"op":"map"}]' data
}

@test "a stage without lineage is outside" {
	echo '{"a":1}' >in
	through ms-map --lineage off '.a = 2'
	run -1 --separate-stderr ms-trace verify out
	[[ $stderr == *"changed outside, after 2 map vat" ]]
}

@test "a state that isn't what its record read is told" {
	echo '{"a":1,"b":2}' >in
	ms-filter true in | ms-map -n one '.a = 5' | ms-map -n two 'del(.b)' >out
	status 0 ms-trace verify out
	sed 's/"value":1}/"value":7}/' out >forged
	run -1 --separate-stderr ms-trace verify forged
	[[ $stderr == *"record 2 (map one): taken back, the event is not what it read" ]]
	[[ $output == "0 sound, 1 whose undo gives something else" ]]
	sed 's/"value":2,"before"/"value":3,"before"/; s/"value":2}/"value":3}/' \
	    out >forged
	run -1 --separate-stderr ms-trace verify forged
	[[ $stderr == *"record 3 (map two): taken back"* ]]
	# slim records of stages that change can't be taken back
	ms-filter true in | ms-map --lineage slim '.a = 5' | ms-map '.z = 1' >out
	run -0 ms-trace verify out
	[ "$output" = "1 sound, 1 of them not to be taken back in full" ]
	# an undo that others made useless
	ms-map 'del(.a)' in | sed 's/"b":2/"z":2/' | ms-filter true >out
	ms-map '.a = 2 | del(.b)' in | sed 's/"a":2/"z":2/' | ms-filter true >out
	run -0 ms-trace verify --allow-outside out
}

@test "a sum that is none is told" {
	echo '{"a":1}' >in
	ms-filter true in >out
	for bad in 1 '"12"' '"0123456789ABCDEF"' '{}' null; do
		echo "$bad"
		sed -E "s/\"sum\":\"[^\"]*\"/\"sum\":$bad/" out >forged
		run -1 --separate-stderr ms-trace verify forged
		[[ $stderr == *'its "sum" is not 16 hexadecimal digits' ]]
		status 0 ms-map '.b = 1' <forged >next
		holds next '._lineage[1] | has("sum")'
	done
}

# A byte of each event becomes another one; what isn't JSON then is left out.
alter() { # SEED
	awk -v seed="$1" 'BEGIN { srand(seed)
		to = "0123456789abcXYZ,:{}[]\"\\tfn-.eE" }
	{
		n = index($0, ",\"_lineage\":[") - 1
		do {
			i = 2 + int(rand() * (n - 1))
			c = substr(to, 1 + int(rand() * length(to)), 1)
		} while (c == substr($0, i, 1))
		print substr($0, 1, i - 1) c substr($0, i + 1)
	}'
}

@test "every single byte that others change is told, at its place" {
	for seed in 1 2 3; do
		awk -v seed="$seed" -v n=300 -f "$root/tests/events.awk" >in
		ms-filter true in | ms-map -n mid '.k0 = [1, .k1]' >two
		alter "$seed" <two | ms-filter --lineage off true \
		    2>/dev/null >altered || true
		[ "$(wc -l <altered)" -ge 30 ]
		# behind the last record
		status 1 ms-trace verify altered 2>told >count
		same count "0 sound, $(wc -l <altered) changed outside"
		# and before a stage that changes the event, or doesn't
		ms-filter true altered >out
		status 1 ms-trace verify out 2>told >count
		same count "0 sound, $(wc -l <altered) changed outside"
		head -n 1 told | grep -q 'changed outside, after 2 map mid$'
		ms-map -n end '.zz = 1 | del(.k1)' altered >out
		status 1 ms-trace verify out 2>told >count
		same count "0 sound, $(wc -l <altered) changed outside"
		grep -v 'after 2 map mid$' told >rest
		lines 1 rest
		grep -q 'more lines' rest
	done
}

@test "a pipeline of our own is never told to be changed outside" {
	for spaced in 0 1; do
		awk -v seed=5 -v n=150 -v spaced=$spaced \
		    -f "$root/tests/events.awk" >in
		for seed in 1 2 3 4; do
			cp in step
			while IFS= read -r program; do
				ms-map --lineage-cap 1M "$program" <step |
				    ms-filter 'true' >next
				mv next step
			done < <(awk -v seed="$seed" 'BEGIN { srand(seed) }
			    { line[NR] = $0 }
			    END { for (i = 0; i < 3; i++)
				print line[1 + int(rand() * NR)] }' \
			    "$root/tests/programs.txt")
			ms-trace step | ms-enrich -t "$examples/hosts.csv" \
			    -k .none=ip --miss null >out
			status 0 ms-trace verify out >count
			lacks -q outside count
			lacks -q '"read":"' out
			for k in 1 2 4; do
				ms-trace rewind --after "$k" out >back
				status 0 ms-trace verify back >/dev/null
			done
		done
	done
}
