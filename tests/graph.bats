#!/usr/bin/env bats
# ms-trace graph: the pipeline as it ran, found from the events alone.
load helper

# Four stages, with a branch by --else and a fork; all ends up in events.
pipeline() {
	# labels are cut, so the table has a short name
	cp "$examples/hosts.csv" .
	ms-trace "$examples/access.ndjson" |
	    ms-filter -n errors --else ok '.status >= 500' |
	    ms-enrich -t hosts.csv -k .ip --miss pass |
	    ms-map -n split '., (.copy = true)' >bad
	ms-map -n fine '.ok = true' <ok >good
	cat bad good >events
	total=$(wc -l <"$examples/access.ndjson")
	errors=$(jq -c 'select(.status >= 500)' "$examples/access.ndjson" |
	    wc -l)
}

# Is it well-formed XML?
well_formed() {
	perl -0777 -ne '
		s/<\?.*?\?>//gs;
		my @open;
		while (/\G([^<]*)(<(\/?)([\w:]+)((?:\s+[\w:-]+="[^"<]*")*)\s*
		    (\/?)>|$)/gcsx) {
			die "bare &: $1" if $1 =~ /&(?!#?\w+;)/;
			last if !defined $4;
			if ($3) { pop(@open) eq $4 or die "wrong </$4>" }
			elsif (!$6) { push @open, $4 }
		}
		die "left open: @open" if @open;
		die "not read to the end" if pos($_) && pos($_) < length;
	' "$1"
}

@test "dot tells each stage, with its counts, and the branch of --else" {
	pipeline
	status 0 ms-trace graph events >out
	head -n 1 out | grep -q '^digraph'
	grep -q 'label="trace\\n' out
	grep -qF 'filter errors\n.status >= 500' out
	grep -q 'label="map split' out
	grep -q 'label="map fine' out
	grep -q 'shape=cylinder, label=".*hosts' out
	grep -q 'by forks' out
	grep -q 'style=dashed' out
	grep -q "label=\"$((total - errors)).*style=dashed" out
	grep -q 'label="OUT\\n' out
}

@test "events that end where they were turned away have an end of their own" {
	pipeline
	status 0 ms-trace graph ok >out
	grep -q "turned away.n$((total - errors)) events" out
}

@test "mermaid and svg tell the same stages" {
	pipeline
	status 0 ms-trace graph -T mermaid events >out
	[ "$(head -n 1 out)" = 'flowchart TD' ]
	grep -q 'map split' out
	grep -qF -e '-.->' out
	status 0 ms-trace graph -T svg events >out
	well_formed out
	[ "$(grep -c '<g class="stage">' out)" -eq 5 ]
	[ "$(grep -c '<rect class="table"' out)" -eq 1 ]
	grep -q 'map split' out
	grep -q '>OUT<' out
}

@test "times are the median between two stages" {
	printf '{"_lineage":[{"op":"a","at":"2026-01-01T00:00:00.000000Z"},%s\n' \
	    '{"op":"b","at":"2026-01-01T00:00:00.001000Z"}]}' \
	    '{"op":"b","at":"2026-01-01T00:00:00.001000Z"}]}' \
	    '{"op":"b","at":"2026-01-01T00:00:09.000000Z"}]}' >in
	status 0 ms-trace graph in >out
	grep -qE 'label="3, 1\.00 ms"' out
}

@test "what the data says is text in each of the languages" {
	printf '%s' '{"_lineage":[{"op":"map","stage":"</text><script>&\"\\",
	    "rule":"\u202e\u0007\u001b[31m ]]> \u2028 `x` #1; \"","at":"x"}]}' |
	    tr -d '\n\t' >in
	for type in dot mermaid svg; do
		status 0 ms-trace graph -T "$type" in >out
		lacks -q "$(printf '[\001-\010\016-\037]')" out
		lacks -q "$(printf '\342\200\256')" out
		[ "$type" = dot ] || lacks -q '<script>' out
		grep -qF U+202E out
	done
	well_formed out
	ms-trace graph in >out
	# each label is one string: no quote but an escaped one inside
	[ "$(grep -cE 'label="([^"\\]|\\.)*"\];$' out)" -eq \
	    "$(grep -c label= out)" ]
}

@test "what was lost stands beside the main path, with the file that has it" {
	ms-trace "$examples/access.ndjson" |
	    ms-filter -n errors --else away.ndjson '.status >= 500' |
	    ms-map -n price --rejects bad.ndjson --trail trail \
		'if .bytes == 310 then error("x") elif .bytes == 1250
		    then empty else .cost = 1 end' >out 2>err || [ $? -eq 1 ]
	grep -v 'ms.trail\|"failed"' trail >dropped.ndjson
	status 0 ms-trace graph -T svg out away.ndjson bad.ndjson \
	    dropped.ndjson >svg
	well_formed svg
	for words in '9 turned away' '1 rejected' '1 dropped'; do
		grep -q "<text class=\"s [a-z]*-t\".*>$words<" svg
	done
	for file in away bad dropped; do
		grep -q "→ $file.ndjson<" svg
	done
	grep -q '>12 events came in, 1 went out, 9 were turned away, 1 rej' svg
	status 0 ms-trace graph out trail away.ndjson >g.dot
	grep -qF 'label="rejected\n1 event"' g.dot
	grep -qF 'label="dropped\n1 event"' g.dot
	grep -qF 'label="OUT\n1 event"' g.dot
}

@test "lines that are in no file are dropped by the only filter without --else" {
	ms-trace "$examples/access.ndjson" >traced
	ms-filter -n errors '.status >= 500' traced | tee one |
	    ms-map -n price '.cost = 1' >out
	status 0 ms-trace graph -T svg out >svg
	# from line 2 to line 10, all but the three
	grep -q '>6 dropped<' svg
	grep -q '>not kept<' svg
	grep -q '>9 came in<' svg
	grep -q '>3 passed<' svg
	# with two of them nobody knows
	ms-filter -n more '.bytes > 0' out >two
	status 0 ms-trace graph -T svg two >svg
	grep -q '>not in these files<' svg
	# and where events were picked, nothing is missing
	status 0 ms-trace graph -T svg --where .cost out >svg
	lacks -q 'dropped<' svg
}

@test "a table tells how many of its rows were found, not how often" {
	printf '%s\n' ip,host a,one b,two c,three >hosts.csv
	printf '{"ip":"%s"}\n' a b a a b d |
	    ms-enrich -t hosts.csv -k .ip --miss pass >out
	status 0 ms-trace graph out >g.dot
	grep -qF 'label="hosts.csv\n2 rows"' g.dot
	grep -qF 't0 -> b0 [label="5"]' g.dot
	status 0 ms-trace graph -T svg out >svg
	grep -q 'hosts.csv <tspan class="dim">2 rows<' svg
}

@test "an svg cuts no name where there is room, and says standard input" {
	printf '%s\n' id,team 1,a >teams.csv
	echo '{"id":1}' | ms-trace | ms-enrich -t teams.csv -k .id >out
	status 0 ms-trace graph -T svg out >svg
	grep -q '>teams.csv <tspan class="dim">1 row<' svg
	grep -q '>standard input<' svg
	lacks -q '>-<' svg
	cp teams.csv a-table-with-a-name-that-takes-room.csv
	echo '{"id":1}' | ms-trace | ms-enrich \
	    -t a-table-with-a-name-that-takes-room.csv -k .id >out
	status 0 ms-trace graph -T svg out >svg
	grep -q '>a-table[^<]*… <tspan class="dim">1 row<' svg
}

@test "any number of stages with any names lays out as a picture" {
	for n in 1 9 10 40; do
		jq -nc --argjson n "$n" '{a:1,_lineage:[range($n) | {op:"map",
		    stage:"\(.) \("日本"*.)\("W"*.)",rule:".a\n\("x"*300)"}]}' >in
		status 0 ms-trace graph -T svg in >svg
		well_formed svg
		[ "$(grep -c '<g class="stage">' svg)" -eq "$n" ]
		# beyond nine they stand from top to bottom
		sed -n 's/.*viewBox="0 0 \([0-9]*\) \([0-9]*\)".*/\1 \2/p' svg |
		    { read -r w h; [ "$w" -lt 1800 ] && [ "$h" -gt 100 ]; }
	done
	grep -q 'prefers-color-scheme:dark' svg
}

