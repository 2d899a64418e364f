#!/usr/bin/env bats
# The language, by examples: those of everyday work.
load helper

# gives PROGRAM INPUT OUTPUT...: the outputs, as ms-map writes them.
gives() {
	local want

	want=$(printf ',%s' "${@:3}")
	printf '{"in":%s}\n' "$2" >in
	status 0 ms-map --lineage off "{out: [.in | ($1)]}" <in >out || {
		echo "program: $1" >&2
		return 1
	}
	same out "{\"out\":[${want#,}]}" || {
		echo "program: $1, input: $2" >&2
		return 1
	}
}

# fails PROGRAM INPUT WORDS: an error of that event, with these words.
fails() {
	printf '{"in":%s}\n' "$2" >in
	status 1 ms-map --lineage off "{out: [.in | ($1)]}" <in >out 2>err
	grep -qF "$3" err || {
		echo "program: $1" >&2
		cat err >&2
		return 1
	}
}

# wrong PROGRAM PLACE: doesn't compile, told at LINE:COLUMN.
wrong() {
	status 2 ms-map "$1" </dev/null >out 2>err
	grep -q "^ms-map: program:$2: ." err || {
		echo "program: $1" >&2
		cat err >&2
		return 1
	}
}

@test "paths reach members and elements" {
	gives . '{"a":1.10}' '{"a":1.10}'
	gives .a '{"a":1}' 1
	gives .a '{}' null
	gives .a.b.c '{"a":{"b":{"c":7}}}' 7
	gives '.a.b' '{"a":null}' null
	gives '."a b"' '{"a b":1}' 1
	gives '.["a b"]' '{"a b":1}' 1
	gives '.a["b"].c' '{"a":{"b":{"c":7}}}' 7
	gives '.["a","b"]' '{"a":1,"b":2}' 1 2
	gives '.[.k]' '{"k":"v","v":5}' 5
	gives '.[0], .[-1], .[9]' '[1,2,3]' 1 3 null
	gives '.[1.7]' '[1,2,3]' 2
	gives '.a?' 1
	gives '.a?.b' '{"a":{"b":2}}' 2
	gives '..' '[[1]]' '[[1]]' '[1]' 1
	fails .a 1 'Cannot index number with'
	fails '.["a"]' '[]' 'Cannot index array with'
	fails '.[0]' '{}' 'Cannot index object with number'
}

@test "iteration goes over elements and values" {
	gives '.[]' '[1,2]' 1 2
	gives '.[]' '{"a":1,"b":2}' 1 2
	gives '.[]' '[]'
	gives '.a[].b' '{"a":[{"b":1},{"b":2}]}' 1 2
	gives '.[]?' 1
	fails '.[]' 1 'Cannot iterate over number'
}

@test "slices cut arrays and strings" {
	gives '.[1:3]' '[0,1,2,3]' '[1,2]'
	gives '.[:2], .[2:]' '[0,1,2,3]' '[0,1]' '[2,3]'
	gives '.[-2:]' '[0,1,2,3]' '[2,3]'
	gives '.[:-1]' '"abc"' '"ab"'
	gives '.[1:2]' '"aéb"' '"é"'
	gives '.[1:]' null null
	gives '.[5:]' '[1]' '[]'
}

@test "literals are JSON, and strings may hold programs" {
	gives '1, "a", true, false, null, [], {}' null 1 '"a"' true false \
	    null '[]' '{}'
	gives '"\u00e9\n\t\"\\\/"' null '"é\n\t\"\\/"'
	gives '"\ud83d\ude00"' null '"😀"'
	gives '"a\(1 + 2)b\("c")"' null '"a3bc"'
	gives '"\(.)"' '{"a":[1,"x"]}' '"{\"a\":[1,\"x\"]}"'
	gives '"x\("y\("z")")"' null '"xyz"'
	gives '1.10' null 1.10
	gives '100000000000000000000' null 100000000000000000000
}

@test "arrays and objects are constructed" {
	gives '[.a, .b[]]' '{"a":1,"b":[2,3]}' '[1,2,3]'
	gives '[.[] | . * 2]' '[1,2]' '[2,4]'
	gives '{a, "b": 2, "c\(1)": 3, (.k): 4}' '{"a":1,"k":"d"}' \
	    '{"a":1,"b":2,"c1":3,"d":4}'
	gives '{a: (1, 2)}' null '{"a":1}' '{"a":2}'
	gives '{(("a", "b")): 1}' null '{"a":1}' '{"b":1}'
	gives '{"a b"}' '{"a b":1}' '{"a b":1}'
	gives '. as $x | {$x}' 7 '{"x":7}'
	gives '{if: 1, then: 2, and: 3}' null '{"if":1,"then":2,"and":3}'
	gives '{a: 1 | . + 1}' null '{"a":2}'
}

@test "pipes and commas compose generators" {
	gives '.a | .b' '{"a":{"b":1}}' 1
	gives '1, 2 | . * 10' null 10 20
	gives '(1, 2) as $x | (10, 20) as $y | $x + $y' null 11 21 12 22
	gives 'empty' null
	gives '1, empty, 2' null 1 2
}

@test "arithmetic computes" {
	gives '1 + 2, 5 - 7, 3 * 4, 7 / 2, 7 % 3, -7 % 3' null 3 -2 12 3.5 1 -1
	gives '5 % -2, 5.9 % 2.1' null 1 1
	gives '-(1), -.a' '{"a":5}' -1 -5
	gives '1 + 2 * 3 - 4 / 2' null 5
	gives '10 - 3 - 2, 100 / 10 / 5' null 5 2
	gives '"a" + "b", [1] + [2], {a: 1} + {b: 2, a: 3}' null '"ab"' \
	    '[1,2]' '{"a":3,"b":2}'
	gives 'null + 1, 1 + null, null + null' null 1 1 null
	gives '[1, 2, 1, 3] - [1, 3]' null '[2]'
	gives '"ab" * 3, "ab" * 0' null '"ababab"' '""'
	gives '{a: {b: 1, c: 2}} * {a: {c: 3}}' null '{"a":{"b":1,"c":3}}'
	gives '"a, b" / ", "' null '["a","b"]'
	gives '(1, 2) + (10, 20)' null 11 12 21 22
	gives '0.1 + 0.2, 1.5e300 * 1e300' null 0.30000000000000004 \
	    1.7976931348623157e+308
	fails '1 / 0' null 'because the divisor is zero'
	fails '1 % 0' null 'because the divisor is zero'
	fails '{} + 1' null 'object ({}) and number (1) cannot be added'
	fails '"a" - 1' null 'cannot be subtracted'
	fails '[] * {}' null 'cannot be multiplied'
}

