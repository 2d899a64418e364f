#!/usr/bin/env bats
# ms-trace report: a page, read in a real browser by clicking.
load helper

# Open page.html in Chromium and look at it as report.mjs says.
in_browser() {
	command -v chromium >/dev/null || skip "chromium is missing"
	command -v node >/dev/null || skip "node is missing"
	[ -d "$MS_BUILD/node_modules/playwright-core" ] ||
	    skip "playwright-core is missing"
	HOME=$BATS_TEST_TMPDIR timeout 60 node "$root/tests/report.mjs" \
	    "$(command -v chromium)" page.html "$1"
}

journey() {
	printf '%s\n' '{"ip":"192.0.2.1","bytes":1250,"user":"-"}' \
	    '{"ip":"192.0.2.2","bytes":1.10,"user":"\u00e9"}' \
	    '{"ip":"192.0.2.3","bytes":3,"user":1e400}' \
	    '{"ip":"192.0.2.4","bytes":4,"a":1,"a":2}' |
	    ms-trace | ms-filter true |
	    ms-map -n price '.cost = .bytes * 0.01 | del(.user)' >events
}

@test "a page is written, with nothing from elsewhere" {
	journey
	status 0 ms-trace report page.html events >out
	[ ! -s out ]
	head -n 1 page.html | grep -q '^<!DOCTYPE html>'
	tail -n 1 page.html | grep -q '</html>'
	run ! grep -qE 'src=|href=|@import|url\((https?:)?//' page.html
}

@test "events in the page are as they were read" {
	journey
	ms-trace report page.html events
	sed -n '/id="data"/,/<\/script>/p' page.html |
	    sed 's/^.*application\/json">//; s/<\/script>.*//' |
	    jq -r '.events[]' | cmp - events
}

@test "clicking: search, stages, values before and after, who set them" {
	journey
	ms-trace report page.html events
	in_browser click
}

@test "all of it can be reached by the keyboard" {
	journey
	ms-trace report page.html events
	in_browser keyboard
}

hostile() {
	printf '%s%s%s\n' '{"</script><script>window.pwned=1</script>":' \
	    '"<img src=x onerror=window.pwned=1>\u202e\u0007\"'"'"'`${1}",' \
	    '"b":"]]>--><!-- &lt; '"$(printf '\342\200\256\342\200\250')"'"}' |
	    ms-trace | ms-map -n '</title><b>"&' '.c = "</script>" | .b = 1' \
	    >events
	ms-trace report page.html events
}

@test "no string of the data is markup" {
	hostile
	[ "$(grep -c '</script>' page.html)" -eq 2 ]
	[ "$(grep -o '<script' page.html | wc -l)" -eq 2 ]
	run ! grep -q "$(printf '\342\200\250')" page.html
	run ! grep -q '<img\|<b>' page.html
}

@test "no string of the data is markup in the browser" {
	hostile
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
	status 0 ms-trace report page.html events
	in_browser lost
}

@test "a value of an enrichment names its table and row in the page" {
	echo '{"ip":"192.0.2.10"}' | ms-trace |
	    ms-enrich -t "$examples/hosts.csv" -k .ip >events
	ms-trace report page.html events
	in_browser row
}

@test "it reads well on a phone and in the dark" {
	journey
	ms-trace report page.html events
	in_browser phone
}

@test "10,000 events open within two seconds" {
	seq 10000 | jq -c '{n: ., ip: "192.0.2.1", text: "some more of it"}' |
	    ms-trace | ms-map '.x = .n' | sed 's/\("n":[0-9]*\),/\1 ,/' >events
	ms-trace report page.html events
	is_asan || in_browser many
}

@test "more events than asked for are counted and said" {
	journey
	status 0 ms-trace report --events 3 page.html events 2>err
	grep -q 'shows 3 of 4 events' err
	grep -q '"total":4' page.html
}

@test "no name, or one that can't be written, is told" {
	run -2 ms-trace report </dev/null
	run -3 ms-trace report no/such/page.html </dev/null
	[ -e /dev/full ] || skip "/dev/full is missing"
	journey
	run -3 ms-trace report /dev/full events
}

@test "no event at all makes a page, too" {
	status 0 ms-trace report page.html </dev/null
	grep -q '"total":0' page.html
}

@test "a page doesn't take the place of its input" {
	echo '{"a":1}' >in
	status 3 ms-trace report in in 2>err
	ln in same
	status 3 ms-trace report same <in 2>>err
	same in '{"a":1}'
	[ "$(grep -c ': is an input as well' err)" -eq 2 ]
}

@test "a file that is no page of ours is never written over" {
	journey
	cp events kept
	status 2 ms-trace report events </dev/null 2>err
	cmp kept events
	grep -q '^ms-trace: events: exists, and is no page' err
	printf '<!DOCTYPE html>\n<p>mine</p>\n' >other.html
	status 2 ms-trace report other.html events 2>err
	[ "$(tail -n 1 other.html)" = '<p>mine</p>' ]
	# a page is, and an empty file, with its mode and through a link
	: >page.html
	chmod 640 page.html
	ln -s page.html link.html
	status 0 ms-trace report link.html events
	[ -L link.html ]
	status 0 ms-trace report link.html events
	[ "$(stat -c %a page.html)" = 640 ]
	grep -q '"total":4' page.html
	[ "$(ls)" = "$(printf '%s\n' err events kept link.html other.html page.html)" ]
	status 0 ms-trace report /dev/stdout events >out.html
	cmp page.html out.html
}

@test "a page that can't be written whole leaves the old one" {
	journey
	status 0 ms-trace report page.html events
	cp page.html kept
	(ulimit -f 8; trap '' XFSZ; status 3 ms-trace report page.html events) 2>err
	cmp kept page.html
	[ "$(ls page.html*)" = page.html ]
}

@test "a report of large events is bounded, and says what it leaves out" {
	is_asan && skip "ASan keeps what is freed"
	for i in {1..30}; do
		printf '{"i":%d,"s":"%010000000d"}\n' "$i" 0
	done >events
	echo '{"i":31}' >>events
	status 0 /usr/bin/time -f %M -o peak ms-trace report page.html events 2>err
	grep -q 'page.html: shows 7 of 31 events; a page holds 64 MiB' err
	grep -q '{\\"i\\":31}' page.html
	echo "$(tail -n 1 peak) KiB"
	[ "$(tail -n 1 peak)" -le 400000 ]
}
