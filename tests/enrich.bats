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

@test "a miss passes the event as it is, and its record says so" {
	status 0 ms-enrich -t hosts.csv -k .ip <in >out
	sed -n 2p out >miss
	holds miss '(has("hosts") | not) and (._lineage | length == 1)'
	holds miss '._lineage[0] | .from == {table: "hosts.csv", miss: true}'
	holds miss '._lineage[0] | has("undo") | not'
	ms-trace log <miss | grep -q '^ 1  enrich  *.hosts .* hosts.csv (no row)$'
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
	same <(unsummed record) '{"op":"enrich","stage":"who",'\
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
	same got 1.50 '"1e400"' 12345678901234567890 true false null '""' \
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

@test "a key program with no output, or more than one, is an error of that event" {
	printf '%s\n' '{"i":[{"ip":"10.0.0.1"}]}' '{"i":[]}' \
	    '{"i":[{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]}' >in
	status 1 ms-enrich --lineage off -t hosts.csv --columns host \
	    -k '(.i | limit(9; .[]) | .ip)=ip' \
	    <in >out 2>err
	same out '{"i":[{"ip":"10.0.0.1"}],"hosts":{"host":"web"}}'
	grep -q '^ms-enrich: standard input:2: the key .* has no output' err
	grep -q '^ms-enrich: standard input:3: .* more than one output' err
}

@test "what says one thing is given once" {
	for twice in '-t hosts.csv' '--each .a[] --each .b[]' '--as .a --as .b' \
	    '--columns ip --columns host' '--miss pass --miss null'; do
		# shellcheck disable=SC2086 # options and their values
		status 2 ms-enrich -t hosts.csv -k .ip $twice <in >out 2>err
		head -n 1 err | grep -q 'is given twice'
	done
	enrich -t hosts.csv -k .ip --merge --merge --strings --strings
}

@test "a CSV whose lines end in CR alone is read" {
	printf 'ip,host\r10.0.0.1,"we\rb"\r\r10.0.0.2,db' >t.csv
	printf '%s\n' '{"ip":"10.0.0.2"}' '{"ip":"10.0.0.1"}' >in
	status 0 ms-enrich -t t.csv -k .ip --columns host <in >out
	[ "$(jq -c '[.t.host, ._lineage[0].from.line]' out | tr '\n' ' ')" = \
	    '["db",5] ["we\rb",2] ' ]
	printf 'ip\thost\r10.0.0.1\tweb\r10.0.0.2\tdb\r' >t.tsv
	enrich -t t.tsv -k .ip --columns host
	same out '{"ip":"10.0.0.2","t":{"host":"db"}}' \
	    '{"ip":"10.0.0.1","t":{"host":"web"}}'
	printf 'ip,host\r\n10.0.0.1,"a\rb"\r\n' >t.csv
	enrich -t t.csv -k .ip --columns host
	sed -n 2p out >last
	same last '{"ip":"10.0.0.1","t":{"host":"a\rb"}}'
	printf 'ip,host\n10.0.0.1,a\rb\n' >t.csv
	status 3 ms-enrich -t t.csv -k .ip <in >out 2>err
	grep -q '^ms-enrich: t.csv:2:11: a CR stands in a cell' err
}

@test "what is no table is told as what it is" {
	gzip -c hosts.csv >gz.csv
	iconv -f UTF-8 -t UTF-16 hosts.csv >utf16.csv
	iconv -f UTF-8 -t UTF-16LE hosts.csv >le.csv
	iconv -f UTF-8 -t UTF-16BE hosts.csv >be.csv
	printf 'PK\003\004\024' >zip.csv
	printf 'SQLite format 3\0\020' >sqlite.csv
	for what in 'gz:compressed (gzip)' utf16:UTF-16 le:UTF-16 be:UTF-16 \
	    zip:spreadsheet sqlite:SQLite; do
		status 3 ms-enrich -t "${what%%:*}.csv" -k .ip <in >out 2>err
		grep -qF "ms-enrich: ${what%%:*}.csv: is " err
		grep -qF "${what#*:}" err
		lines 1 err
	done
}

@test "100,000 columns take no longer than their bytes" {
	awk 'BEGIN { for (i = 0; i < 100000; i++)
		printf "%sc%d", i ? "," : "", i; print ""
		for (i = 0; i < 100000; i++)
			printf "%s%d", i ? "," : "", i; print "" }' >t.csv
	echo '{"k":1}' >in
	within 20 ms-enrich --lineage off -t t.csv -k .k=c1 \
	    --columns c99999,c1 <in >out
	same out '{"k":1,"t":{"c99999":99999,"c1":1}}'
	within 20 ms-enrich --lineage off -t t.csv -k .k=c1 <in >out
	[ "$(jq '.t | length' out)" -eq 100000 ]
}