@test "long arrays are subtracted and searched as short ones are" {
	in='{"x": [1.0, -0, "\u0061", {"a": 1, "b": [2.0]}, [null], true, 1,
	    100000000000000000001, 9007199254740993.0, 1e401, 0.10, "z"],
	    "y": [1, 0, "a", {"b": [2], "a": 1e0}, [null], true,
	    100000000000000000000, 9007199254740993, 1e400, 0.1]}'
	in=$(tr -d '\n' <<<"$in")
	for n in 0 40; do
		gives ".x - .y + [range($n)] - [range($n)]" "$in" \
		    '[100000000000000000001,1e401,"z"]'
		gives "(.x + [range($n)] + .x) - ([range($n)] + .y)" "$in" \
		    '[100000000000000000001,1e401,"z",100000000000000000001,1e401,"z"]'
		gives "([range($n), nan, [nan]] - [range($n), nan, [nan]])" \
		    null '[null,[null]]'
		gives "[range($n)] as \$n | .x + \$n | contains(.[:6] + \$n),
		    contains(\$n + [100000000000000000002])" "$in" true false
		gives "[range($n), nan] | contains(.)" null false
		gives "[\"abc\", [1], {a: [1, 2]}, range($n)] |
		    contains([\"b\", [], {a: [2]}, range($n)])" null true
	done
}

@test "a long run is found in an array that repeats its start" {
	gives '[range(200) | 0] | indices([range(50) | 0]) == [range(151)]' \
	    null true
	gives '[range(900) | . % 3] | indices([range(300) | . % 3])
	    == [range(0; 601; 3)]' null true
	gives '[range(999) | if . % 100 == 99 then "x" else 0 end] |
	    indices([range(99) | 0, 0.0 | select(. == 0)][:99] + ["x"]) ==
	    [range(0; 900; 100)]' null true
	gives '[range(400) | 0] | indices([range(100) | 0] + [nan]) +
	    indices([range(100) | 0] + [[nan]])' null '[]'
	gives '[range(400) | [null]] | indices([range(200) | [null]]) | length' \
	    null 201
}

@test "escapes make no difference to what is equal" {
	gives '.[0] == .[1], .[1] == .[0], .[0] == "aaa", .[2] == "aa"' \
	    '["\u0061\u0061", "aa", "\u0061\u0061\u0061"]' \
	    true true false false
	gives '.[0] == .[1], .[1] == .[2], .[2] == "\n\n"' \
	    '["\ud83d\ude00", "😀", "\n\u000a"]' true false true
}

@test "a long string with escapes is the same however often it is read" {
	local text

	text=$(many '\n' 1500)
	gives '. as $s | [range(20) as $i | $s[$i % 2] | length,
	    (ascii_downcase | length), startswith("\n"), . == "\n"] |
	    length, unique' "[\"$text\",\"${text}B\"]" \
	    80 '[false,true,1500,1501]'
	gives '. as $s | [range(9) as $i | $s + "x\($i)" | length, .[1498:]] |
	    unique' "\"$text\"" '[1502,'"$(for i in {0..8}; do
		printf '"\\n\\nx%d",' "$i"
	done | sed 's/,$//')]"
	for n in 1 2 3; do
		echo "{\"s\":\"$text$n\"}"
	done >in
	status 0 ms-map --lineage off '[range(9) as $i | .s[1499:]] as $l |
	    {l: ($l | unique)}' in >out
	same out '{"l":["\n1"]}' '{"l":["\n2"]}' '{"l":["\n3"]}'
}

@test "comparisons follow jq's order" {
	gives '1 == 1.0, 1 == "1", [1, 2] == [1, 2], {a: 1, b: 2} == {b: 2, a: 1}' \
	    null true false true true
	gives '1 != 2, "a" < "b", 2 >= 2, 3 > 10, 2 <= 1' null true true true \
	    false false
	gives 'null < false, false < true, true < 0, 0 < "", "" < [], [] < {}' \
	    null true true true true true true
	gives '[1, 2] < [1, 3], {a: 2} < {b: 1}, {a: 1} < {a: 2}' null true \
	    true true
	gives '"a" == "\u0061", "é" > "z"' null true true
	gives '9007199254740993 == 9007199254740992' null false
}

@test "and, or, not and // decide" {
	gives 'true and false, false or true, null or 1' null false true true
	gives '(true, false) and (true, false)' null true false false
	gives '1 and null' null false
	gives 'false and error("x"), true or error("x")' null false true
	gives '(null, 0) | not' null true false
	gives '.a // "d"' '{}' '"d"'
	gives '.a // "d"' '{"a":false}' '"d"'
	gives '.a // "d"' '{"a":0}' 0
	gives '(false, 1, null, 2) // 3' null 1 2
	gives 'empty // 3' null 3
	fails 'error("x") // 3' null x
	gives '1 // error("x")' null 1
	gives '.a // .b // 3' '{"b":2}' 2
}

@test "if chooses" {
	gives 'if . > 1 then "big" else "small" end' 2 '"big"'
	gives 'if . > 1 then "big" elif . == 1 then "one" else "small" end' 1 \
	    '"one"'
	gives 'if . then "yes" end' null null
	gives 'if (true, false) then 1 else 2 end' null 1 2
	gives 'if empty then 1 else 2 end' null
	gives 'if . == 1 then "a" elif . == 2 then "b" end' 3 3
	gives '[if . then 1 else 2 end | . + 1]' true '[2]'
}

