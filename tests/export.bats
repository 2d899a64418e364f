#!/usr/bin/env bats
# ms-trace export: histories in the formats of others.
load helper

journey() {
	ms-trace "$examples/access.ndjson" | ms-filter '.status >= 200' |
	    ms-enrich -t "$examples/hosts.csv" -k .ip --miss null |
	    ms-map -n price '.cost = .bytes * 0.01 | del(.user)' >events
}

@test "OTLP: a line an event, a span a record, as the file exporter writes" {
	journey
	status 0 ms-trace export -T otlp events >out
	lines "$(wc -l <events)" out
	holds out '.resourceSpans[0].scopeSpans[0].spans
	    | length == 4 and all(.[]; (.traceId | test("^[0-9a-f]{32}$"))
	    and (.spanId | test("^[0-9a-f]{16}$")) and .kind == 1
	    and (.startTimeUnixNano | test("^[0-9]+$"))
	    and (.startTimeUnixNano <= .endTimeUnixNano)
	    and (.attributes | all(.key | type == "string")))
	    and (map(.traceId) | unique | length == 1)
	    and .[0].parentSpanId == ""
	    and ([.[1:][].parentSpanId] == [.[:-1][].spanId])
	    and .[3].name == "map price"'
	first=$(head -n 1 events | jq -r '._lineage[0].id' | tr -d -)
	[ "$(head -n 1 out | jq -r '.. | .traceId? // empty' | sort -u)" = \
	    "$first" ]
}

@test "OTLP: a span has its rule and the paths that it changed" {
	journey
	ms-trace export -T otlp events >out
	holds out '.resourceSpans[0].scopeSpans[0].spans[3].attributes
	    | map({(.key): .value}) | add
	    | .["mutstream.rule"].stringValue ==
		".cost = .bytes * 0.01 | del(.user)"
	    and ([.["mutstream.changed"].arrayValue.values[].stringValue]
		| sort == ["/cost", "/user"])'
}

@test "OTLP: span ids are the same in each run, and differ over events" {
	journey
	ms-trace export -T otlp events >out1
	ms-trace export -T otlp events >out2
	cmp out1 out2
	n=$(jq -r '.. | .spanId? // empty' out1 | sort -u | wc -l)
	[ "$n" -eq $(($(wc -l <events) * 4)) ]
}

@test "OTLP: an event goes on with the trace that it came with" {
	parent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
	printf '{"tp":"%s"}\n' "$parent" | ms-trace --traceparent .tp >in
	status 0 ms-trace export -T otlp in >out
	holds out '.resourceSpans[0].scopeSpans[0].spans[0]
	    | .traceId == "0af7651916cd43dd8448eb211c80319c"
	    and .parentSpanId == "b7ad6b7169203331"'
}

@test "OTLP: events of one trace, and those of a fork, have their own spans" {
	parent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
	printf '{"tp":"%s","b":[1,2]}\n' "$parent" "$parent" |
	    ms-trace --traceparent .tp | ms-map '.b = .b[]' |
	    ms-map '.c = .b' >in
	lines 4 in
	status 0 ms-trace export -T otlp in >out
	# an event is a span at its start, and two from the fork on
	[ "$(jq -r '.. | .spanId? // empty' out | sort -u | wc -l)" -eq 10 ]
	[ "$(jq -r '.. | .traceId? // empty' out | sort -u | wc -l)" -eq 1 ]
}

@test "an event without an id, or with a bad one, is rejected" {
	printf '%s\n' '{"a":1}' '{"_lineage":[{"op":"trace","id":"x"}]}' >in
	for type in otlp prov; do
		status 1 ms-trace export -T "$type" in >out 2>err
		[ ! -s out ]
		grep -q 'in:1:.*has no id' err
		grep -q 'in:2:.*no UUID' err
	done
}

