#!/usr/bin/env bats
# ms-schema compare: proved, refuted by an event, or unknown.
load helper

# versions OLD NEW STATUS [option ...]: what is said is in out.
versions() {
	local want=$3

	printf '%s' "$1" >old.json
	printf '%s' "$2" >new.json
	shift 3
	status "$want" ms-schema compare "$@" old.json new.json >out 2>err
	[ ! -s err ]
}

@test "a member more that isn't required breaks nobody but closed schemas" {
	versions '{"properties":{"a":{"type":"integer"}}}' \
	    '{"properties":{"a":{"type":"integer"},"b":{}}}' 0
	same out 'old.json, new.json: readers: compatible' \
	    'old.json, new.json: writers: compatible'
	versions '{"properties":{"a":{}},"additionalProperties":false}' \
	    '{"properties":{"a":{},"b":{}},"additionalProperties":false}' 1
	same out \
	    '  incompatible: nothing-allowed: old.json /additionalProperties; new.json /properties/b' \
	    '    /b is an object; old.json allows nothing there (at /additionalProperties)' \
	    '    {"b":{}}' \
	    'old.json, new.json: readers: incompatible' \
	    'old.json, new.json: writers: compatible'
}

@test "a new required member breaks those who write" {
	versions '{"type":"object"}' '{"type":"object","required":["a"]}' 0 \
	    --for readers
	versions '{"type":"object"}' '{"type":"object","required":["a"]}' 1 \
	    --for writers
	same out '  incompatible: required: new.json; old.json' \
	    '    the event has no "a"; new.json requires it' '    {}' \
	    'old.json, new.json: writers: incompatible'
}

@test "each rule has a counterexample that both schemas judge" {
	while read -r rule old new; do
		versions "$old" "$new" 1 --for readers
		grep -q "^  incompatible: $rule: " out
		sed -n 's/^    {/{/p' out >events
		[ -s events ]
		status 0 ms-schema check -s new.json events >log
		status 1 ms-schema check -s old.json events >log 2>&1
		[ ! -s <(grep -v '^ms-schema:' log) ]
	done <<'CASES'
type {"properties":{"a":{"type":"integer"}}} {"properties":{"a":{"type":["integer","null"]}}}
type {"properties":{"a":{"type":"integer"}}} {"properties":{"a":{"type":"number"}}}
enum {"properties":{"a":{"enum":["x"]}}} {"properties":{"a":{"type":"string"}}}
values {"properties":{"a":{"enum":["x"]}}} {"properties":{"a":{"enum":["x","y"]}}}
minimum {"properties":{"a":{"minimum":3}}} {"properties":{"a":{"minimum":2.5,"type":"number"}}}
maximum {"properties":{"a":{"exclusiveMaximum":3}}} {"properties":{"a":{"maximum":3,"type":"number"}}}
multiple-of {"properties":{"a":{"multipleOf":2}}} {"properties":{"a":{"type":"integer"}}}
min-length {"properties":{"a":{"minLength":3}}} {"properties":{"a":{"minLength":2,"type":"string"}}}
max-length {"properties":{"a":{"maxLength":3}}} {"properties":{"a":{"maxLength":300,"type":"string"}}}
pattern {"properties":{"a":{"pattern":"^y"}}} {"properties":{"a":{"type":"string"}}}
min-items {"properties":{"a":{"minItems":2}}} {"properties":{"a":{"type":"array","items":{"type":"null"}}}}
max-items {"properties":{"a":{"maxItems":2}}} {"properties":{"a":{"maxItems":3,"type":"array","items":{"type":"null"}}}}
unique-items {"properties":{"a":{"uniqueItems":true}}} {"properties":{"a":{"type":"array","items":{"type":"string"}}}}
contains {"properties":{"a":{"contains":{"const":1}}}} {"properties":{"a":{"type":"array"}}}
required {"properties":{"a":{"items":{"required":["x"]}}}} {"properties":{"a":{"items":{"type":"object"}}}}
members {"properties":{"a":{"maxProperties":0}}} {"properties":{"a":{"type":"object"}}}
nothing-allowed {"properties":{"a":false}} {}
any-of {"properties":{"a":{"anyOf":[{"type":"null"},{"type":"string"}]}}} {"properties":{"a":{"type":["null","boolean"]}}}
one-of {"properties":{"a":{"oneOf":[{"type":"integer"},{"minimum":2}]}}} {"properties":{"a":{"type":"integer"}}}
not {"properties":{"a":{"not":{"type":"null"}}}} {}
dependent {"dependentRequired":{"a":["b"]}} {"properties":{"a":{},"b":{}}}
CASES
}