@test "? and try keep an error from ending the program" {
	gives '.a?' '[]'
	gives '[.[] | .a?]' '[{"a":1},2,{"a":3}]' '[1,3]'
	gives '(1, error("x"), 2)?' null 1
	gives 'try error("x") catch .' null '"x"'
	gives 'try error({a: 1}) catch .a' null 1
	gives '[.[] | tonumber?]' '["1","x","2"]' '[1,2]'
	fails 'error("boom")' null boom
	fails 'error' '"boom"' boom
	fails 'error({a: 1})' null '{"a":1}'
}

@test "a format takes what is in the brackets, constants too" {
	gives '@html "<\("<")>", @json "\("a")", @sh "\("a b")\("c")"' 0 \
	    '"<&lt;>"' '"\"a\""' "\"'a b''c'\""
	gives '@base64 "\("a")", "\("a")", "\(1)"' 0 '"YQ=="' '"a"' '"1"'
}

@test "? behind a step covers that step only" {
	gives '.a.b?, .a[0]?, .a[]?' '{"a":1}'
	fails '.a.b?' '"x"' 'Cannot index string with string'
	fails '.a[]?' '"x"' 'Cannot index string with string'
	fails '.a[error("x")]?' '{}' 'x'
	gives '(.a.b)?, 1' '"x"' 1
	gives '.a[.i, .j]?, .a[.i:.j]?' '{"a":[5,6],"i":0,"j":1}' 5 6 '[5]'
	gives '[..[0]?]' '[[1]]' '[[1],1]'
}

@test "= sets, from the input's point of view" {
	gives '.a = 1' '{"b":2}' '{"b":2,"a":1}'
	gives '.a = .b' '{"a":1,"b":2}' '{"a":2,"b":2}'
	gives '.a = (1, 2)' '{}' '{"a":1}' '{"a":2}'
	gives '(.a, .b) = 1' '{}' '{"a":1,"b":1}'
	gives '.a.b.c = 1' null '{"a":{"b":{"c":1}}}'
	gives '.[2] = 1' '[0]' '[0,null,1]'
	gives '.[1:3] = ["x"]' '[0,1,2,3]' '[0,"x",3]'
	gives '.[] = 0' '[1,2]' '[0,0]'
	gives '.a[0].b = 1' '{}' '{"a":[{"b":1}]}'
	gives '.[-1] = 9' '[1,2]' '[1,9]'
	fails '.a = 1' '[]' 'Cannot index array with'
	fails '.[0] = 1' '{}' 'Cannot index object with number'
	fails '.[-1] = 1' '[]' 'Out of bounds negative array index'
}

@test "|= updates, from the old value's point of view" {
	gives '.a |= . + 1' '{"a":1}' '{"a":2}'
	gives '.[] |= . * 2' '[1,2]' '[2,4]'
	gives '(.a, .b) |= tostring' '{"a":1,"b":2}' '{"a":"1","b":"2"}'
	gives '.a |= (1, 2)' '{"a":0}' '{"a":1}'
	gives '.[] |= select(. > 1)' '[1,2,3]' '[2,3]'
	gives '.a |= empty' '{"a":1,"b":2}' '{"b":2}'
	gives '(.[] | select(. > 1)) |= 0' '[1,2,3]' '[1,0,0]'
	gives '.. |= (if type == "number" then . + 1 else . end)' '[1,[2]]' \
	    '[2,[3]]'
	gives '.[1:] |= map(. * 10)' '[1,2,3]' '[1,20,30]'
	gives '.a.b |= 1' null '{"a":{"b":1}}'
	gives '(.a | .b) |= 2' '{"a":{"b":1}}' '{"a":{"b":2}}'
	gives '(if .a then .a else .b end) |= 9' '{"b":1}' '{"b":9}'
	gives '(.a // .b) |= 9' '{"b":1}' '{"b":9}'
}

@test "the other assignments compute with the old value" {
	gives '.a += 1' '{"a":1}' '{"a":2}'
	gives '.a -= 1 | .b *= 3 | .c /= 2 | .d %= 4' \
	    '{"a":1,"b":2,"c":3,"d":7}' '{"a":0,"b":6,"c":1.5,"d":3}'
	gives '.a //= 5' '{}' '{"a":5}'
	gives '.a //= 5' '{"a":1}' '{"a":1}'
	gives '.[] += 10' '[1,2]' '[11,12]'
	gives '.a += .b' '{"a":1,"b":2}' '{"a":3,"b":2}'
	gives '.a += (1, 2)' '{"a":0}' '{"a":1}' '{"a":2}'
}

@test "what is no path can't be assigned to" {
	fails '(.a + 1) = 2' '{"a":1}' 'Invalid path expression'
	fails '(1, 2) |= 3' '{}' 'Invalid path expression'
	fails 'del(.a + 1)' '{"a":1}' 'Invalid path expression'
}

@test "del removes members and elements" {
	gives 'del(.a)' '{"a":1,"b":2}' '{"b":2}'
	gives 'del(.a, .b)' '{"a":1,"b":2}' '{}'
	gives 'del(.[0, 2])' '[1,2,3]' '[2]'
	gives 'del(.[-1])' '[1,2,3]' '[1,2]'
	gives 'del(.[1:])' '[1,2,3]' '[1]'
	gives 'del(.[])' '[1,2]' '[]'
	gives 'del(.a.b)' '{"a":{"b":1,"c":2}}' '{"a":{"c":2}}'
	gives 'del(.a.b.c)' '{}' '{}'
	gives 'del(.[] | select(. > 1))' '[1,2,3]' '[1]'
	gives 'del(.x)' null null
	gives 'del(empty)' '{"a":1}' '{"a":1}'
	gives 'del(..|.a?)' '{"a":1,"b":{"a":2,"c":3}}' '{"b":{"c":3}}'
}