@test "PROV: each record is an activity that derives an entity" {
	journey
	head -n 1 events >one
	status 0 ms-trace export -T prov one >out
	holds out '(.prefix | has("event")) and (.entity | length == 5)
	    and (.activity | length == 4) and (.used | length == 4)
	    and (.wasGeneratedBy | length == 4)
	    and ([.used, .wasGeneratedBy, .wasDerivedFrom | keys[]]
		| length == 12 and length == (unique | length))
	    and ([.wasDerivedFrom[] | .["prov:usedEntity"]] | length == 4)
	    and (. as $d | all(.used[]; . as $u
		| ($d.entity | has($u["prov:entity"]))
		and ($d.activity | has($u["prov:activity"]))))'
}

@test "PROV: a result is derived from a collection of events" {
	printf '%s\n' '{"u":1}' '{"u":2}' '{"u":1}' | ms-trace --source src >traced
	ms-fold -n per --by .u --window all '. + 1' traced | head -n 1 >in
	status 0 ms-trace export -T prov in >out
	id=$(jq -r '._lineage[0].id' in)
	jq -e --arg id "event:$id" '.entity[$id + "/of"] as $of
	    | $of["prov:type"] == {"$": "prov:Collection", type: "prov:QUALIFIED_NAME"}
	    and ($of["ms:of"] | fromjson | .n == 2 and .lines == {src: [[1,1],[3,3]]})
	    and any(.wasDerivedFrom[]; .["prov:generatedEntity"] == $id + "/1"
		and .["prov:usedEntity"] == $id + "/of")
	    and any(.used[]; .["prov:entity"] == $id + "/of")
	    and [.hadMember[]["prov:entity"]] == ["event:01a203b2-dffb-7000-8000-000000000001",
		"event:01a203b2-dffb-7000-8000-000000000003"]
	    and (.entity | has("event:01a203b2-dffb-7000-8000-000000000003"))' out
	status 0 ms-trace export -T prov traced >out
	holds out 'has("hadMember") | not'
}

@test "revisions of a result and forks of an event are told apart" {
	printf '{"t":%s}\n' 10 70 20 30 | ms-trace --source in |
		ms-fold --time .t --window 1m --keep 1h .n+=1 | head -n 3 |
		ms-map '.m = 1' >in
	echo '{"a":1}' | ms-trace | ms-map '., .' | ms-map '.b = 1' >>in
	status 0 ms-trace export -T otlp in >out
	# the fork's first record is one span for both
	jq '.resourceSpans[].scopeSpans[].spans[].spanId' out | sort >ids
	[ "$(uniq ids | wc -l)" = 11 ]
	status 0 ms-trace export -T prov in >out
	jq -c '.entity | keys[]' out | grep -v '"event:01a203b2' | sort | uniq -d >twice
	same twice "$(head -n 1 in | jq -c '"event:" + ._lineage[0].id + "/1"')" \
		"$(head -n 1 in | jq -c '"event:" + ._lineage[0].id + "/rev/2/1"')"
	# each revision is made of the one before
	jq -c '.wasDerivedFrom["_:wasDerivedFrom1"]
	    | [.["prov:usedEntity", "prov:generatedEntity"] | .[42:]]' out >made
	same made '["/0","/1"]' '["/1","/rev/2/1"]' '["/rev/2/1","/rev/3/1"]' \
		'["/0","/1"]' '["/0","/1"]'
	jq -c '.entity | keys[] | .[42:]' <(tail -n 2 out) >names
	same names '"/0"' '"/1"' '"/fork/1/2/2"' '"/fork/1/2/3"' \
		'"/0"' '"/1"' '"/fork/2/2/2"' '"/fork/2/2/3"'
}

@test "OpenLineage: one run event, with the lineage of columns" {
	journey
	status 0 ms-trace export -T openlineage events >out
	lines 1 out
	holds out '.eventType == "COMPLETE" and (.eventTime | test("Z$"))
	    and (.run.runId | test("^[0-9a-f-]{36}$"))
	    and .job == {namespace: "mutstream", name: "pipeline"}
	    and (.schemaURL | startswith("https://openlineage.io/spec/"))
	    and ([.inputs[].name] | length == 2)
	    and (.outputs[0].facets.columnLineage
		| has("_producer") and has("_schemaURL")
		and .dataset[0].field == ".status"
		and .dataset[0].transformations == [{type: "INDIRECT",
		    subtype: "FILTER"}]
		and (.fields[".cost"].inputFields[0] | .field == ".bytes"
		    and .transformations == [{type: "DIRECT",
			subtype: "TRANSFORMATION"}]))'
}

