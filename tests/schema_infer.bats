#!/usr/bin/env bats
# ms-schema infer: a schema of what the events are like.
load helper

# infer OPTION...: of in, to out.
infer() {
	status 0 ms-schema infer "$@" <in >out 2>err
	[ ! -s err ]
}

# merged FILE N OPTION...: the schema of the first N lines, gone on from with
# the others, is the schema of all.
merged() {
	local file=$1 n=$2

	shift 2
	ms-schema infer "$@" "$file" >whole
	head -n "$n" "$file" | ms-schema infer "$@" >first
	tail -n "+$((n + 1))" "$file" |
	    ms-schema infer "$@" --merge first >both
	diff whole both
}

@test "types are counted, and members that are always there are required" {
	printf '%s\n' '{"a":1,"b":"x"}' '{"a":2.5}' '{"a":3,"c":[null,true]}' >in
	infer --name thing
	holds out '.title == "thing" and .type == "object" and
	    ."x-seen" == {object: [3, 1]} and .required == ["a"] and
	    .properties.a == {type: "number",
		"x-seen": {integer: [2, 1], number: [1, 2]},
		"x-first": {number: 2}} and
	    .properties.b.type == "string" and
	    .properties.c.items.type == ["null", "boolean"]'
}

@test "x-first names the first event of a rare type" {
	{
		yes '{"n":7}' | head -n 811
		echo '{"n":"7"}'
		yes '{"n":7}' | head -n 500
	} >in
	infer
	holds out '.properties.n."x-first" == {string: 812} and
	    .properties.n."x-seen".string == [1, 812]'
}

@test "what an integer is goes by its worth" {
	printf '%s\n' '{"n":1.0}' '{"n":1e2}' '{"n":12345678901234567890}' >in
	infer
	holds out '.properties.n.type == "integer"'
	echo '{"n":1e-2}' >>in
	infer
	holds out '.properties.n.type == "number"'
}

@test "--enum lists few values, and no values where they are more" {
	printf '%s\n' '{"a":"x","b":1,"c":null,"d":true}' \
	    '{"a":"y","b":2,"c":"z","d":"s"}' '{"a":"x","b":3,"c":"z","d":1}' >in
	infer --enum 2
	holds out '.properties.a.enum == ["x", "y"] and
	    (.properties.b | has("enum") | not) and
	    .properties.c.enum == ["z", null] and
	    (.properties.d | has("enum") | not) and
	    .properties.d."x-enum" == [1, "s"]'
	infer
	lacks -q enum out
}

@test "a format is named where it always holds" {
	printf '%s\n' \
	    '{"t":"2026-11-22T09:00:00Z","u":"01931b9e-0000-7000-8000-000000000000","i":"10.0.0.1","w":"https://x.test/a","m":"a@x.test","d":"2026-11-22","n":"x"}' \
	    '{"t":"2026-11-22T09:00:01Z","u":"01931b9e-0000-7000-8000-000000000001","i":"10.0.0.2","w":"urn:a:b","m":"b@x.test","d":"2026-11-23","n":"10.0.0.1"}' >in
	infer
	holds out '[.properties[] | .format] == ["date-time", "uuid", "ipv4",
	    "uri", "email", "date", null]'
}

@test "--ranges gives bounds as they are spelled" {
	printf '%s\n' '{"n":1.50,"s":"äö","l":[1]}' '{"n":-1e400,"s":"","l":[]}' >in
	infer --ranges
	grep -q '"minimum": -1e400,' out
	grep -q '"maximum": 1.50' out
	holds out '.properties.s.minLength == 0 and
	    .properties.s.maxLength == 2 and .properties.l.maxItems == 1'
}

@test "an object with too many keys is a map" {
	jq -nc 'range(30) | {users: {"u\(.)": {n: .}}, kind: "k"}' >in
	infer --keys 20
	holds out '.properties.users | ."x-map" and (has("properties") | not) and
	    .additionalProperties.properties.n."x-seen" == {integer: [30, 1]}'
	infer
	holds out '.properties.users.properties | length == 30'
}

@test "of duplicate keys the last counts, and the history doesn't" {
	echo '{"a":"x","a":1}' | ms-filter true >in
	infer
	holds out '(.properties | keys) == ["a"] and
	    .properties.a.type == "integer"'
}

@test "the events that a schema was made of are valid by it" {
	[ -d "$shared/data" ] || skip "no ../shared/data"
	for file in "$shared"/data/*.ndjson; do
		status 0 ms-schema infer --enum 20 --ranges "$file" >s.json
		status 0 ms-schema check --formats --lineage off -s s.json \
		    "$file" >out
		cmp out "$file"
	done
}

@test "infer(A) merged with infer(B) is infer(A + B)" {
	[ -d "$shared/data" ] || skip "no ../shared/data"
	for file in "$shared"/data/*.ndjson; do
		for n in 0 1 17 500; do
			merged "$file" "$n"
			merged "$file" "$n" --enum 3 --ranges --keys 8
		done
	done
}

@test "infer(A) merged with infer(B) is infer(A + B), whatever the events" {
	awk 'BEGIN {
		srand(7)
		split("null true 1 1.0 -2 2.50 1e3 \"a\" \"10.0.0.1\" \"2026-11-22\" [] [1,\"x\"] [{}] {} {\"k\":1} {\"k\":null,\"j\":[0]}", v, " ")
		for (i = 0; i < 400; i++) {
			s = ""
			for (n = int(rand() * 5); n > 0; n--)
				s = s (s == "" ? "" : ",") "\"m" int(rand() * 9) \
				    "\":" v[1 + int(rand() * 16)]
			print "{" s "}"
		}
	}' >random
	for n in 1 2 3 5 8 13 100 399; do
		merged random "$n"
		merged random "$n" --enum 2 --ranges --keys 3
		merged random "$n" --enum 9 --keys 6
	done
}

@test "a schema that infer didn't write can't be merged" {
	echo '{"type":"object"}' >old
	status 2 ms-schema infer --merge old </dev/null >out 2>err
	[ ! -s out ]
	grep -q "^ms-schema: old:1:1: there is no x-seen: infer didn't write it" err
	printf '{"a":' >old
	status 2 ms-schema infer --merge old </dev/null 2>err
	grep -q '^ms-schema: old:1:' err
	status 2 ms-schema infer --merge nothing </dev/null 2>err
	grep -q '^ms-schema: nothing: No such file' err
}

@test "a schema that outgrows its memory is told, and not written" {
	jq -nc 'range(3000) | {"k\(. / 50 | floor)": {"l\(. % 50)": {a: 1, b: 2}}}' >in
	status 1 ms-schema infer --max-memory 200K <in >out 2>err
	[ ! -s out ]
	grep -q 'the schema needs too much memory' err
}