@test "select keeps what its condition holds for" {
	gives '.[] | select(. > 1)' '[1,2,3]' 2 3
	gives 'select(.a == 1)' '{"a":1}' '{"a":1}'
	gives 'select(true, true)' 1 1 1
	gives 'select(false)' 1
}

@test "test and match find patterns" {
	gives 'test("b+")' '"abbc"' true
	gives 'test("B+"), test("B+"; "i"), test(["B", "i"])' '"abbc"' \
	    false true true
	gives 'test("^é.$")' '"é☃"' true
	gives 'test("(?<!a)b")' '"ab"' false
	gives 'test("\\d{3}-\\d+")' '"tel 555-1234"' true
	gives 'match("b+")' '"abbc"' \
	    '{"offset":1,"length":2,"string":"bb","captures":[]}'
	gives '[match("é"; "g").offset]' '"xéyé"' '[1,3]'
	gives 'match("(?<x>b)(c)?").captures | .[0], .[1] == {offset: -1,
	    length: 0, string: null, name: null}' '"ab"' \
	    '{"offset":1,"length":1,"string":"b","name":"x"}' true
	gives '[match(""; "g").offset]' '"ab"' '[0,1,2]'
	gives 'test("a b"; "x"), test("a b"; null)' '"ab"' true false
	fails 'test("a")' 1 'cannot be matched, as it is not a string'
	fails '"(" as $re | test($re)' '"a"' '('
	fails '"q" as $flags | test("a"; $flags)' '"a"' 'q is not a valid modifier string'
}

@test "capture names the groups" {
	gives 'capture("(?<y>\\d+)-(?<m>\\d+)")' '"2026-11"' \
	    '{"y":"2026","m":"11"}'
	gives 'capture("(?<a>x)|(?<b>y)")' '"y"' '{"a":null,"b":"y"}'
	gives 'capture("(?<a>x)")' '"y"'
	gives '[capture("(?<d>\\d)"; "g").d]' '"a1b2"' '["1","2"]'
}

@test "sub and gsub replace" {
	gives 'sub("b"; "x")' '"abb"' '"axb"'
	gives 'gsub("b"; "x")' '"abb"' '"axx"'
	gives 'gsub("(?<l>[a-z])(?<d>\\d)"; "\(.d)\(.l)")' '"a1b2"' '"1a2b"'
	gives 'gsub("/+"; "/")' '"a//b///c"' '"a/b/c"'
	gives 'gsub("";"-")' '"ab"' '"-a-b-"'
	gives 'gsub("^"; ">")' '"ab"' '">ab"'
	gives 'sub("B"; "x"; "i"), sub("b"; "x"; "g")' '"abb"' '"axb"' '"axx"'
	gives 'gsub("é"; "e")' '"éa☃é"' '"ea☃e"'
	gives 'sub("(?<x>a)"; "\(.x)1", "\(.x)2")' '"a"' '"a1"' '"a2"'
	gives 'gsub("x"; "y")' '"abc"' '"abc"'
}

@test "variables hold values" {
	gives '. as $x | [$x, $x + 1]' 1 '[1,2]'
	gives '.[] as $x | $x * 2' '[1,2]' 2 4
	gives '. as [$a, $b] | $a + $b' '[1,2]' 3
	gives '. as {a: $x, $b} | [$x, $b]' '{"a":1,"b":2}' '[1,2]'
	gives '. as {a: [$x, {y: $z}]} | [$x, $z]' '{"a":[1,{"y":2}]}' '[1,2]'
	gives '1 as $x | (2 as $x | $x), $x' null 2 1
	wrong '$nope' 1:1
}

@test "reduce and foreach try patterns in turn" {
	local each='([1], {"a":2}, 3) as [$x] ?// {a: $x} ?// $x'

	gives "reduce $each (0; . + \$x)" null 6
	gives "foreach $each (0; . + \$x; [., \$x])" null \
		'[1,1]' '[3,2]' '[6,3]'
	# What ended in an error had taken the state.
	gives 'reduce (1, 2) as $x ?// $y (0; if $x then error else [., $y] end)' \
		null '[null,2]'
	gives 'foreach 1 as $x ?// $y (0; [$x, $y], (select($x) | error(1)))' \
		'null' '[1,null]' '[null,1]'
	# An error behind them isn't theirs.
	gives 'try (foreach 1 as $x ?// $y (0; 1) | error("e")) catch .' null '"e"'
	gives '[path(foreach (0, 1) as {$x} ?// $x (.; .[$x:]))]' '[1]' \
		'[[{"start":0,"end":null}],[{"start":0,"end":null},{"start":1,"end":null}]]'
}

@test "what was read along a path stays as it was read" {
	local make='{a: ([range(3)] | map([.]))}'

	gives "$make | .a[1] as \$x | .a[1][0] = 9 | \$x, .a" null '[1]' '[[0],[9],[2]]'
	gives "$make | .a as \$x | .a[1][0] = 9 | \$x[1], .a[1]" null '[1]' '[9]'
	gives "$make | .a[1:] as \$x | .a[1][0] = 9 | \$x[0], .a[1]" null '[1]' '[9]'
	gives "$make | .a[{start: 1, end: 3}] as \$x | .a[1] = 9 | \$x[0], .a[1]" null \
		'[1]' 9
	gives "$make | .a[.a[1][0]] as \$x | .a[1][0] = 9 | \$x, .a[1]" null '[1]' '[9]'
	gives "$make | .b = .a[1] | .a[1][0] = 9 | .b, .a[1]" null '[1]' '[9]'
	gives "$make | [.a[1], (.a[1][0] = 9 | .a[1])]" null '[[1],[9]]'
	gives "reduce range(3) as \$i ($make; .c += [.a[\$i]] | .a[\$i][0] += 5) | .c" null \
		'[[0],[1],[2]]'
	# and what a function made of it
	gives "$make | (.a | to_entries) as \$x | .a[1][0] = 9 | \$x[1].value, .a[1]" null \
		'[1]' '[9]'
	gives "$make | (.a[1] | getpath([])) as \$x | .a[1][0] = 9 | \$x, .a[1]" null '[1]' '[9]'
	gives "$make | getpath([\"a\", 1]) as \$x | .a[1][0] = 9 | \$x, .a[1]" null '[1]' '[9]'
	gives "$make | getpath([\"a\", {start: 1, end: 3}]) as \$x | .a[1] = 9 | \$x[0], .a[1]" null \
		'[1]' 9
	gives "$make | (try (.a | error) catch .) as \$x | .a[1][0] = 9 | \$x[1], .a[1]" null \
		'[1]' '[9]'
	gives "$make | (.a[{start: 1, end: 3}] | first) as \$x | .a[1][0] = 9 | \$x, .a[1]" null '[1]' '[9]'
}