@test "OpenLineage: the schema facet says what schema records do" {
	cp -r "$examples/shop" .
	ms-schema up -d shop --to 3 shop/orders.ndjson >in
	echo '{"a":1}' | ms-trace >>in
	status 0 ms-trace export -T openlineage in >out
	hash=$(sha256sum shop/order/3.json | cut -c 1-32)
	holds out '.outputs[0].facets
	    | (.schema._schemaURL | test("SchemaDatasetFacet"))
	    and .mutstream_schemas.schemas == [{name: "order/3.json",
		hash: "'"$hash"'", events: 3}]
	    and .schema.fields == [{name: "schema", type: "string"},
		{name: "id", type: "string"}, {name: "customer", type: "object"},
		{name: "lines", type: "array"}, {name: "pieces", type: "number"}]'
	echo '{"a":1}' | ms-trace export -T openlineage >none
	holds none '.outputs[0].facets | has("mutstream_schemas") | not'
}

@test "OpenLineage: a check changes no column" {
	echo '{"a":1}' | ms-trace | ms-map '.b = .a' |
	    ms-schema check -s "$examples/any.json" >in
	status 0 ms-trace export -T openlineage in >out
	holds out '.outputs[0].facets.columnLineage.fields | keys == [".b"]'
}

@test "OpenLineage: a column is followed through the stages" {
	echo '{"a":1,"b":2}' | ms-trace | ms-map '.x = .a + 1' |
	    ms-map '.y = .x | .z = .b' >in
	status 0 ms-trace export -T openlineage in >out
	holds out '.outputs[0].facets.columnLineage.fields
	    | [.[".y"].inputFields[].field] == [".a"] and
	    .[".z"].inputFields[0].transformations[0].subtype == "IDENTITY"'
}

@test "OpenLineage: an input field names the source that its events came from" {
	echo '{"a":1}' >one
	echo '{"a":2}' >two
	{ ms-trace one two | ms-map '.x = .a'
	    ms-trace two | ms-map '.y = .a'; } >in
	status 0 ms-trace export -T openlineage in >out
	holds out '.outputs[0].facets.columnLineage.fields
	    | ([.[".x"].inputFields[].name] == ["one", "two"]) and
	    [.[".y"].inputFields[].name] == ["two"]'
}

@test "OpenLineage: the key of a join says which row, it isn't its value" {
	printf 'ip,host\n1.2.3.4,h\n' >hosts.csv
	echo '{"ip":"1.2.3.4"}' | ms-trace |
	    ms-enrich -t hosts.csv -k .ip --as .of >in
	status 0 ms-trace export -T openlineage in >out
	holds out '.outputs[0].facets.columnLineage.fields
	    | .[".of"].inputFields | map(select(.field == ".ip"))[0]
	    | .transformations == [{type: "INDIRECT", subtype: "JOIN"}]'
}

@test "OpenLineage: a field that was removed is no field of the output" {
	echo '{"a":1,"b":2,"c":3}' | ms-trace |
	    ms-map 'del(.a, .b) | .b = .c' | ms-map 'if .c then del(.c) else . end' \
	    >in
	status 0 ms-trace export -T openlineage in >out
	holds out '.outputs[0].facets.columnLineage.fields
	    | keys == [".b", ".c"] and .[".b"].inputFields[0].field == ".c"'
}

@test "OpenLineage: a rule that isn't known may do anything" {
	for rule in '1) | (.x = 2' '.a = $v' '((' ''; do
		jq -nc --arg r "$rule" \
		    '{_lineage: [{op: "map", rule: $r}]}' >in
		status 0 ms-trace export -T openlineage in >out
		[ -n "$rule" ] || continue
		holds out '.outputs[0].facets.columnLineage.fields
		    | has(".")'
	done
}