@test "circles, repeats and histories of anything come to an end" {
	for i in 1 2 3; do
		printf '{"_lineage":[{"op":"a","at":"1"},{"op":"b"},{"op":"a"},%s\n' \
		    '{"op":"b"},{"op":"a"},{"op":"b"},{"op":7},{}]}'
		printf '{"_lineage":[{"op":"b"},{"op":"a"}]}\n'
	done >in
	for type in dot mermaid svg; do
		status 0 within 10 ms-trace graph -T "$type" in >out
	done
	well_formed out
}

@test "more stages than there is room for are counted, not kept" {
	for i in $(seq 1 400); do
		printf '{"_lineage":[{"op":"map","rule":".a%d"},{"op":"b"}]}\n' "$i"
	done >in
	status 0 ms-trace graph -T svg in >out 2>err
	grep -q 'steps are not in the graph' err
	[ "$(grep -c '<g class="stage">' out)" -eq 256 ]
	well_formed out
}

@test "no events make an empty graph, and a wrong type is wrong usage" {
	for type in dot mermaid svg; do
		status 0 ms-trace graph -T "$type" </dev/null >out
		[ -s out ]
	done
	run -2 ms-trace graph -T png
}

@test "an svg of hostile names is well-formed XML" {
	printf '%s\n' '{"a":1,"_lineage":[{"op":"m\ufffe","stage":"\uffff\u0001\u0000x","rule":"\u0085\ud83d\ude00\u000b<&","at":"2026-11-22T14:39:44.123456Z"}]}' >in
	status 0 ms-trace graph -T svg in >out
	well_formed out
	grep -q 'mU+FFFE' out
	grep -q "U+FFFFU+0001$(printf '\357\277\275')x" out
	lacks -qaP '[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]' out
	if command -v python3; then
		python3 -c 'import sys, xml.dom.minidom as d; d.parse("out")'
	fi
}