@test "what was read before something is cut off or merged stays as it was read" {
	local make='{a: [range(4)], o: {x: {y: {z: 1}}}}' change

	for change in 'del(.a[-1])' '.a = .a[:-1]' '.a |= .[:-1]' '.a |= del(last)' \
		'.a |= (. + [9] | .[:3])' 'del(.a[3:])'; do
		gives "$make | .a as \$x | $change | \$x, .a" null \
			'[0,1,2,3]' '[0,1,2]'
		gives "$make | . as \$x | $change | .a += [7] | \$x.a, .a" null \
			'[0,1,2,3]' '[0,1,2,7]'
		gives "$make | .a[1:] as \$x | $change | .a += [7] | \$x, .a" null \
			'[1,2,3]' '[0,1,2,7]'
		gives "$make | .b = .a | $change | .a += [7] | .b, .a" null \
			'[0,1,2,3]' '[0,1,2,7]'
		gives "$make | $change | .a as \$x | .a += [7] | \$x, .a" null \
			'[0,1,2]' '[0,1,2,7]'
	done
	for change in 'del(.a[0])' '.a = .a[1:]' '.a |= .[1:]' 'del(.a[:1])'; do
		gives "$make | .a as \$x | $change | .a[0] = 7 | \$x, .a" null \
			'[0,1,2,3]' '[7,2,3]'
		gives "$make | .a[1:] as \$x | $change | .a[0] = 7 | \$x, .a" null \
			'[1,2,3]' '[7,2,3]'
	done
	gives "$make | .a as \$x | del(.a[1], .a[2:3]) | .a += [7] | \$x, .a" null \
		'[0,1,2,3]' '[0,3,7]'
	gives "$make | .a += .a | del(.a[-1]) | .a" null '[0,1,2,3,0,1,2]'
	for change in '. * {o: {x: {y: {z: 2}}}}' '.o *= {x: {y: {z: 2}}}' \
		'.o = .o * {x: {y: {z: 2}}}'; do
		gives "$make | .o as \$x | $change | \$x, .o" null \
			'{"x":{"y":{"z":1}}}' '{"x":{"y":{"z":2}}}'
		gives "$make | . as \$x | $change | \$x.o.x, .o.x" null \
			'{"y":{"z":1}}' '{"y":{"z":2}}'
		gives "$make | .p = .o.x.y | $change | .p, .o" null \
			'{"z":1}' '{"x":{"y":{"z":2}}}'
	done
	gives "$make | .o = .o * .o.x | .o" null '{"x":{"y":{"z":1}},"y":{"z":1}}'
	gives "$make | .o = .o * {x: .o} | .o.x.x" null '{"y":{"z":1}}'
	gives "{y: {z: 2}} as \$x | $make | .o *= {x: \$x} | .o.x.y.z = 3 | \$x" \
		null '{"y":{"z":2}}'
}

@test "what something was put in front of stays as it was" {
	local long='[range(100)]' read='[.[0,1,2], .[-1], length]'

	gives "$long | . as \$x | [7] + . | (., \$x) | $read" null \
		'[7,0,1,99,101]' '[0,1,2,99,100]'
	gives "[7] + $long | . as \$x | ([8] + .), ([9, 6] + .), . | $read" null \
		'[8,7,0,99,102]' '[9,6,7,99,103]' '[7,0,1,99,101]'
	gives "[7] + $long | .[:-1] as \$x | ([8] + \$x), ([9] + .), \$x | $read" \
		null '[8,7,0,98,101]' '[9,7,0,99,102]' '[7,0,1,98,100]'
	gives "[7] + $long | . as \$x | .[0] = 1 | [8] + . | (., \$x) | $read" null \
		'[8,1,0,99,102]' '[7,0,1,99,101]'
	gives "[7] + $long | . as \$x | . + [5] | (., (\$x + [6]), ([4] + \$x)) |
		$read" null '[7,0,1,5,102]' '[7,0,1,6,102]' '[4,7,0,99,102]'
	gives "reduce range(200) as \$i ([]; [\$i] + .) == ([range(200)] | reverse)" \
		null true
	gives "[[1]] + ($long | map([.])) | . as \$x | .[1][0] = 9 |
		[.[0:2], \$x[0:2]]" null '[[[1],[9]],[[1],[0]]]'
}

@test "elements are deleted wherever their paths agree and overlap" {
	gives '[range(8)] | del(.[2], .[-1], .[1:3], .[:1], .[-3:-1])' null '[3,4]'
	gives '[range(8)] | del(.[1:4], .[6])' null '[0,4,5,7]'
	gives '[range(8)] | del(.[1:4][1:])' null '[0,1,4,5,6,7]'
	gives '[range(4)] | del(.[9], .[-9], .[2:2], .[3:1])' null '[0,1,2,3]'
	gives '[range(4)] | del(.[0:])' null '[]'
	gives '[[1, 2], [3]] | del(.[0][1], .[1])' null '[[1]]'
}

@test "what is added to nothing in several places is another one in each" {
	gives '(.b, .c) += [1] | .b[0] = 5 | .c, .b' '{}' '[1]' '[5]'
	gives '(.b, .c, .b) += {k: [1]} | .b.k[0] = 5 | .c, .b' '{}' \
		'{"k":[1]}' '{"k":[5]}'
}