@test "any string of the data comes out as the same string" {
	printf '%s%s\n' '{"_lineage":[{"op":"trace","at":"2026-01-01T00:00:01Z",'\
'"id":"0193aaaa-0000-7000-8000-000000000001","from":{"source":'\
'"</script>\u202e\u0000\n","line":1}},{"op":"map",' \
	    '"stage":"\"\\\u2028","rule":"\ud800 \u0007"}]}' >in
	for type in otlp prov openlineage; do
		status 0 ms-trace export -T "$type" in >out
		lines 1 out
		jq -e . out >/dev/null
	done
	ms-trace export -T otlp in >out
	holds out '[.. | .stringValue? // empty]
	    | any(. == "</script>\u202e\u0000\n") and any(. == "\"\\\u2028")'
}

@test "no type, or a wrong one, is wrong usage" {
	run -2 ms-trace export </dev/null
	run -2 ms-trace export -T xml </dev/null
}

@test "OpenLineage follows enrichments, whatever of the row was taken" {
	printf '{"ip":"192.0.2.10","x":1}\n' >in
	cp "$examples/hosts.csv" .
	fields() {
		ms-enrich -t hosts.csv -k .ip "$@" <in | ms-map '.y = .x' |
		    ms-trace export -T openlineage | jq -c '.outputs[0].facets
			.columnLineage.fields | map_values([.inputFields[].field])'
	}
	for as in '' '--miss null'; do
		# shellcheck disable=SC2086 # an option and its value
		[ "$(fields $as)" = '{".hosts":["*",".ip"],".y":[".x"]}' ]
	done
	[ "$(fields --columns owner)" = \
	    '{".hosts":[".ip"],".hosts.owner":["owner"],".y":[".x"]}' ]
	[ "$(fields --as .a.b --columns owner)" = \
	    '{".a.b":[".ip"],".a.b.owner":["owner"],".y":[".x"]}' ]
	[ "$(fields --merge --columns host,owner)" = \
	    '{".host":["host",".ip"],".owner":["owner",".ip"],".y":[".x"]}' ]
	[ "$(fields --merge | jq -c keys)" = \
	    '[".cost",".host",".ip",".owner",".y"]' ]
	printf '{"ip":"no","x":1}\n' >in
	[ "$(fields --as .h --miss null)" = '{".h":[],".y":[".x"]}' ]
	[ "$(fields)" = '{".y":[".x"]}' ]
}

@test "OpenLineage takes histories of thousands of records" {
	jq -nc '{a: 1, _lineage: [range(3000) | {op: "map",
	    rule: ".x\(. % 7) = .a", at: "2026-11-22T14:39:44.123456Z"}]}' >in
	status 0 within 60 ms-trace export -T openlineage in >out
	holds out '.outputs[0].facets.columnLineage.fields |
	    keys == [range(7) | ".x\(.)"]'
}

@test "OpenLineage: a rule that is nested too deeply may do anything" {
	rule=$(yes '1+' | head -n 100000 | tr -d '\n')1
	printf '{"a":1,"_lineage":[{"op":"map","rule":".b = %s","at":"%s"}]}\n' \
	    "$rule" "$MS_NOW" >deep
	kib=8192
	is_asan && kib=81920 # its frames are larger
	# shellcheck disable=SC2016
	status 0 sh -c 'ulimit -s "$0"; exec ms-trace export -T openlineage deep' \
	    $kib >out
	lines 1 out
}

@test "OpenLineage: a rule that takes too many steps to explain is bounded" {
	# shellcheck disable=SC2016
	printf '{"a":1,"_lineage":[{"op":"map","rule":"%s","at":"%s"}]}\n' \
	    'def f: reduce .[] as $x (.; .a = f | .b = f);
		reduce .[] as $y (.; f)' "$MS_NOW" | tr -d '\n\t' >hard
	status 0 within 60 ms-trace export -T openlineage hard >out
	lines 1 out
}

