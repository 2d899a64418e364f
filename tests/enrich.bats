#!/usr/bin/env bats
# ms-enrich: rows of a table, joined to the events.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	cat >hosts.csv <<'END'
ip,host,owner
10.0.0.1,web,ada
10.0.0.2,"db, main",
10.0.0.3,,"x ""y"""
END
	printf '%s\n' '{"ip":"10.0.0.2","n":1.10}' '{"ip":"10.9.9.9"}' >in
}

enrich() {
	status 0 ms-enrich --lineage off "$@" <in >out
}

@test "the row goes to a member named after the file" {
	enrich -t hosts.csv -k .ip
	same out '{"ip":"10.0.0.2","n":1.10,"hosts":{"ip":"10.0.0.2",'\
'"host":"db, main","owner":null}}' '{"ip":"10.9.9.9"}'
}

@test "a file's folder and ending are no part of its name" {
	mkdir d
	cp hosts.csv d/known.hosts.csv
	enrich -t d/known.hosts.csv -k .ip --columns host
	head -n 1 out >first
	grep -qE '^\{"ip":"10.0.0.2","n":1.10,"known(\.hosts)?":\{' first
}

@test "--as puts the row at a path" {
	enrich -t hosts.csv -k .ip --as .net.peer --columns host
	head -n 1 out >first
	same first \
	    '{"ip":"10.0.0.2","n":1.10,"net":{"peer":{"host":"db, main"}}}'
}

@test "--merge adds the columns to the event itself" {
	enrich -t hosts.csv -k .ip --merge --columns host,owner
	head -n 1 out >first
	same first \
	    '{"ip":"10.0.0.2","n":1.10,"host":"db, main","owner":null}'
}

@test "--columns picks columns" {
	enrich -t hosts.csv -k .ip --columns owner,host
	holds out 'select(.hosts) | .hosts == {host:"db, main",owner:null}'
	[ "$(grep -c '"hosts"' out)" -eq 1 ]
}

@test "a column that isn't there is told before the first event" {
	run ms-enrich -t hosts.csv -k .ip --columns nope <in
	[[ $status == [23] && $output == "ms-enrich: "*nope* ]]
	[ "${#lines[@]}" -eq 1 ]
	run ms-enrich -t hosts.csv -k .nope <in
	[[ $status == [23] && $output == "ms-enrich: "*nope* ]]
}

@test "-k PATH=COLUMN looks in another column" {
	echo '{"name":"web"}' >in
	enrich -t hosts.csv -k .name=host --columns ip
	same out '{"name":"web","hosts":{"ip":"10.0.0.1"}}'
}

@test "the key may stand deep in the event" {
	echo '{"c":[{"ip":"10.0.0.1"}]}' >in
	enrich -t hosts.csv -k '.c[0].ip' --columns host
	same out '{"c":[{"ip":"10.0.0.1"}],"hosts":{"host":"web"}}'
}

@test "a key with escapes finds its row" {
	echo '{"ip":"10.0\u002e0.1"}' >in
	enrich -t hosts.csv -k .ip --columns host
	same out '{"ip":"10.0\u002e0.1","hosts":{"host":"web"}}'
}

@test "a miss passes the event as it is, and its record has no from" {
	status 0 ms-enrich -t hosts.csv -k .ip <in >out
	sed -n 2p out >miss
	holds miss '(has("hosts") | not) and (._lineage | length == 1)'
	holds miss '._lineage[0] | has("from") or has("undo") | not'
	status 0 ms-enrich -t hosts.csv -k .ip --miss pass <in >again
	cmp out again
}

@test "--miss null writes null, --miss reject rejects" {
	enrich -t hosts.csv -k .ip --miss null
	sed -n 2p out >miss
	same miss '{"ip":"10.9.9.9","hosts":null}'
	status 1 ms-enrich --lineage off -t hosts.csv -k .ip --miss reject \
	    --rejects rej <in >out 2>err
	lines 1 out
	grep -q '^ms-enrich: standard input:2: .' err
	holds rej '.event == {"ip":"10.9.9.9"}'
}

@test "--merge with --miss null leaves the key that found no row" {
	printf 'k,v,w\nb,1,2\n' >t.csv
	echo '{"k":"a","v":1.10}' >in
	enrich -t t.csv -k .k --merge --miss null
	same out '{"k":"a","v":null,"w":null}'
	echo '{"from":"a","k":"own"}' >in
	enrich -t t.csv -k .from=k --merge --miss null
	same out '{"from":"a","k":null,"v":null,"w":null}'
}