@test "a format that gives an empty string gives one that functions take" {
	local format

	for format in @text @html @uri @urid @base64 @base64d @base32 @base32d; do
		gives "$format as \$x | \"a\" | test(\$x), contains(\$x), [splits(\$x)]" \
			'""' true true '["","a",""]'
	done
	for format in @csv @tsv @sh; do
		gives "$format as \$x | \"a\" | test(\$x), contains(\$x), [splits(\$x)]" \
			'[]' true true '["","a",""]'
	done
}

@test "length tells sizes" {
	gives '.[] | length' '[null,"é☃","",[1,2],{"a":1},-5]' 0 2 0 2 1 5
	fails length true 'boolean (true) has no length'
}

@test "keys and has look at members" {
	gives keys '{"b":1,"a":2}' '["a","b"]'
	gives keys '[7,8]' '[0,1]'
	gives 'keys_unsorted' '{"b":1,"a":2}' '["b","a"]'
	gives 'has("a"), has("z")' '{"a":null}' true false
	gives 'has(0), has(5), has(-1)' '[1]' true false false
	fails keys 1 'number (1) has no keys'
	fails 'has("a")' '[]' 'Cannot check whether array has a string key'
}

@test "map, map_values, add, any and all go over elements" {
	gives 'map(. + 1)' '[1,2]' '[2,3]'
	gives 'map(., .)' '[1]' '[1,1]'
	gives 'map(select(. > 1))' '{"a":1,"b":2}' '[2]'
	gives 'map_values(. + 1)' '{"a":1}' '{"a":2}'
	gives 'map_values(empty)' '{"a":1}' '{}'
	gives add '[1,2,3]' 6
	gives add '["a","b"]' '"ab"'
	gives add '[]' null
	gives add '{"a":1,"b":2}' 3
	gives 'add(.[].a)' '[{"a":1},{"a":2}]' 3
	gives 'any, all' '[true,false]' true false
	gives 'any, all' '[]' false true
	gives 'any(. > 1), all(. > 0)' '[1,2]' true true
	gives 'any(.[]; . == 3), all(.[]; . < 3)' '[1,2]' false true
}

@test "sort and group_by order" {
	gives sort '[3,"a",null,[1],1.0,{"a":1},true,false]' \
	    '[null,false,true,1.0,3,"a",[1],{"a":1}]'
	gives 'sort_by(.a)' '[{"a":2},{"a":1}]' '[{"a":1},{"a":2}]'
	gives 'sort_by(.a, .b)' '[{"a":1,"b":2},{"a":1,"b":1}]' \
	    '[{"a":1,"b":1},{"a":1,"b":2}]'
	gives 'group_by(.a) | map(length)' '[{"a":1},{"a":2},{"a":1}]' '[2,1]'
	gives 'group_by(.a)' '[{"a":2,"i":0},{"a":1,"i":1},{"a":2,"i":2}]' \
	    '[[{"a":1,"i":1}],[{"a":2,"i":0},{"a":2,"i":2}]]'
	gives 'sort' '["b","a","é","Z"]' '["Z","a","b","é"]'
	fails sort '{}' 'object ({}) cannot be sorted, as it is not an array'
}

@test "entries go there and back" {
	gives to_entries '{"a":1}' '[{"key":"a","value":1}]'
	gives from_entries '[{"key":"a","value":1},{"name":"b","value":2}]' \
	    '{"a":1,"b":2}'
	gives from_entries '[{"Name":"a","Value":1},{"key":"b"}]' \
	    '{"a":1,"b":null}'
	gives 'with_entries(.key |= "x" + .)' '{"a":1,"b":2}' '{"xa":1,"xb":2}'
	gives 'with_entries(select(.value > 1))' '{"a":1,"b":2}' '{"b":2}'
}

@test "join and split, cases, starts and ends" {
	gives 'join(", ")' '["a",1,null,true]' '"a, 1, , true"'
	gives 'join(",")' '[]' '""'
	gives 'split(", ")' '"a, b"' '["a","b"]'
	gives 'split("")' '"aé"' '["a","é"]'
	gives 'split(",")' '""' '[]'
	gives 'split(", *"; null)' '"a,  b"' '["a","b"]'
	gives 'ascii_downcase, ascii_upcase' '"aBÉ"' '"abÉ"' '"ABÉ"'
	gives 'startswith("a"), endswith("a")' '"ab"' true false
	gives 'startswith(""), endswith("")' '""' true true
	fails 'startswith(1)' '"a"' 'startswith() requires string inputs'
}

@test "tonumber, tostring and type convert" {
	gives '.[] | tonumber + 0' '["1.50","-0.1e1",7]' 1.5 -1 7
	gives '.[] | tostring' '["a",1,[1,{"b":null}]]' '"a"' '"1"' \
	    '"[1,{\"b\":null}]"'
	gives '.[] | type' '[null,true,1,"a",[],{}]' '"null"' '"boolean"' \
	    '"number"' '"string"' '"array"' '"object"'
	fails tonumber '"1x"' 'cannot be parsed as a number'
	fails tonumber '""' 'cannot be parsed as a number'
	fails tonumber '[]' 'cannot be parsed as a number'
}

@test "now and todate tell the time" {
	gives 'now | type' null '"number"'
	gives 'todate' 1425599621 '"2015-03-05T23:53:41Z"'
	gives 'todate' 0 '"1970-01-01T00:00:00Z"'
	gives 'now > 1700000000' null true
}

@test "comments and white space may stand anywhere" {
	gives '. # the input
	| .a # its a
	' '{"a":1}' 1
	gives '  .a|.b  ' '{"a":{"b":1}}' 1
}

@test "precedence is jq's" {
	gives '1, 2 | . + 1' null 2 3
	gives '1 + 1 == 2 and 2 * 3 == 6' null true
	gives '.a = 1 | .b = 2' null '{"a":1,"b":2}'
	gives '1 as $x | 2 as $y | $x + $y' null 3
	gives '.a // 1 | . + 1' null 2
	gives 'false // false // 1' null 1
	gives 'false or true and false' null false
	gives '.a += 1 | .a' '{"a":1}' 2
	gives '-1 + 2' null 1
	gives '[.[] | -. ]' '[1]' '[-1]'
}