@test "references, allOf and branches are looked through" {
	versions '{"$defs":{"n":{"type":"number"}},"properties":{"a":{"$ref":"#/$defs/n"}}}' \
	    '{"properties":{"a":{"allOf":[{"minimum":1},{"type":"integer"}]}}}' \
	    0 --for readers
	versions '{"properties":{"a":{"type":["string","number"]}}}' \
	    '{"properties":{"a":{"anyOf":[{"type":"string","minLength":1},{"enum":[1,2]}]}}}' \
	    0 --for readers
	versions '{"properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]}}}' \
	    '{"properties":{"a":{"anyOf":[{"type":"null"},{"const":"x"}]}}}' \
	    0 --for readers
}

@test "schemas that go round are compared" {
	tree='{"type":"object","properties":{"left":{"$ref":"#"},"n":{"type":"integer"}}}'
	versions "$tree" "${tree/left/left}" 0
	versions "$tree" "${tree/integer/number}" 0 --for writers
	versions "$tree" "${tree/integer/number}" 1 --for readers
}

@test "what can be neither proved nor shown is unknown, with 4" {
	versions '{"properties":{"a":{"pattern":"^[0-9a-f]*$"}}}' \
	    '{"properties":{"a":{"type":"string","pattern":"^[0-9]+$"}}}' 4 \
	    --for readers
	same out '  unknown: pattern: old.json /properties/a; new.json /properties/a' \
	    'old.json, new.json: readers: unknown'
}

@test "incompatible outranks unknown" {
	versions '{"properties":{"a":{"pattern":"^[0-9a-f]*$"},"b":{"type":"null"}}}' \
	    '{"properties":{"a":{"type":"string","pattern":"^[0-9]+$"}}}' 1 \
	    --for readers
	grep -q '^  incompatible: type: old.json /properties/b; nothing said$' out
	grep -q '^  unknown: pattern:' out
}

@test "--sample gives the counterexample where one occurs there" {
	printf '%s\n' '{"a":"7"}' '{"a":"ab"}' '{"a":"zz"}' >events
	versions '{"properties":{"a":{"pattern":"^[0-9a-f]*$"}}}' \
	    '{"properties":{"a":{"type":"string","pattern":"^[a-z]+$"}}}' 1 \
	    --for readers --sample events
	same out '  incompatible: pattern: old.json /properties/a; new.json /properties/a' \
	    '    /a is "zz", a string; old.json wants a match of ^[0-9a-f]*$ (at /properties/a)' \
	    '    {"a":"zz"}' 'old.json, new.json: readers: incompatible'
}

@test "of more than two versions the last is compared with each before" {
	echo '{"properties":{"a":{"type":"integer"}}}' >1.json
	echo '{"properties":{"a":{"type":"number"}}}' >2.json
	echo '{"properties":{"a":{"type":["number","null"]}}}' >3.json
	status 0 ms-schema compare --for writers 1.json 2.json 3.json >out
	same out '1.json, 3.json: writers: compatible' \
	    '2.json, 3.json: writers: compatible'
}

@test "what isn't there, or isn't a schema, is told with 2" {
	echo '{}' >a.json
	status 2 ms-schema compare a.json 2>err
	grep -q '^ms-schema: two versions of a schema are wanted$' err
	status 2 ms-schema compare a.json b.json 2>err
	grep -q '^ms-schema: b.json: No such file' err
	status 3 ms-schema compare --sample b a.json a.json 2>err
	grep -q '^ms-schema: b: No such file' err
	status 3 sh -c 'ms-schema compare a.json a.json >/dev/full' 2>err
	grep -q '^ms-schema: standard output: ' err
}

@test "what is proved of the suite's schemas no case of it refutes" {
	local dir=$shared/conformance/JSON-Schema-Test-Suite/tests/draft2020-12

	[ -d "$dir" ] || skip "there is no JSON-Schema-Test-Suite"
	proved=0
	for file in properties items anyOf additionalProperties allOf not; do
		jq -c '.[].schema | if type == "object" then del(."$id") else . end | {properties: {v: .}}' \
		    "$dir/$file.json" | grep -v '\$ref' >schemas
		jq -c '.[].tests[] | {v: .data}' "$dir/$file.json" >events
		n=$(wc -l <schemas)
		for ((i = 1; i < n; i++)); do
			sed -n "${i}p" schemas >old.json
			sed -n "$((i + 1))p" schemas >new.json
			got=0
			ms-schema compare --for readers old.json new.json \
			    >/dev/null || got=$?
			[ "$got" -eq 0 ] || continue
			proved=$((proved + 1))
			status 0 ms-schema compare --for readers \
			    --sample events old.json new.json >out
		done
	done
	[ "$proved" -gt 3 ]
}

@test "a schema that is too costly to check ends as unknown, and soon" {
	jq -nc '[range(40) | {"a\(.)": {allOf: [range(2) as $_ | {"$ref": "#/$defs/a\(. + 1)"}]}}] |
	    {"$ref": "#/$defs/a0", "$defs": (add + {a40: true})}' >old.json
	status 4 within 30 "$MS_BUILD/ms-schema" compare old.json old.json >out
}
