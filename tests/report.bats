#!/usr/bin/env bats
# ms-trace report: what stands in the page, and where it goes.  What a browser
# makes of it is in page.bats.
load helper

# The data of page.html, asked by jq.
ask() {
	sed -n '/id="data"/,/<\/script>/p' page.html |
	    sed 's/^.*application\/json">//; s/<\/script>.*//' | jq -c "$@"
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
	status 0 ms-trace report -o page.html events >out
	[ ! -s out ]
	head -n 1 page.html | grep -q '^<!DOCTYPE html>'
	tail -n 1 page.html | grep -q '</html>'
	grep -q "Content-Security-Policy.*default-src 'none'" page.html
	lacks -qE ' src=|<link|@import|url\((https?:)?//' page.html
}

@test "without -o the page goes to standard output" {
	journey
	ms-trace report -o page.html events
	status 0 ms-trace report events >out
	cmp page.html out
	status 0 ms-trace report -o - <events | cmp page.html -
}

@test "events and old values in the page are spelled as they were read" {
	journey
	ms-trace report -o page.html events
	ask -r '.events[][5]' | cmp - <(ms-trace strip events)
	ask -r '.texts[]' >texts
	grep -q '"value":"\\u00e9"' texts
	grep -q '"value":1e400' texts
}

@test "what many events have the same is in the page once" {
	seq 1000 | ms-map -R '{n: tonumber}' | ms-map '.x = 1 | .y = .n' |
	    ms-map 'del(.x)' >events
	ms-trace report -o page.html events
	[ "$(ask '.events | length')" = 1000 ]
	[ "$(ask '.texts | length')" -lt 1010 ]
}

# 12 events: 6 out, 3 turned away, 1 rejected, 1 without output, 1 dropped
losses() {
	seq 12 | jq -c '{n: ., s: (if . == 9 then "x" else 1 end)}' >in
	ms-trace in | ms-filter -n low --else low.ndjson '.n > 3' |
	    ms-map -n sum --rejects bad.ndjson '.s += 1' 2>/dev/null |
	    ms-map -n some 'if .n == 10 then empty else . end' |
	    ms-filter -n top '.n != 6' >out
}