@test "an error in the program is told at its place" {
	wrong '.a |' 1:5
	wrong '.a | )' 1:6
	wrong '{a: }' 1:5
	wrong '[1, 2' 1:6
	wrong '"abc' '1:[15]'
	wrong '.a == foo' 1:7
	wrong 'if . then 1' 1:12
	wrong '.a
	  | bar(1)' 2:6
	wrong '1 +' 1:4
	wrong '.a & .b' 1:4
	wrong '"\x"' '1:[23]'
	wrong '.a | é' 1:6
	wrong '"é" | )' 1:7
}

@test "the caret counts code points, and keeps to tabs" {
	status 2 ms-map '"é☃" | )' </dev/null 2>err
	sed -n '2,3p' err >caret
	same caret '    "é☃" | )' '           ^'
}

@test "a pattern that comes from an event and is wrong is told with it" {
	printf '%s\n' '{"a":"("}' >in
	status 1 ms-map '.a as $re | .b = (.a | test($re))' <in >out 2>err
	[ ! -s out ]
	grep -q '^ms-map: standard input:1: .*(' err
}

@test "a hostile pattern is an error of its event, never a hang" {
	printf '{"a":"%s!"}\n{"a":"ok"}\n' "$(filler 5000)" >in
	status 1 within 60 ms-map --lineage off \
	    '.b = (.a | test("^(([a-z])+.)+[A-Z]([a-z])+$"))' <in >out 2>err
	same out '{"a":"ok","b":false}'
	grep -q 'too costly' err
}

@test "runaway memory is an error of its event" {
	printf '{"a":"0123456789"}\n{"a":""}\n' >in
	status 1 within 60 ms-map --lineage off --max-memory 16M \
	    '.a = .a * 100000000' <in >out 2>err
	grep -q '^ms-map: standard input:1: .*memory' err
}

@test "what a catch gives is no path" {
	gives 'path(try error catch .)' null '[]'
	gives 'try path(try error("x") catch .) catch "none"' null '"none"'
	gives 'try del(try error("x") catch .) catch "none"' null '"none"'
	gives 'try ((try error("x") catch .) = 1) catch 2' null 2
}

@test "a catch may give the input itself, which then isn't changed" {
	for body in 'first(1 == error([.]))' '[1 == error([.])]'; do
		gives ".c = 1 | .b = (try $body catch .[0]) | .b.a = 5" \
		    '{"a":[]}' '{"a":[],"c":1,"b":{"a":5,"c":1}}'
		gives ".c = 1 | .b = (try $body catch {x: .[0]})" \
		    '{"a":[]}' '{"a":[],"c":1,"b":{"x":{"a":[],"c":1}}}'
	done
}

@test "a key that is computed stands for its own value, once" {
	gives '{"\("a", "b")"}' '{"a":1,"b":2}' '{"a":1}' '{"b":2}'
	gives '{c: (3, 4), "\("a", "b")"}' '{"a":1,"b":2}' '{"c":3,"a":1}' \
	    '{"c":3,"b":2}' '{"c":4,"a":1}' '{"c":4,"b":2}'
	gives '{x: {@base64 "\("a")"}}' '{"YQ==":1}' '{"x":{"YQ==":1}}'
}

@test "a question mark passes over what fails at its step, not in its key" {
	gives 'try .[error("x")]? catch .' '{}' '"x"'
	gives 'try ."\(error("x"))"? catch .' '{}' '"x"'
	gives 'try .[error("x"):]? catch .' '{}' '"x"'
	gives 'try path(1 | .a?) catch "no path"' '{}' '"no path"'
	gives 'try path([1] | .[]?) catch "no path"' '{}' '"no path"'
	gives '.a?, .[0]?, .[0:1]?' 1
	gives '.a?.b?, .["a"]?["b"]?, .a.b.c?' '{"a":{"b":1}}' 1 1
	gives 'path(.a?), path(.["a", "b"]?)' '{"a":1}' '["a"]' '["a"]' '["b"]'
}

@test "null has no null in it, and a slice has two ends" {
	gives 'try .[null] catch "no"' null '"no"'
	gives 'try getpath([null]) catch "no"' null '"no"'
	gives 'try .[{}] catch "no"' '[1]' '"no"'
	gives '.[{"start": 1, "end": null}]' '[1,2]' '[2]'
}

@test "join takes the values of an object" {
	gives 'join(",")' '{"a":"x","b":1}' '"x,1"'
	gives 'join(",")' '{}' '""'
}

# many WHAT TIMES: a program's text, WHAT again and again
many() {
	yes "$1" | head -n "$2" | tr -d '\n'
}

# under_8M CMD...: with a stack of 8 MB; ASan's frames are larger
under_8M() {
	local kib=8192
	is_asan && kib=81920
	(ulimit -Ss $kib && ulimit -Hs $kib && exec timeout 600 "$@")
}