@test "a JSON table whose keys are no scalars finds nothing" {
	echo '{"k":{"z":1},"v":1}' >t.ndjson
	echo '{"k":"a"}' >in
	enrich -t t.ndjson -k .k
	same out '{"k":"a"}'
}

@test "--miss takes no other word" {
	status 2 ms-enrich -t hosts.csv -k .ip --miss maybe <in >out 2>err
	grep -q '^ms-enrich: .*maybe' err
}

@test "an event without the key is a miss" {
	printf '%s\n' '{"a":1}' '{"ip":null}' '{"ip":{"x":1}}' '{"ip":[]}' >in
	enrich -t hosts.csv -k .ip
	cmp in out
}

@test "the record names rule, table, row and hash, and takes it back" {
	status 0 ms-enrich -n who -t hosts.csv -k .ip <in >out
	head -n 1 out >hit
	row='10.0.0.2,"db, main",'
	hash=$(printf %s "$row" | sha256sum | cut -c 1-32)
	jq -c '._lineage[0]' hit >record
	same record '{"op":"enrich","stage":"who",'\
'"rule":".hosts = hosts.csv[ip == .ip]",'\
'"from":{"table":"hosts.csv","line":3,"hash":"'"$hash"'"},'\
'"at":"'"$NOW"'","undo":[{"op":"remove","path":"/hosts"}]}'
	status 0 ms-trace rewind <out >back
	cmp in back
}

@test "what --as or --merge overwrites comes back" {
	printf '{"ip":"10.0.0.1","host":"\\u006fld","z":1.0,"p":"%s"}\n' \
	    "$(filler 100)" >in
	status 0 ms-enrich -t hosts.csv -k .ip --merge <in >out
	holds out '.host == "web" and .owner == "ada"'
	status 0 ms-trace rewind <out >back
	cmp in back
	status 0 ms-enrich -t hosts.csv -k .ip --as .z <in >out
	status 0 ms-trace rewind <out >back
	cmp in back
}

@test "cells keep the table's spelling" {
	cat >t.csv <<'END'
k,v
a,1.50
b,1e400
c,12345678901234567890
d,true
e,false
f,
g,""
h,null
i,007
j, x
k,-0
l,0x1
m,.5
n,+1
END
	for k in a b c d e f g h i j k l m n; do echo "{\"k\":\"$k\"}"; done >in
	enrich -t t.csv -k .k --columns v --merge
	sed 's/.*"v"://; s/}$//' out >got
	same got 1.50 1e400 12345678901234567890 true false null '""' \
	    '"null"' '"007"' '" x"' -0 '"0x1"' '".5"' '"+1"'
}

@test "--strings leaves all cells strings" {
	printf 'k,v,w\na,1.50,\nb,true,x\n' >t.csv
	printf '%s\n' '{"k":"a"}' '{"k":"b"}' >in
	enrich -t t.csv -k .k --columns v,w --merge --strings
	same out '{"k":"a","v":"1.50","w":""}' '{"k":"b","v":"true","w":"x"}'
}

@test "CSV is RFC 4180's: quotes, commas, newlines and CRLF in cells" {
	printf 'k,v\r\n"a","x, ""y""\r\nz"\r\n"b ",2\r\nc,"é☃"' >t.csv
	printf '%s\n' '{"k":"a"}' '{"k":"b "}' '{"k":"c"}' >in
	enrich -t t.csv -k .k --columns v --merge
	same out '{"k":"a","v":"x, \"y\"\r\nz"}' '{"k":"b ","v":2}' \
	    '{"k":"c","v":"é☃"}'
}

@test "a row is named by the line that it starts at" {
	printf 'k,v\n"a","x\ny"\nb,2\n' >t.csv
	printf '%s\n' '{"k":"a"}' '{"k":"b"}' >in
	status 0 ms-enrich -t t.csv -k .k <in >out
	[ "$(jq -c '._lineage[0].from.line' out | tr '\n' ' ')" = '2 4 ' ]
}

@test "a CSV file may start with a BOM" {
	printf '\357\273\277k,v\na,1\n' >t.csv
	echo '{"k":"a"}' >in
	enrich -t t.csv -k .k --merge
	same out '{"k":"a","v":1}'
}

@test "a CSV file that isn't well-formed is told with its place" {
	echo '{"k":"a"}' >in
	for bad in 'k,v\na,"x\n' 'k,v\na,1,2\n' 'k,v\na,"x"y\n' 'k,k\na,1\n' \
	    'k,v\na,\377\n'; do
		# shellcheck disable=SC2059
		printf "$bad" >t.csv
		run ms-enrich -t t.csv -k .k <in
		echo "$bad: $status $output"
		[[ $status == [23] && $output == "ms-enrich: t.csv:"[0-9]* ]]
	done
}