@test "the five numbers add up" {
	losses
	ms-trace report -o page.html out low.ndjson bad.ndjson
	[ "$(ask .total,.counts,.unplaced)" = '12
{"out":6,"away":3,"rejected":1,"dropped":2,"missing":2}
false' ]
	[ "$(ask '[.stages[] | [.name, .came, .went, .missing]]')" = \
	    '[["",10,10,0],["low",10,7,0],["sum",7,6,0],["some",6,6,0],["top",6,6,2]]' ]
	[ "$(ask '[.stages[].to]')" = \
	    '[{},{"away":"low.ndjson"},{"rejected":"bad.ndjson"},{},{}]' ]
}

@test "the trail is an input, and nothing is counted twice" {
	export MS_TRAIL=$PWD/trail
	losses
	unset MS_TRAIL
	# what went to --else isn't in the trail
	ms-trace report -o page.html --trail trail out low.ndjson
	[ "$(ask .total,.counts)" = '12
{"out":6,"away":4,"rejected":1,"dropped":1,"missing":0}' ]
	ask .counts >counts
	ms-trace report -o page.html --trail trail out low.ndjson bad.ndjson
	ask .counts | cmp counts -
	# the trail may be named among the files, and then events are picked
	ms-trace report -o page.html out trail low.ndjson
	ask .counts | cmp counts -
	ms-trace report -o page.html --where '.n > 6' out trail
	[ "$(ask .counts,.picked)" = \
	    '{"out":4,"away":0,"rejected":1,"dropped":1,"missing":0}
true' ]
	run -2 --separate-stderr ms-trace report -o p.html --trail trail --where '.n' out
	[[ $stderr == *'--id and --where pick among the files'* ]]
	run -3 --separate-stderr ms-trace report -o p.html --trail no/such out
	echo '{"a":' >torn
	run -1 --separate-stderr ms-trace report -o p.html --trail torn out
	[[ $stderr == *'torn:1: not JSON'* ]]
}

@test "a line that was no event is in the page as text" {
	printf '%s\n' '{"a":1}' '</script> {' >in
	status 1 ms-trace --rejects bad in 2>err >out
	ms-trace report -o page.html out bad
	[ "$(ask '.events[1] | .[5], .[2], .[7].plain')" = '"</script> {"
"2"
1' ]
	[ "$(ask '.counts.rejected')" = 1 ]
}

@test "tables tell distinct rows, not how often they were found" {
	printf '{"ip":"192.0.2.%d"}\n' 10 10 10 11 | ms-trace |
	    ms-enrich -t "$examples/hosts.csv" -k .ip >events
	ms-trace report -o page.html events
	[ "$(ask '.stages[1].tables[0] | .rows < .events')" = true ]
}

@test "parts of a fork are one event that came in" {
	seq 4 | jq -c '{n: ., l: [range(3)]}' | ms-trace |
	    ms-map -n split '.l = .l[]' | ms-filter '.l != 2' >events
	ms-trace report -o page.html events
	[ "$(ask '[.stages[] | [.came, .went]]')" = '[[3,3],[3,8],[8,8]]' ]
	[ "$(ask '.events[0][7].forks')" = '"1/3"' ]
}

@test "results came from all events that they were made of" {
	for t in 1 2 3 70 80; do echo "{\"t\":$t}"; done | ms-trace |
	    ms-fold -n minute --window 60s --time .t '.n += 1' |
	    ms-map '.z = .n' >events
	ms-trace report -o page.html events
	[ "$(ask .total,.counts.out)" = '5
2' ]
	[ "$(ask '[.stages[] | [.name, .came, .went, .made]]')" = \
	    '[["minute",5,2,5],["",2,2,0]]' ]
	ask -r '.texts[]' | grep -q '"of":{"n":3,'
}

@test "what others changed between stages is told" {
	echo '{"a":1,"b":1.10}' | ms-trace | ms-map '.c = 1' |
	    sed 's/1\.10/1.1/' | ms-map '.d = 1' >events
	ms-trace report -o page.html events
	[ "$(ask '.events[0][7].outside')" = '[2]' ]
	sed -i 's/"a":1/"a":2/' events
	ms-trace report -o page.html events
	[ "$(ask '.events[0][7].outside')" = '[2,3]' ]
}

@test "what a rule reads and writes is in the page" {
	journey
	ms-trace report -o page.html events
	[ "$(ask '.stages[2].writes[0]')" = \
	    '{"at":["cost"],"from":[["bytes"]],"by":[]}' ]
}

@test "no string of the data is markup" {
	printf '%s%s%s\n' '{"</script><script>window.pwned=1</script>":' \
	    '"<img src=x onerror=window.pwned=1>\u202e\u0007\"'"'"'`${1}",' \
	    '"b":"]]>--><!-- &lt; '"$(printf '\342\200\256\342\200\250')"'"}' |
	    ms-trace | ms-map -n '</title><b>"&' '.c = "</script>" | .b = 1' \
	    >events
	ms-trace report -o page.html events
	[ "$(grep -c '</script>' page.html)" -eq 2 ]
	[ "$(grep -o '<script' page.html | wc -l)" -eq 2 ]
	lacks -q "$(printf '\342\200\250')" page.html
	lacks -q '<img\|<b>' page.html
}

@test "more events than asked for are counted and said; each kind has its share" {
	losses
	status 0 ms-trace report --events 3 -o page.html out low.ndjson bad.ndjson 2>err
	grep -q 'shows 3 of 10 events' err
	[ "$(ask .held,.counts.out)" = '10
6' ]
	[ "$(ask '[.events[][3]]')" = '[0,1,2]' ]
	# the old values of others aren't in it
	journey
	ms-trace report --events 1 -o page.html events 2>err
	ask -r '.texts[]' >texts
	grep -q '"value":"-"' texts
	lacks 1e400 texts
}

@test "10,000 events take 6 MB at most" {
	seq 10000 | ms-map -R --lineage off '{seq: tonumber, ip: "192.0.2.1", user: "-",
	    ts: "17/May/2015:10:05:03 +0000", method: "GET", status: 200,
	    path: "/presentations/logstash/\(.)", proto: "HTTP/1.1", bytes: 203023,
	    referer: "http://semicomplete.com/presentations/logstash-monitorama-2013/",
	    agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36"}' |
	    ms-trace | ms-filter true | ms-map '.cost = .bytes * 0.01 | del(.user)' |
	    ms-map '.path |= ascii_downcase' | ms-map '.status += 1' >events
	ms-trace report -o page.html events
	ls -l page.html
	[ "$(stat -c %s page.html)" -le 6000000 ]
}

@test "what can't be meant is told" {
	journey
	run -2 --separate-stderr ms-trace report page.html events
	[[ $stderr == *"page.html is read as events; the page's name is given by -o"* ]]
	run -3 ms-trace report -o no/such/page.html </dev/null
	[ -e /dev/full ] || skip "/dev/full is missing"
	run -3 ms-trace report -o /dev/full events
	run -3 sh -c 'ms-trace report events >/dev/full'
}

@test "a terminal is neither read nor filled with a page" {
	command -v script >/dev/null || skip "script is missing"
	journey
	status 0 script -qec 'ms-trace report -o page.html; echo "status $?"' /dev/null >out
	grep -q 'which events? name files' out
	grep -q 'status 2' out
	status 0 script -qec 'ms-trace report events; echo "status $?"' /dev/null >out
	grep -q 'where is the page to go? name a file: -o' out
	[ ! -e page.html ]
}

@test "no event at all makes a page, too" {
	status 0 ms-trace report -o page.html </dev/null
	[ "$(ask .total)" = 0 ]
}

@test "a page doesn't take the place of its input" {
	echo '{"a":1}' >in
	status 3 ms-trace report -o in in 2>err
	ln in same
	status 3 ms-trace report -o same <in 2>>err
	status 3 ms-trace report -o same --trail in /dev/null 2>>err
	same in '{"a":1}'
	[ "$(grep -c ': is an input as well' err)" -eq 3 ]
}

@test "a file that is no page of ours is never written over" {
	journey
	cp events kept
	status 2 ms-trace report -o events </dev/null 2>err
	cmp kept events
	grep -q '^ms-trace: events: exists, and is no page' err
	printf '<!DOCTYPE html>\n<p>mine</p>\n' >other.html
	status 2 ms-trace report -o other.html events 2>err
	[ "$(tail -n 1 other.html)" = '<p>mine</p>' ]
	# a page is, and an empty file, with its mode and through a link
	: >page.html
	chmod 640 page.html
	ln -s page.html link.html
	status 0 ms-trace report -o link.html events
	[ -L link.html ]
	status 0 ms-trace report -o link.html events
	[ "$(stat -c %a page.html)" = 640 ]
	[ "$(ask .total)" = 4 ]
	[ "$(ls)" = "$(printf '%s\n' err events kept link.html other.html page.html)" ]
	status 0 ms-trace report -o /dev/stdout events >out.html
	cmp page.html out.html
}

@test "a page that can't be written whole leaves the old one" {
	journey
	status 0 ms-trace report -o page.html events
	cp page.html kept
	(ulimit -f 8; trap '' XFSZ; status 3 ms-trace report -o page.html events) 2>err
	cmp kept page.html
	[ "$(ls page.html*)" = page.html ]
}

@test "a report of large events is bounded, and says what it leaves out" {
	is_asan && skip "ASan keeps what is freed"
	for i in {1..30}; do
		printf '{"i":%d,"s":"%010000000d"}\n' "$i" 0
	done >events
	echo '{"i":31}' >>events
	status 0 /usr/bin/time -f %M -o peak ms-trace report -o page.html events 2>err
	grep -q 'page.html: shows 7 of 31 events; a page holds 64 MiB' err
	grep -q '{\\"i\\":31}' page.html
	echo "$(tail -n 1 peak) KiB"
	[ "$(tail -n 1 peak)" -le 400000 ]
}