@test "OpenLineage: without schema records the shape is what events show" {
	printf '%s\n' '{"a":1,"b":{"c":"x","d":[]}}' '{"b":{"e":true},"a":null}' |
	    ms-trace >in
	status 0 ms-trace export -T openlineage in >out
	holds out '.outputs[0].facets.schema.fields == [{name: "a", type: "null|number"},
	    {name: "b", type: "object", fields: [{name: "c", type: "string"},
		{name: "d", type: "array"}, {name: "e", type: "boolean"}]}]'
}

# ways IN: for each field, its inputs as [dataset, field, subtypes...].
ways() {
	status 0 ms-trace export -T openlineage "$1" >out
	jq -c '.outputs[0].facets.columnLineage.fields | map_values([.inputFields[]
	    | [.name, .field, .transformations[].subtype]])' out
}

@test "OpenLineage: columns of a table are direct inputs, whatever finds the row" {
	printf 'a,b,v\n1,x,10\n' >t.csv
	ms-trace --source src <<<'{"a":1,"k":"x"}' |
	    ms-enrich -t t.csv -k .a -k .k=b --as .row --columns v |
	    ms-map '.w = .row.v + 1' >joined
	[ "$(ways joined)" = '{".row":[["src",".a","JOIN"],["src",".k","JOIN"]],".row.v":[["t.csv","v","IDENTITY"]],".w":[["t.csv","v","TRANSFORMATION"],["src",".a","JOIN"],["src",".k","JOIN"]]}' ]
	ms-trace --source src <<<'{"l":[{"k":"x"}]}' |
	    ms-enrich -t t.csv -k .k=b --each '.l[]' --as .row --all --columns v >each
	ways each | jq -e '.[".l.*"] | contains([["t.csv","v"],["src",".l.*","JOIN"]])'
}

@test "OpenLineage: what an SQLite database was asked for is a direct input" {
	command -v sqlite3 >/dev/null || skip "sqlite3 is missing"
	sqlite3 u.db 'create table u(id, name); insert into u values(1, "ada")'
	ms-trace --source src <<<'{"u":1}' | ms-enrich --sql u.db --bind id=.u \
	    --as .who 'select name from u where id = $id' >in
	[ "$(ways in)" = '{".who":[["u.db","*","IDENTITY"],["src",".u","JOIN"]]}' ]
}

@test "OpenLineage: a fold's state is aggregated, by its key" {
	ms-trace --source src <<<'{"user":"a","ms":1}' | ms-map '.who = .user' |
	    ms-fold --by .who --as .sum '.n += 1 | .ms += $event.ms' >in
	ways in | jq -e '.[".sum"] == [["src",".user","GROUP_BY"]]
	    and (.[".sum.ms"] | contains([["src",".ms","AGGREGATION"]]))
	    and .[".sum.n"] == []'
}

@test "OpenLineage: a result has its key, its window and what it was made of" {
	ms-trace --source src <<<'{"a":{"u":"x"},"at":1,"ms":1}' |
	    ms-fold --by .a.u --time .at --window 1m '.ms += $event.ms' >in
	ways in | jq -e '.[".u"] == [["src",".a.u","IDENTITY"]]
	    and .[".window.from"] == [["src",".at","TRANSFORMATION"]]
	    and (.[".ms"] | contains([["src",".ms","AGGREGATION"],
		["src",".a.u","GROUP_BY"],["src",".at","WINDOW"]]))'
	holds out '.inputs == [{namespace: "file", name: "src"}]'
	ms-trace --source src <<<'{"u":"x"}' | ms-fold --by .u --window all '. + 1' >in
	ways in | jq -e '.[".value"] == [["src",".u","GROUP_BY"]]'
}

@test "OpenLineage: what a filter remembers by is an input that filters" {
	printf '%s\n' '{"u":1,"at":1}' '{"u":1,"at":2}' '{"u":1,"at":9}' | ms-trace --source src |
	    ms-filter --unique .u --within 5s --time .at --count-as .held >in
	ways in >fields
	holds out '.outputs[0].facets.columnLineage
	    | [.dataset[] | .field, .transformations[0].subtype] == [".u","FILTER",".at","FILTER"]
	    and (.fields | keys) == [".held"]'
}