@test "a program that is nested too deeply is told, whatever it is made of" {
	local part start end file=$BATS_TEST_TMPDIR/deep.jq
	while IFS=% read -r start part end; do
		{ printf '%s' "$start"; many "$part" 100000; printf '%s' "$end"; } \
		    >"$file"
		run -2 --separate-stderr under_8M ms-map -f "$file" <<<'{"a":1}'
		echo "$part: ${stderr:0:200}"
		[[ $stderr == *': nested too deeply'* ]]
	done <<-'END'
		%.a%
		%.a?%
		%.[0]%
		%1+%1
		%.a|%1
		%.a//%1
		%1 and %1
		%if .a then 1 el%se 1 end
		%if 1 then 2 elif 1 then %2 end
		%. as $x|%1
		%label $x|%1
		%reduce %.a
		%try %1
		%[%1
		%(%1
		%{a:%1
		%{(%1
		%-%1
		%"\(%1
		%map(%1
		%def f: %1
		%.[.a%1
		%.[1:%1
		{a:%1|%1}
		. as %[%$x
		. as %{a:%$x
	END
}

@test "a chain of some thousand operators is no deep program" {
	run -0 under_8M ms-map --lineage off \
	    ".n = $(many 1+ 5000)1 | .m = $(many .a? 3000)" <<<'{"n":1,"m":2}'
	[ "$output" = '{"n":5001,"m":null}' ]
}

@test "a list of a hundred thousand commas is no deep program" {
	{ printf '{n: ([1'; many ,1 100000; printf '] | length)}'; } \
	    >"$BATS_TEST_TMPDIR/list.jq"
	run -0 under_8M ms-map --lineage off -f "$BATS_TEST_TMPDIR/list.jq" \
	    <<<'{}'
	[ "$output" = '{"n":100001}' ]
}

@test "containment, indexes and counts are as jq 1.8 has them" {
	fails 'contains(false)' true 'cannot have their containment checked'
	fails 'inside(true)' false 'cannot have their containment checked'
	gives 'contains(true)' true true
	gives '[true] | contains([false])' null false
	gives '.[[]], indices([])' '[1,2]' '[]' '[]'
	gives '.[-1.5], .[-0.5], .[1.7], .[-9.5]' '[1,2,3]' 3 1 2 null
	gives '.[-0.5] = 9, (.[-1.5] |= 8)' '[1,2]' '[9,2]' '[1,8]'
	gives 'del(.[-0.5]), del(.[-1.2]), has(-0.5)' '[1,2]' '[1,2]' '[1]' \
	    true
	gives '[skip(0.5; 1, 2)], [skip(1.5; 1, 2)], [limit(1.5; 1, 2, 3)]' \
	    null '[1,2]' '[2]' '[1,2]'
	fails 'skip(nan; 1)' null "doesn't support negative count"
	gives '[nan, 1] | @csv, @tsv' null '",1"' '"\t1"'
}

@test "several outputs in the arguments of match go round as in jq" {
	gives '[match(("a", "X"); ("g", null)) | .offset]' '"aXbX"' \
	    '[0,1,3,0,1]'
	gives '[test(("a", "q"); ("g", "x"))]' '"aXbX"' \
	    '[true,false,true,false]'
	gives '[capture(("(?<n>a)", "(?<n>X)"); ("g", null)).n]' '"aXbX"' \
	    '["a","X","X","a","X"]'
}

@test "a value parameter is a program as well, which runs where it is called" {
	gives 'def f($x): x, $x; [f(1, 2)]' null '[1,2,1,1,2,2]'
	gives 'def f($x): 5 | x; f(.)' 3 5
	gives 'def f($x): path(x); f(.a)' '{}' '["a"]'
	gives 'def f($x; y): [$x, y, x]; def g($y): f($y; y); g(7)' 0 '[7,7,7]'
	gives 'def f($x): def g: x; 4 | g; f(. + 1)' 1 5
}

@test "an error's message may hold a NUL" {
	fails 'error("a\u0000b")' null ': a\u0000b'
	fails '"a\u0000b" | format(.)' null 'a\u0000b is not a valid format'
	fails '"g\u0000x" as $f | "a" | test("a"; $f)' null 'g\u0000x is not a valid'
	gives 'try error("a\u0000b") catch .' null '"a\u0000b"'
	printf '{"a":1}\n' >in
	status 1 ms-map --rejects r 'error("a\u0000b")' in 2>err
	holds r '.error == "a\\u0000b"'
}

@test "a slice that is set holds no view of what it is set in" {
	gives '.[1:3] |= [.]' '[0,1,2,3]' '[0,[1,2],3]'
	gives '.[1:3] |= .[1:]' '[0,1,2,3]' '[0,2,3]'
	gives '.[0:] |= [., .]' '[0,1]' '[[0,1],[0,1]]'
	gives '.a = 1 | .l[1:3] |= [., .] | .l[0:1] += [.a]' \
	    '{"l":[0,1,2,3]}' '{"l":[0,1,[1,2],[1,2],3],"a":1}'
	gives '.[:2] as $x | .[:1] = ["z"] | $x, .' '[0,1,2]' '[0,1]' \
	    '["z",1,2]'
	gives '[.[] * 1] | .[1:3] as $x | .[2:] = [] | .[1:1] = $x | $x, .' \
	    '[0,1,2,3]' '[1,2]' '[0,1,2,1]'
}

@test "dates with fractions and offsets are read, and milliseconds written" {
	gives fromdate '"2015-03-05T23:53:41Z"' 1425599621
	gives fromdate '"2015-03-06T00:53:41.25+01:00"' 1425599621.25
	gives fromdate '"2015-03-05T20:23:41-0330"' 1425599621
	gives 'todate_ms, (to_ms | ., from_ms)' 1425599621.678 \
	    '"2015-03-05T23:53:41.678Z"' 1425599621678 1425599621.678
	gives 'strptime("%d %b %Y %H:%M %z") | ., mktime' \
	    '"06 Mar 2015 00:53 +0100"' '[2015,2,5,23,53,0,4,63]' 1425599580
	fails fromdate '"2015-03-05T23:53:41.Z"' 'does not match format'
	fails fromdate '"2015-03-05T23:53:41+1"' 'does not match format'
	fails fromdate '"2015-03-05T23:53:41"' 'does not match format'
	fails fromdate '"2015-03-05T23:53:41Z\u0000x"' 'does not match format'
}

@test "now is the time of the event's record, and MS_NOW freezes both" {
	echo '{}' | MS_NOW='' ms-map '.t = now | .u = now | .v = (now | todate)' >out
	holds out '.t == .u and (._lineage[0].at[:19] + "Z") == .v'
	holds out '(._lineage[0].at[20:26] | tonumber) ==
	    (.t * 1000000 | round) % 1000000'
	echo '{}' | ms-map '.t = now' >out
	holds out '.t == 1795358384.123456'
}
