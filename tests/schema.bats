#!/usr/bin/env bats
# ms-schema check: what is valid passes, what isn't is told in words.
load helper

suite=$shared/conformance/JSON-Schema-Test-Suite

# check SCHEMA EVENT [option ...]: the status, and what is said in err.
check() {
	local schema=$1 event=$2

	shift 2
	printf '%s' "$schema" >s.json
	ms-schema check --lineage off -s s.json "$@" <<<"$event" >out 2>err
}

valid() {
	status 0 check "$@"
	[ ! -s err ]
}

# wrong SCHEMA EVENT TEXT [option ...]: it is rejected, and that is why.
wrong() {
	local schema=$1 event=$2 text=$3

	shift 3
	status 1 check "$schema" "$event" "$@"
	[ "$(cat err)" = "ms-schema: standard input:1:$text" ] || {
		cat err
		return 1
	}
}

# broken SCHEMA TEXT: the schema itself is told, with a caret.
broken() {
	status 2 check "$1" '{}'
	[ "$(head -n 1 err)" = "ms-schema: s.json:$2" ] || {
		cat err
		return 1
	}
	[ "$(tail -n 1 err | tr -d ' ')" = '^' ]
}

# --- the official suite -------------------------------------------------

# required FOLDER URI: every case of a draft.
required() {
	[ -d "$suite" ] || skip "there is no JSON-Schema-Test-Suite"
	"$MS_BUILD/tests/schema_suite" "$2" "$suite/remotes" \
	    "$suite/tests/$1"/*.json
}

@test "a schema may begin with a byte order mark, and end its lines with CRLF" {
	printf '\xef\xbb\xbf{"type":\r\n"object"}\r\n' >bom.json
	status 0 ms-schema check -s bom.json --lineage off <<<'{"a":1}' >out
	same out '{"a":1}'
	printf '\xef\xbb\xbf{"type":"objekt"}' >bom.json
	status 2 ms-schema check -s bom.json <<<'{}' 2>err
	grep -q '^ms-schema: bom.json:1:9: there is no type' err
}

@test "all required cases of draft 2020-12 pass" {
	required draft2020-12 https://json-schema.org/draft/2020-12/schema
}

@test "all required cases of draft 2019-09 pass" {
	required draft2019-09 https://json-schema.org/draft/2019-09/schema
}

@test "all required cases of draft-07 pass" {
	required draft7 http://json-schema.org/draft-07/schema#
}

@test "all required cases of draft-06 pass" {
	required draft6 http://json-schema.org/draft-06/schema#
}

@test "all required cases of draft-04 pass" {
	required draft4 http://json-schema.org/draft-04/schema#
}

@test "of the optional cases of formats 98 in 100 pass in each draft" {
	[ -d "$suite" ] || skip "there is no JSON-Schema-Test-Suite"
	while read -r folder uri; do
		"$MS_BUILD/tests/schema_suite" --formats "$uri" \
		    "$suite/remotes" \
		    "$suite/tests/$folder/optional/format"/*.json >log || true
		cat log
		tail -n 1 log | awk '{ exit !($1 > 200 && $1 >= 49 * $3) }'
	done <<'DRAFTS'
draft2020-12 https://json-schema.org/draft/2020-12/schema
draft2019-09 https://json-schema.org/draft/2019-09/schema
draft7 http://json-schema.org/draft-07/schema#
draft6 http://json-schema.org/draft-06/schema#
draft4 http://json-schema.org/draft-04/schema#
DRAFTS
}

@test "the command agrees with the suite where its README says how" {
	[ -d "$suite" ] || skip "there is no JSON-Schema-Test-Suite"
	jq -c '.[]' "$suite/tests/draft2020-12/ref.json" >groups
	while IFS= read -r group; do
		jq '.schema' <<<"$group" >s.json
		jq -c '.tests[] | {v: .data}' <<<"$group" >in
		jq -c '.tests[] | select(.valid) | {v: .data}' <<<"$group" >want
		ms-schema check --of .v -s s.json --lineage off \
		    --map "http://localhost:1234/=$suite/remotes/" \
		    <in >out 2>err || true
		cmp out want
	done <groups
}

# --- what is said -------------------------------------------------------

@test "a valid event passes with a record that names the schema" {
	cp "$examples/order.json" .
	run -0 ms-schema check -s order.json \
	    <<<'{"id":"A-1","lines":[{"sku":"tea"}]}'
	hash=$(sha256sum order.json | cut -c 1-32)
	[ "$(unsummed - <<<"$output")" = '{"id":"A-1","lines":[{"sku":"tea"}],"_lineage":[{"op":"schema","rule":"order.json","from":{"schema":"order.json","hash":"'"$hash"'"},"at":"'"$NOW"'"}]}' ]
}

@test "an event that isn't valid says where, what and why" {
	cp "$examples/order.json" .
	run -1 --separate-stderr ms-schema check -s order.json \
	    <<<'{"id":"A-1","lines":[{"sku":"tea","qty":"3"}]}'
	[ "$stderr" = 'ms-schema: standard input:1:41: /lines/0/qty is "3", a string; order.json wants an integer (at /$defs/line/properties/qty)' ]
	[ -z "$output" ]
}

@test "a reject holds the event, the column and the reason" {
	status 1 ms-schema check --rejects rej -s "$examples/order.json" \
	    <<<'{"id":1,"lines":[]}' >out 2>err
	holds rej '.op == "schema" and .column == 7 and
	    .event == {id: 1, lines: []} and
	    .error == "/id is 1, a number; order.json wants a string (at /properties/id)"'
}

@test "--all tells every fault of an event" {
	wrong '{"properties":{"a":{"type":"null"},"b":{"minimum":3}},"required":["c"]}' \
	    '{"a":1,"b":2}' \
	    '1: the event has no "c"; s.json requires it; also /a is 1, a number; s.json wants null (at /properties/a); also /b is 2, a number; s.json wants at least 3 (at /properties/b)' \
	    --all
}

@test "--else takes the events that aren't valid, with the reason" {
	status 0 ms-schema check --else no -s "$examples/order.json" \
	    "$examples/orders.ndjson" >out 2>err
	lines 2 out
	holds no '._lineage[0] | .kept == false and
	    .from.schema == "order.json" and
	    (.failed | startswith("/lines/0/qty is \"3\", a string;"))'
	[ ! -s err ]
}

@test "no output is a file that the schema came from" {
	echo '{"$ref":"b.json"}' >a.json
	echo '{"type":"object"}' >b.json
	for file in a.json b.json; do
		for option in --else --rejects; do
			cp "$file" before
			status 3 ms-schema check -s a.json "$option" "$file" \
			    <<<'{}' 2>err
			same err "ms-schema: $file: is a schema as well"
			cmp before "$file"
		done
	done
	echo '{"type":"array"}' >c.json
	status 0 ms-schema check -s c.json --else no <<<'{"a":1}'
	status 0 ms-schema check -s c.json --else no --append <<<'{"a":1}'
	lines 2 no
}

@test "--of checks what is there, and what isn't there is valid" {
	printf '%s\n' '{"type":"integer"}' >s.json
	printf '%s\n' '{"p":{"n":1}}' '{"p":{}}' '{}' '{"p":{"n":"x"}}' >in
	status 1 ms-schema check --of .p.n --lineage off -s s.json in \
	    >out 2>err
	head -n 3 in | cmp - out
	same err 'ms-schema: in:4:11: /p/n is "x", a string; s.json wants an integer'
}

@test "each keyword says what it wants" {
	wrong '{"properties":{"a":{"enum":[1,"x"]}}}' '{"a":2}' \
	    '6: /a is 2, a number; s.json wants one of 1, "x" (at /properties/a)'
	wrong '{"properties":{"a":{"const":{"b":1}}}}' '{"a":{}}' \
	    '6: /a is an object; s.json wants {"b":1} (at /properties/a)'
	wrong '{"properties":{"a":{"exclusiveMaximum":1.50}}}' '{"a":1.5}' \
	    '6: /a is 1.5, a number; s.json wants less than 1.50 (at /properties/a)'
	wrong '{"properties":{"a":{"multipleOf":0.01}}}' '{"a":0.015}' \
	    '6: /a is 0.015, a number; s.json wants a multiple of 0.01 (at /properties/a)'
	wrong '{"properties":{"a":{"maxLength":2}}}' '{"a":"öäü"}' \
	    '6: /a is "öäü", 3 characters; s.json wants at most 2 (at /properties/a)'
	wrong '{"properties":{"a":{"uniqueItems":true}}}' '{"a":[1,2,1.0]}' \
	    '6: /a has equal items, 0 and 2; s.json wants all to differ (at /properties/a)'
	wrong '{"additionalProperties":false}' '{"a":null}' \
	    '6: /a is null; s.json allows nothing there (at /additionalProperties)'
	wrong '{"propertyNames":{"maxLength":1}}' '{"ab":1}' \
	    '2: /ab is a member with the key "ab"; s.json wants at most 1 (at /propertyNames)'
	wrong '{"not":{"required":["a"]}}' '{"a":1}' \
	    "1: the event is an object; s.json wants what its \"not\" doesn't fit"
	wrong '{"dependentRequired":{"a":["b"]}}' '{"a":1}' \
	    '1: the event has "a" and no "b"; s.json requires it'
	wrong '{"properties":{"a":{"format":"date"}}}' '{"a":"x"}' \
	    '6: /a is "x", a string; s.json wants the format date (at /properties/a)' \
	    --formats
}

@test "anyOf and oneOf name the branch that comes nearest" {
	wrong '{"oneOf":[{"properties":{"k":{"const":"a"}}},{"properties":{"k":{"const":"b"},"n":{"type":"integer"}}}]}' \
	    '{"k":"b","n":"x"}' \
	    "1: the event fits none of the 2 branches of s.json's oneOf; to the nearest, /0, /k is \"b\", a string; s.json wants \"a\" (at /oneOf/0/properties/k)"
	wrong '{"oneOf":[{"type":"object"},{"required":["a"]}]}' '{"a":1}' \
	    '1: the event fits several branches of oneOf, /0 and /1; s.json wants just one'
}

# --- what is exact ------------------------------------------------------

@test "numbers are whole, compare and divide by their digits" {
	valid '{"properties":{"a":{"type":"integer"}}}' '{"a":1.0}'
	valid '{"properties":{"a":{"type":"integer"}}}' '{"a":1e999999999}'
	wrong '{"properties":{"a":{"type":"integer"}}}' '{"a":1e-999999999}' \
	    '6: /a is 1e-999999999, a number; s.json wants an integer (at /properties/a)'
	wrong '{"properties":{"a":{"maximum":9007199254740992}}}' \
	    '{"a":9007199254740993}' \
	    '6: /a is 9007199254740993, a number; s.json wants at most 9007199254740992 (at /properties/a)'
	valid '{"properties":{"a":{"multipleOf":0.01}}}' '{"a":1e999999999}'
	valid '{"properties":{"a":{"multipleOf":123456789012345678901}}}' \
	    '{"a":370370367037037036703}'
	valid '{"properties":{"a":{"const":1e1000000000}}}' \
	    '{"a":0.1e1000000001}'
}

@test "of duplicate keys the last counts, once" {
	valid '{"properties":{"a":{"type":"null"}},"maxProperties":1}' \
	    '{"a":1,"a":null}'
	valid '{"additionalProperties":{"type":"null"}}' '{"a":1,"\u0061":null}'
	wrong '{"additionalProperties":{"type":"null"}}' '{"a":null,"\u0061":1}' \
	    '20: /a is 1, a number; s.json wants null (at /additionalProperties)'
}

@test "length is in code points, and \\u0000 is one" {
	valid '{"properties":{"a":{"minLength":3,"maxLength":3}}}' \
	    '{"a":"\u0000\ud83d\ude00\ud800"}'
}

@test "the history is no member of the event" {
	echo '{"a":1}' | ms-filter true | status 0 ms-schema check -s \
	    <(echo '{"additionalProperties":{"type":"integer"},"maxProperties":1}') \
	    >out
	holds out '._lineage | length == 2'
}

@test "patterns mean what ECMA-262 says" {
	while read -r pattern text verdict; do
		jq -n --arg p "$pattern" '{properties: {a: {pattern: $p}}}' >s
		jq -nc --argjson a "\"$text\"" '{a: $a}' >e
		want=0
		[ "$verdict" = yes ] || want=1
		status "$want" ms-schema check -s s e >out 2>err
	done <<'PATTERNS'
^\d$ ٣ no
^\w$ é no
^\s$ \u00a0 yes
^a$ a\n_ no
\p{Letter} é yes
^\p{Script=Greek}$ α yes
^\p{gc=Decimal_Number}$ ٣ yes
^[\w-]+$ a-b yes
^[^\W_]$ _ no
^\u{1f600}$ 😀 yes
^\ud83d\ude00$ 😀 yes
^(a)?b\1$ b yes
^(?<x>a)\k<x>$ aa yes
^[[:alpha:]]$ a no
^.$ \r no
^\cJ$ x no
^a{,2}$ a{,2} yes
^\bé é no
PATTERNS
}

@test "a pattern that ECMA-262 doesn't have is told" {
	broken '{"pattern":"a++"}' \
	    '1:12: the pattern is wrong at byte 3: nothing to repeat'
	broken '{"pattern":"(?i)a"}' \
	    '1:12: the pattern is wrong at byte 1: no such group in ECMA-262'
	broken '{"pattern":"\\A"}' \
	    '1:12: the pattern is wrong at byte 2: no such escape in ECMA-262'
	broken '{"patternProperties":{"[b-a]":true}}' \
	    '1:23: the pattern is wrong at byte 2: no range of characters'
}

# --- other schemas ------------------------------------------------------

@test "a \$ref finds the file beside the schema" {
	mkdir d
	echo '{"items":{"$ref":"sub/b.json#/$defs/x"}}' >d/a.json
	mkdir d/sub
	echo '{"$defs":{"x":{"type":"null"}}}' >d/sub/b.json
	echo '{"v":[1]}' >in
	status 1 ms-schema check --of .v -s d/a.json in >out 2>err
	same err 'ms-schema: in:1:7: /v/0 is 1, a number; b.json wants null (at /$defs/x)'
}

@test "a \$ref below the schema's \$id is looked for beside it too" {
	echo '{"$id":"https://example.com/s/a.json","$ref":"b.json"}' >a.json
	echo '{"required":["z"]}' >b.json
	status 1 ms-schema check -s a.json <<<'{}' >out 2>err
	grep -q 'the event has no "z"; b.json requires it' err
}

@test "--map says where other schemas are" {
	mkdir d
	echo '{"type":"null"}' >d/x.json
	valid '{"properties":{"a":{"$ref":"https://example.com/y/x.json"}}}' \
	    '{"a":null}' --map https://example.com/y/=d
}

@test "the drafts' own schemas are built in, and accept themselves" {
	for uri in http://json-schema.org/draft-0{4,6,7}/schema \
	    https://json-schema.org/draft/{2019-09,2020-12}/schema; do
		echo '{"$ref":"'"$uri"'"}' >s.json
		for file in "$root"/lib/schema/*.json; do
			jq -c --arg uri "$uri" \
			    '.[] | select(."$schema" | startswith($uri))' \
			    "$file"
		done >in
		[ -s in ]
		status 0 ms-schema check -s s.json in >out
		status 1 ms-schema check -s s.json <<<'{"type":"x"}' 2>err
	done
}

@test "a schema that is wrong is told with file, line and caret" {
	broken '{"type":"strng"}' '1:9: there is no type "strng"'
	broken '{"a":}' '1:6: expected a value'
	broken '[]' '1:1: a schema is an object or true or false'
	broken '{} {}' '1:4: text after the value'
	broken '{"$ref":"#/no"}' '1:9: nothing is at /no in s.json'
	broken '{"$ref":"#no"}' '1:9: no schema in s.json has the anchor no'
	broken '{"$schema":"http://x.test/"}' \
	    "1:12: http://x.test/ isn't here, and nothing is fetched; --map URI=DIR says where it is"
	broken '{"$defs":{"a":{"$id":"http://x/"},"b":{"$id":"http://x/"}}}' \
	    '1:46: http://x/ is the URI of another schema too'
	broken '{"minLength":-1}' '1:14: expected a whole number from 0 on'
	broken '{"$defs":{"unused":{"pattern":"("}}}' \
	    '1:31: the pattern is wrong at byte 2: a ( without its )'
}

# --- what would take forever --------------------------------------------

@test "a schema that refers to itself in a circle is told" {
	broken '{"$ref":"#"}' \
	    '1:1: this schema refers to itself in a circle'
	broken '{"$defs":{"a":{"not":{"$ref":"#/$defs/b"}},"b":{"anyOf":[{"$ref":"#/$defs/a"}]}}}' \
	    '1:15: this schema refers to itself in a circle'
}

@test "a schema that tries everything everywhere ends in an error" {
	nest() {
		printf '{"a":%.0s' {1..900}
		printf '{"a":1'
		printf '}%.0s' {0..900}
	}
	status 1 within 20 ms-schema check --lineage off \
	    -s <(echo '{"properties":{"a":{"anyOf":[{"allOf":[{"$ref":"#"},false]},{"allOf":[{"$ref":"#"},false]}]}}}') \
	    <<<"$(nest)" 2>err
	grep -q 'the check ends: the schema takes too many steps over it' err
}

@test "unevaluatedProperties over a thousand branches is no trouble" {
	jq -nc '{anyOf: [range(1000) | {properties: {"p\(.)": true}}],
	    unevaluatedProperties: false}' >s.json
	jq -nc 'reduce range(5000) as $i ({}; .["p\($i)"] = 1)' >in
	status 1 within 20 ms-schema check -s s.json in 2>err
	grep -q '/p1000 is 1, a number; s.json allows nothing there' err
}

@test "a pattern that takes too long is a reject" {
	echo '{"properties":{"a":{"pattern":"^(a+)+$"}}}' >s.json
	{
		printf '{"a":"'
		filler 3000 | tr x a
		echo 'b"}'
	} >in
	status 1 within 20 ms-schema check -s s.json in 2>err
	grep -q 'the check ends: a pattern takes too long on it' err
}

@test "a small stack is no trouble" {
	is_asan && skip "ASan needs its own stack"
	echo '{"allOf":[{"allOf":[{"additionalProperties":{"$ref":"#"}}]}]}' >s
	{
		printf '{"a":%.0s' {1..900}
		printf '{}'
		printf '}%.0s' {1..900}
	} >in
	(ulimit -Ss 400 -Hs 400; status 1 ms-schema check -s s in 2>err)
	grep -q 'the check ends: the schema goes too deep into it' err
}

@test "threads tell the same as one does" {
	for _ in {1..200}; do
		cat "$examples/orders.ndjson"
	done >in
	status 1 ms-schema check -s "$examples/order.json" in >one 2>err1
	status 1 ms-schema check -j 2 -s "$examples/order.json" in >two 2>err2
	cmp one two
	cmp err1 err2
}
