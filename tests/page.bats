#!/usr/bin/env bats
# The page of ms-trace report, in a real browser: clicked through, by keys
# alone, wide and narrow, light and dark, and looked at by axe.
load helper

# Open page.html in Chromium and look at it in these ways of page.mjs.
in_browser() {
	command -v chromium >/dev/null || skip "chromium is missing"
	command -v node >/dev/null || skip "node is missing"
	[ -d "$MS_BUILD/node_modules/playwright-core" ] ||
	    skip "playwright-core is missing"
	HOME=$BATS_TEST_TMPDIR timeout 850 node "$root/tests/page.mjs" \
	    "$(command -v chromium)" page.html "$@"
}

# 40 lines, of which 20 go out, 8 are turned away, 4 rejected, 8 dropped.
pipeline() {
	seq 40 | jq -c '{n: ., ip: "192.0.2.\(. % 4 + 9)", bytes: (. * 100),
	    user: "-", path: "/p/\(. % 5)?q=\(.)",
	    long: ("x" * (if . == 6 then 3000 else 30 end))} +
	    if . % 10 == 3 then {bytes: "many"} else {} end' |
	    sed 's/"bytes":900/"bytes":9.10/' >access.ndjson
	ms-trace access.ndjson |
	    ms-filter -n pages --else away.ndjson '.n % 5 != 0' |
	    ms-enrich -n hosts -t "$examples/hosts.csv" -k .ip |
	    ms-map -n price --rejects bad.ndjson \
		'.cost = .bytes / 100 | del(.user)' 2>/dev/null |
	    ms-map -n query '.path |= split("?")[0]' |
	    ms-filter -n billable '.n % 5 != 2' >out
	# The time stands still: line n came in n seconds later, and each stage
	# took it a quarter of a millisecond.
	for file in out away.ndjson bad.ndjson; do
		awk '{
			match($0, /"n":[0-9]+/)
			n = substr($0, RSTART + 4, RLENGTH - 4)
			for (k = 0; sub(/T14:39:44\.123456Z/, sprintf("T14:40:%02d.%06dZ", n, k * 250)); k++)
				;
			print
		}' "$file" >timed && mv timed "$file"
	done
	ms-trace report -o page.html out away.ndjson bad.ndjson
}

@test "numbers, stages, search, one event, before and after, and why" {
	pipeline
	in_browser overview search event why strip rewound
}

@test "all of it goes by the keyboard alone" {
	pipeline
	in_browser keyboard
}

@test "axe finds nothing, wide and narrow, light and dark" {
	[ -d "$MS_BUILD/node_modules/axe-core" ] || skip "axe-core is missing"
	pipeline
	in_browser axe
}

@test "on a phone nothing sticks out, and the list scrolls with the page" {
	pipeline
	in_browser phone print
}

@test "no string of the data is markup in the browser" {
	printf '%s%s%s\n' '{"</script><script>window.pwned=1</script>":' \
	    '"<img src=x onerror=window.pwned=1>\u202e\u0007\"'"'"'`${1}",' \
	    '"b":"]]>--><!-- &lt; '"$(printf '\342\200\256\342\200\250')"'"}' |
	    ms-trace | ms-map -n '</title><b>"&' '.c = "</script>" | .b = 1' |
	    jq -c '. + {__proto__: 1, constructor: {"a\u0000b": [[]]}}' >events
	ms-trace report -o page.html events
	in_browser hostile
}

@test "what can't be taken back is said in the page" {
	for record in '"op":"map"' \
	    '"op":"map","rule":".","undo":[{"op":"remove","path":"/no"},7]' \
	    '"op":"map","rule":".","undo":{"op":"add","path":"/b"}' \
	    '"op":"map","rule":".","truncated":true' \
	    '"op":"map","rule":".","from":{"source":"-","line":1}'; do
		printf '{"a":1,"_lineage":[{%s}]}\n' "$record"
	done >events
	ms-trace report -o page.html events
	in_browser lost
}

@test "forks, results, forgotten values and what others changed are drawn" {
	seq 2 | jq -c '{n: ., l: [range(3)]}' | ms-trace |
	    ms-map -n split '.l = .l[]' >out
	export MS_NOW=2026-11-22T15:00:00Z # so that ids differ
	for t in 1 2 70; do echo "{\"t\":$t}"; done | ms-trace |
	    ms-fold -n minute --window 60s --time .t '.n += 1' >>out
	export MS_NOW=2026-11-22T16:00:00Z
	echo '{"mail":"me@example.org","b":1.10}' | ms-trace |
	    ms-map -n wipe 'del(.mail)' |
	    sed 's/"value":"me@example.org"/"value":null,"forgotten":true/
		s/1\.10/1.1/' | ms-map -n next '.d = 1' >>out
	printf '%s%s\n' '{"z":1,"_lineage":[{"op":"map","rule":"{z}","undo":[' \
	    '{"op":"replace","path":"","value":{"x":null,"z":1},"forgotten":["/x"]}]}]}' >>out
	ms-trace report -o page.html out
	in_browser drawn
}

@test "a long journey folds to the stages that changed something" {
	command='ms-trace'
	for i in {1..20}; do command+=" | ms-filter -n s$i true"; done
	echo '{"a":1}' | sh -c "$command | ms-map -n last '.a = 2'" >events
	ms-trace report -o page.html events
	in_browser long
}

@test "10,000 events open soon, and a search takes a moment" {
	seq 10000 | ms-map -R --lineage off '{seq: tonumber, ip: "192.0.2.\(. | tonumber % 200)",
	    user: "-", path: "/presentations/logstash/\(.)", bytes: 203023,
	    agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36"}' |
	    ms-trace | ms-filter true | ms-map -n price '.cost = .bytes * 0.01 | del(.user)' |
	    ms-map '.path |= ascii_downcase' >events
	ms-trace report -o page.html events
	in_browser many >&3
}

@test "no event at all makes a page, too" {
	ms-trace report -o page.html </dev/null
	in_browser none
}