@test "a table's name that isn't UTF-8 leaves the lines JSON" {
	bad=$(printf 'h\377.csv')
	cp hosts.csv "$bad" || skip "the file system takes UTF-8 only"
	status 0 ms-enrich -t "$bad" -k .ip --columns host <in >out
	iconv -f UTF-8 -t UTF-8 out >copy
	cmp out copy
	head -n 1 out | jq -e '."h\ufffd".host == "db, main" and
	    ._lineage[0].from.table == "h\ufffd.csv" and
	    (._lineage[0].rule | startswith(".[\"h\ufffd\"] = h\ufffd.csv["))'
}

@test "--stats tells hits and misses, and a key that never found a row" {
	status 0 ms-enrich --stats --lineage off -t hosts.csv -k .ip <in \
	    >out 2>err
	grep -q '^ms-enrich: hosts.csv: 1 hits, 1 misses$' err
	lacks -q 'never' err
	status 0 ms-enrich -j 2 --stats --lineage off -t hosts.csv -k .n=ip \
	    <in >out 2>err
	grep -q '^ms-enrich: hosts.csv: 0 hits, 2 misses$' err
	grep -q '^ms-enrich: hosts.csv: .n never found a row by ip' err
}

@test "with --columns or --merge the record names the columns that were taken" {
	head -n 1 in >one
	status 0 ms-enrich -t hosts.csv -k .ip --columns owner,host <one >out
	holds out '._lineage[0].from.columns == ["owner","host"]'
	status 0 ms-enrich -t hosts.csv -k .ip --merge <one >out
	holds out '._lineage[0].from.columns == ["ip","host","owner"]'
}

@test "a key program that is made to give several keys is refused at start" {
	for key in '.items[].sku=ip' '.a,.b=ip' '(.. | .ip?)=ip' \
	    '.ip[]=ip' 'range(3)=ip' '{a: .b[]}.a=ip' 'if .a then .b[] else 1 end=ip' \
	    '(foreach .l[] as $x (0; . + $x))=ip' '(reduce .a as $x (1, 2; .))=ip' \
	    '(getpath(["a"], ["b"]))=ip' '(setpath(["a"]; 1, 2) | .a)=ip' \
	    '(def f: foreach .l[] as $x (0; .); f)=ip'; do
		status 2 ms-enrich -t hosts.csv -k "$key" <in >out 2>err
		grep -q "^ms-enrich: -k .*: gives several keys .*first(" err
		[ ! -s out ]
	done
	for key in 'first(.items[].ip)=ip' '.items[0].ip' '([.x[]] | length)=ip' \
	    '(.p | capture("(?<ip>[0-9.]+)").ip)=ip' '.a // .b=ip' \
	    '(.l | map(select(.ip)) | first.ip)=ip' '(reduce .l[] as $x (0; . + $x))=ip' \
	    '(.ip | ascii_downcase | sub("a"; "b"))=ip' '(.ip | split(".") | join("."))=ip' \
	    '(.u | to_entries | add | tostring)=ip' 'last(.l[])=ip' \
	    '(.t | todate)=ip' '([.l[] | .ip] | unique | .[0])=ip' \
	    '(.a | if . then 1 else 2 end)=ip' '(.ip | ltrimstr("x") | test("a"))=ip' \
	    '(.n as $n | .l | any(. == $n))=ip' '(.o | with_entries(.) | keys | min)=ip'; do
		run ms-enrich -t hosts.csv -k "$key" <in
		echo "$key: $status $output"
		[[ $status == [01] ]]
	done
}

@test "--arg and its kin are variables of each program of ms-enrich" {
	printf 'k,v\na1,one\n' >t.csv
	status 0 ms-enrich --lineage off -t t.csv -k '(.k + $s)=k' \
	    --when '.n > $min' --arg s 1 --argjson min 1 >out <<'END'
{"k":"a","n":2}
{"k":"a","n":1}
END
	same out '{"k":"a","n":2,"t":{"k":"a1","v":"one"}}' '{"k":"a","n":1}'
}