@test "TSV is split at tabs" {
	printf 'k\tv\tw\na\tx, "y"\t1.0\n' >t.tsv
	echo '{"k":"a"}' >in
	enrich -t t.tsv -k .k --merge
	same out '{"k":"a","v":"x, \"y\"","w":1.0}'
}

@test "NDJSON rows keep their spelling" {
	printf '%s\n' '{"k":"a","v":1.10,"w":{"x":[ 1 ]}}' '{"k":2,"v":"\u00e9"}' \
	    >t.ndjson
	printf '%s\n' '{"k":"a"}' '{"k":2}' >in
	enrich -t t.ndjson -k .k
	same out '{"k":"a","t":{"k":"a","v":1.10,"w":{"x":[ 1 ]}}}' \
	    '{"k":2,"t":{"k":2,"v":"\u00e9"}}'
}

@test "a JSON array is a table" {
	printf '[ {"k":"a","v":1.10},\n {"k":"b","v":2}\n]\n' >t.json
	printf '%s\n' '{"k":"b"}' '{"k":"a"}' >in
	enrich -t t.json -k .k --columns v
	same out '{"k":"b","t":{"v":2}}' '{"k":"a","t":{"v":1.10}}'
}

@test "a number finds its row by its worth, a string by its text" {
	printf 'k,v\n1,one\n2.50,two\nx,three\ntrue,four\n' >t.csv
	printf '%s\n' '{"k":1.0}' '{"k":25e-1}' '{"k":"x"}' '{"k":true}' >in
	enrich -t t.csv -k .k --columns v
	[ "$(jq -r .t.v out | tr '\n' ' ')" = 'one two three four ' ]
}

@test "of rows with the same key the last one counts" {
	printf 'k,v\na,1\na,2\n' >t.csv
	echo '{"k":"a"}' >in
	enrich -t t.csv -k .k --columns v
	same out '{"k":"a","t":{"v":2}}'
}

@test "a table that isn't there is told, and the exit is 3" {
	status 3 ms-enrich -t nope.csv -k .ip <in >out 2>err
	same err 'ms-enrich: nope.csv: No such file or directory'
	status 3 ms-enrich -t . -k .ip <in >out 2>err
	grep -q '^ms-enrich: \.: Is a directory' err
}

@test "-t and -k must be given" {
	status 2 ms-enrich -k .ip <in >out 2>err
	grep -q '^ms-enrich: \|^usage: ms-enrich' err
	status 2 ms-enrich -t hosts.csv <in >out 2>err
	grep -q '^ms-enrich: \|^usage: ms-enrich' err
}

@test "a key that is no path doesn't compile" {
	status 2 ms-enrich -t hosts.csv -k '.ip[' <in >out 2>err
	grep -q '^ms-enrich: ' err
	status 2 ms-enrich -t hosts.csv -k .ip --as '.x[' <in >out 2>err
	grep -q '^ms-enrich: ' err
}

@test "--as where something else stands is an error of that event" {
	printf '%s\n' '{"ip":"10.0.0.1","a":1}' '{"ip":"10.0.0.1"}' >in
	status 1 ms-enrich --lineage off -t hosts.csv -k .ip --as .a.b \
	    --columns host <in >out 2>err
	same out '{"ip":"10.0.0.1","a":{"b":{"host":"web"}}}'
	grep -q '^ms-enrich: standard input:1: .' err
}

@test "--as can't write into the history" {
	run ms-enrich -t hosts.csv -k .ip --as ._lineage <in
	[[ $status == [12] ]]
}

@test "a table of 100,000 rows is joined right" {
	awk 'BEGIN { print "k,v"; for (i = 0; i < 100000; i++)
		print "key" i "," i * 3 }' >t.csv
	awk 'BEGIN { for (i = 0; i < 100000; i += 7)
		print "{\"k\":\"key" i "\"}" }' >in
	enrich -t t.csv -k .k --columns v --merge
	awk 'BEGIN { for (i = 0; i < 100000; i += 7)
		print "{\"k\":\"key" i "\",\"v\":" i * 3 "}" }' >want
	cmp want out
}

@test "the example table that the project ships joins its events" {
	status 0 ms-enrich --lineage off -t "$examples/hosts.csv" -k .ip \
	    --columns host "$examples/access.ndjson" >out
	[ "$(grep -c '"hosts":{"host":"desk, second floor"}' out)" -eq 3 ]
	lines 12 out
}
