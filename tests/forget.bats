#!/usr/bin/env bats
# Values that are to be gone: --forget, --mask, and ms-trace forget.
# shellcheck disable=SC2030,SC2031 # each test has an environment of its own
load helper

setup_file() {
	export MS_NOW=2026-11-22T14:39:44.123456Z
}

AT='"at":"2026-11-22T14:39:44.123456Z"'

@test "what is forgotten is gone before the program sees the event" {
	echo '{"ip":"::1","email":"ann@example.com","x":1}' >in
	run -0 --separate-stderr ms-map --forget .email '.y = .email' in
	[ "$output" = '{"ip":"::1","x":1,"y":null,"_lineage":[{"op":"forget","rule":".email",'"$AT"',"undo":[{"op":"add","path":"/email","value":null,"forgotten":true,"before":"x"}],"sum":"0d27dcba527022ce"},{"op":"map","rule":".y = .email",'"$AT"',"undo":[{"op":"remove","path":"/y"}],"sum":"2c76df028fa06e4c"}]}' ] || {
		echo "$output"
		false
	}
	[ -z "$stderr" ]
	run -0 ms-map --lineage off --forget .email . in
	[ "$output" = '{"ip":"::1","x":1}' ]
}

@test "an event without the value is as it was" {
	echo '{"a" : 1, "b":[ ]}' >in
	run -0 ms-map --lineage off --forget .email --forget '.b[].c' . in
	[ "$output" = '{"a" : 1, "b":[ ]}' ]
	ms-map .a=2 in >old
	ms-map --forget .email . old >got
	[ "$(jq -c '[._lineage[].op]' got)" = '["map","map"]' ]
	[ "$(jq -c '._lineage[0]' got)" = "$(jq -c '._lineage[0]' old)" ]
}

@test "what stands beside it keeps its bytes" {
	echo '{ "cards" : [ {"pan":"4111 1111","x": 1.10} , {"y":2, "pan" : 5 } ,7], "t":["a",{"b":1}, "c"] , "z":1e400 }' >in
	run -0 --separate-stderr ms-map --lineage off --forget '.cards[].pan' --forget '.t[1]' . in
	[ "$output" = '{ "cards" : [ {"x": 1.10} , {"y":2} ,7], "t":["a",null, "c"] , "z":1e400 }' ]
	run -0 ms-map --lineage off --forget .cards --forget .t --forget .z . in
	[ "$output" = '{}' ]
	run -0 ms-map --lineage off --forget '.cards[]["pan"]' --forget /t/0 '.' in
	[ "$output" = '{ "cards" : [ {"x": 1.10} , {"y":2} ,7], "t":[null,{"b":1}, "c"] , "z":1e400 }' ]
	run -0 ms-map --lineage off --forget .a . <<<'{"a":1,"\u0061":2,"b":3}'
	[ "$output" = '{"b":3}' ]
}

@test "to forget what is forgotten changes nothing" {
	echo '{"a":"secret one","t":["secret two"],"b":"x"}' |
	    ms-map '.c = .a | del(.a)' | ms-map --forget .c --forget '.t[]' . >one
	ms-trace forget .c '.t[]' .a -- one >two
	cmp one two
}

@test "a value is followed through renames, and gone from older undos" {
	echo '{"email":"ann@example.com","n":1}' |
	    ms-map '.mail = .email | del(.email)' |
	    ms-map '.mail |= "x"' >old
	grep -q ann old
	ms-trace forget .email old >new
	lacks ann@ new
	[ "$(jq -c 'del(._lineage)' new)" = '{"n":1,"mail":"x"}' ]
	run -0 --separate-stderr ms-trace rewind new
	[ "$output" = '{"email":null,"n":1}' ]
	[ "$stderr" = 'ms-trace: .email was forgotten: null stands there (1 time)' ]
	run -0 --separate-stderr ms-trace rewind --after 1 --lineage off new
	[[ $output == '{"n":1,"mail":null,'* ]]
	run -0 ms-trace verify new

	# the other way: it stands there still, under its new name
	ms-map '.mail = .email | del(.email)' >old <<<'{"email":"ann@example.com","n":1}'
	ms-trace forget .email old >new
	lacks ann@ new
	[ "$(jq -c 'del(._lineage)' new)" = '{"n":1}' ]
	run -0 --separate-stderr ms-trace rewind new
	[ "$output" = '{"email":null,"n":1}' ]
	ms-trace forget .mail old >new
	lacks ann@ new
	run -0 --separate-stderr ms-trace rewind new
	[ "$output" = '{"email":null,"n":1}' ]
}

@test "keys below the path vanish with it, and what led into it" {
	echo '{"by":{"ann@example.com":{"n":1}},"m":2}' |
	    ms-map '.by["bob@example.com"] = {n: 2}' |
	    ms-map '.by["bob@example.com"].n = 3 | .k = .by["ann@example.com"] | del(.by["ann@example.com"])' >old
	ms-trace forget .by old >new
	lacks 'example' <<<"$(jq -c '._lineage[] |= del(.rule)' new)"
	run -0 --separate-stderr ms-trace rewind new
	[ "$output" = '{"by":null,"m":2}' ]
	run -0 ms-trace verify new
}

@test "copies of the value in undos, root replacements and rules are gone" {
	echo '{"email":"ann@example.com","note":"mail ann@example.com today","a":1,"b":2}' |
	    ms-map 'if .email == "ann@example.com" then {note, a} else . end' |
	    ms-map '.note = "x"' >old
	ms-trace forget .email old >new
	lacks 'ann@' new
	[ "$(jq -c '._lineage[0].rule, ._lineage[0].forgotten' new)" = '"(forgotten)"'$'\n''["/rule"]' ]
	run -0 --separate-stderr ms-trace rewind new
	[ "$output" = '{"email":null,"note":null,"a":1,"b":2}' ]
	[ "${#stderr_lines[@]}" = 2 ]
	run -0 ms-trace verify new
}

@test "a value with a quote or a backslash is found where programs and texts spell it" {
	cat <<'X' >in
{"user":"CORP\\alice","raw":1,"n":1}
{"user":"\"Ann\" C\u00f6rp\talice","n":2}
X
	cat <<'X' >p
if .user == "CORP\\alice" then .n += 1
elif .user == "\"Ann\" C\u00f6rp\talice" then .n += 2 else . end
X
	ms-map -f p in | ms-map '.raw = (tojson | tojson)' | ms-map 'del(.raw)' >old
	grep -q 'alice.*alice' old
	status 0 ms-trace forget .user old >new
	lacks alice new
	holds new '[._lineage[0].rule, ._lineage[2].undo[0].value] == ["(forgotten)", null]'
	# another text with backslashes stays
	printf '%s\n' '{"user":"CORP\\bob-1","n":"C:\\new\\u12"}' |
	    ms-map 'del(.n)' >other
	ms-trace forget .user other | grep -qF 'C:\\new\\u12'
}

@test "messages tell neither the beginning of what is forgotten nor its escapes" {
	cat <<'X' >in
{"user":"Ann-Marie of the \"long\" name","c":1}
{"user":"\u00e9t\u00e9 \"Ann-Marie\" \ud83d\ude00\ud83d\ude00\ud83d\ude00","c":2}
{"user":{"k":["Ann-Marie of the long name"]},"c":3}
X
	for p in '.user + 1' 'error' 'error("no \(.)")' '[.user] | .a' '{a: .user} | .[0]' \
	    'error(.user | tojson | tojson)' '.user | tostring | tonumber'; do
		ms-map --on-error pass "$p" in 2>/dev/null
	done >old
	[ "$(grep -c 'failed.*Ann-M' old)" -gt 10 ]
	ms-trace forget .user old >new 2>err
	lacks Ann- new
	run -1 grep Ann- err
	[ "$(jq -r '._lineage[0].failed' new | grep -c '^(forgotten)$')" -gt 10 ]
	# numbers go by their path alone, but a message may tell one with its path
	echo '{"card":4111111111111111.0,"pin":[1,-2233445,{"x":1234}],"n":4111111111111111.0}' >card
	echo '{"properties":{"card":{"type":"string"}}}' >s.json
	ms-schema check -s s.json --else /dev/stdout card | grep -q 'failed.*41111'
	for p in '.card + {}' '.pin[1] + {}' '.pin + {}'; do
		ms-map --on-error pass "$p" card 2>/dev/null
	done | cat - <(ms-schema check -s s.json --else /dev/stdout card) |
	    ms-trace forget .card .pin >gone
	holds gone '.n == 4111111111111111 and ._lineage[0].failed == "(forgotten)"'
	# what a stage says of a member that stays
	jq -c '.copy = .user' in >copies
	for p in '.copy + 1' 'error("no \(.)")' '.copy | tostring | tonumber' '{copy} | error'; do
		status 1 ms-map --forget .user --rejects r "$p" copies >/dev/null 2>>messages
		status 0 ms-map --forget .user --on-error pass "$p" copies >>out 2>>messages
	done
	grep -v 'holds a value' messages >told
	lacks Ann- told
	jq -r '._lineage[].failed' out >failed
	lacks Ann- failed
	jq -r .error r >errors
	lacks Ann- errors
}

@test "numbers, literals and short strings go by their path alone" {
	echo '{"a":{"n":123456789,"t":true,"s":"short"},"n":123456789,"s":"short"}' |
	    ms-map 'del(.n, .s)' >old
	ms-trace forget .a old >new
	run -0 --separate-stderr ms-trace rewind new
	[ "$output" = '{"a":null,"n":123456789,"s":"short"}' ]
}

@test "members elsewhere that hold the value stay, and are named once" {
	echo '{"email":"ann@example.com","to":["x","ann@example.com"],"k":{"to ann@example.com":1}}' >in
	cat in in >twice
	run -0 --separate-stderr ms-map --lineage off --forget .email . twice
	[ "${lines[0]}" = '{"to":["x","ann@example.com"],"k":{"to ann@example.com":1}}' ]
	[ "${#stderr_lines[@]}" = 2 ]
	[ "${stderr_lines[0]}" = 'ms-map: .to[] holds a value that was forgotten elsewhere, and stays' ]
	[ "${stderr_lines[1]}" = 'ms-map: .k[] holds a value that was forgotten elsewhere, and stays' ]
}

@test "digests go with the states that held the value, and only these" {
	echo '{"a":1}' | ms-map -n one .b=1 | ms-map -n two '.e = "ann@example.com"' |
	    ms-map -n three .c=1 >old
	ms-trace forget .e old >new
	[ "$(jq -c '[._lineage[] | has("sum")]' new)" = '[true,false,false,true]' ]
	run -0 ms-trace verify new
	[ "$(jq -r '._lineage[0].sum' new)" = "$(jq -r '._lineage[0].sum' old)" ]

	printf 'ip,host\n::1,ann@example.com\n' >t.csv
	echo '{"ip":"::1"}' | ms-enrich -t t.csv -k .ip >old
	jq -e '._lineage[0].from.hash' old >/dev/null
	ms-trace forget .t.host old >new
	lacks ann@ new
	[ "$(jq -c '._lineage[0].from' new)" = '{"table":"t.csv","line":2}' ]
	[ "$(jq -c '._lineage[0].forgotten' new)" = '["/from/hash"]' ]
	run -0 ms-trace verify new
}

@test "a stage's own rule doesn't tell what it forgets" {
	echo '{"email":"ann@example.com","to":"ann@example.com","x":1}' >in
	ms-map --forget .email 'if .x == "ann@example.com" then . else del(.to) end' in >out 2>err
	lacks ann@ out err
	[ "$(jq -r '._lineage[1].rule' out)" = '(forgotten)' ]
	[ "$(jq -c '._lineage[1].undo' out)" = '[{"op":"add","path":"/to","value":null,"forgotten":true,"before":"x"}]' ]
	run -1 ms-map --forget .email --rejects rej 'error("no ann@example.com")' <<<'{"email":"ann@example.com"}'
	lacks ann@ rej
	[[ $output != *ann@* ]]
}

@test "a line that can't be read is withheld from rejects and messages" {
	printf '%s\n' '{"email":"ann@example.com"' '"ann@example.com"' \
	    '{"email":"ann@example.com","_lineage":7}' '{"email":"ann@example.com","a":[]}' >in
	run -1 ms-map --forget .email --rejects rej --trail trail '.x = (.a | tonumber)' in
	[[ $output != *ann@* ]]
	lacks ann@ rej
	lacks ann@ trail
	[ "$(jq -c 'select(.withheld) | [.line, has("event"), has("text")]' rej)" = \
	    "$(printf '[%d,false,false]\n' 1 2 3)" ]
	[ "$(jq -c 'select(.line == 4) | [.event.a, .withheld]' rej)" = '[[],null]' ]
	run -1 --separate-stderr ms-trace replay rej
	[[ $output == '{"a":[],"_lineage":[{"op":"forget",'* ]]
	[[ ${stderr_lines[0]} == 'ms-trace: rej:1: its line was withheld, since what is to be forgotten'* ]]
}

@test "a mask is the same for the same value, however it is spelled" {
	ms-trace keygen k >id
	printf '%s\n' '{"a":"ann"}' '{"a":"\u0061nn"}' '{"a":1}' '{"a":1.0}' '{"a":10e-1}' \
	    '{"a":"1"}' '{"a":{"x":1,"y":[2]}}' '{"a":{"y":[2.0],"x":1}}' '{"a":0}' '{"a":-0.0}' \
	    '{"a":null}' '{"a":false}' '{"a":[]}' '{"a":""}' >in
	ms-map --lineage off --mask .a --key-file k . in | jq -r .a >got
	[ "$(grep -c "^m:$(cat id):[A-Za-z0-9_-]\{22\}\$" got)" = 14 ]
	mapfile -t m <got
	[ "${m[0]}" = "${m[1]}" ]
	[ "${m[2]}" = "${m[3]}" ]
	[ "${m[2]}" = "${m[4]}" ]
	[ "${m[6]}" = "${m[7]}" ]
	[ "${m[8]}" = "${m[9]}" ]
	[ "$(sort -u got | wc -l)" = 9 ]
	# another key, another mask; what looks like one is masked anyway
	ms-trace keygen k2 >/dev/null
	ms-map --lineage off --mask .a --key-file k2 . in | jq -r .a >got2
	[ -z "$(comm -12 <(sort got) <(sort got2))" ]
	ms-map --lineage off --mask .a --key-file k . in |
	    ms-map --lineage off --mask .a --key-file k . | jq -r .a >twice
	[ -z "$(comm -12 <(sort got) <(sort twice))" ]
}

@test "a mask's record says so, and the value is gone from the history" {
	ms-trace keygen k >/dev/null
	echo '{"ip":"192.0.2.77","b":1}' | ms-map '.addr = .ip | del(.ip) | .b = 2' >old
	ms-trace forget --mask .addr --key-file k old >new
	lacks 192.0.2 new
	[ "$(jq -c '._lineage[1] | [.op, .rule, .undo]' new)" = \
	    '["mask",".addr",[{"op":"replace","path":"/addr","value":null,"forgotten":true}]]' ]
	run -0 --separate-stderr ms-trace rewind new
	[ "$output" = '{"ip":null,"b":1}' ]
	run -0 ms-trace verify new
	ms-trace forget .b --mask .addr --key-file k old >new
	[ "$(jq -c '._lineage[1] | [.op, .rule]' new)" = '["forget",".b; mask .addr"]' ]
}

@test "ms-trace forget --where forgets in the events that are meant" {
	printf '%s\n' '{"u":"ann","m":"ann@example.com"}' '{"u":"bob","m":"bob@example.com"}' |
	    ms-trace >in
	run -0 ms-trace forget .m --where '.u == "ann"' in
	[ "$(jq -c 'del(._lineage)' <<<"$output")" = $'{"u":"ann"}\n{"u":"bob","m":"bob@example.com"}' ]
	[ "${lines[1]}" = "$(tail -n 1 in)" ]
	run -1 --separate-stderr ms-trace forget .m --on-error pass --rejects rej --where '.m | tonumber' in
	[ -z "$output" ]
	lacks example rej
	[[ $stderr != *example* ]]
}

@test "what can't be forgotten is refused at the start" {
	run -2 ms-map --forget email . </dev/null
	[[ $output == "ms-map: --forget: 'email' is no path as .a.b, .a[].b or /a/b"* ]]
	run -2 ms-map --forget . . </dev/null
	[[ $output == "ms-map: --forget: '.' is the whole event: drop it instead"* ]]
	run -2 ms-map --forget ._lineage.x . </dev/null
	[[ $output == "ms-map: --forget: '._lineage.x' is the event's history"* ]]
	run -2 ms-map --mask .a . </dev/null
	[[ $output == "ms-map: a mask needs a key: --key-file FILE, which ms-trace keygen FILE makes" ]]
	run -2 ms-map -R --forget .a . </dev/null
	[[ $output == *"a line of -R has no paths"* ]]
	run -2 ms-trace forget </dev/null
	[[ $output == "ms-trace: which values?"* ]]
}

@test "a key file that is no secret, or no key, is refused" {
	ms-trace keygen k >/dev/null
	try() {
		run -2 ms-map --mask .a --key-file "$1" . <<<'{"a":1}'
		[[ $output == "ms-map: --key-file: $1: $2"* ]] || {
			echo "$1: $output"
			return 1
		}
	}
	try none 'No such file or directory; ms-trace keygen makes a key'
	: >empty
	chmod 600 empty
	try empty 'is empty; ms-trace keygen makes a key file'
	(umask 077; echo secret >short; head -c 60 k >cut1; head -c 10 k >cut2
	    sed 's/secret [0-9a-f]/secret g/' k >other; head -c 2000 /dev/zero >long
	    awk '{print $1, $2, $3, substr($4, 2) "A"}' k >bad
	    echo 'this is a text of which nobody would think as a key' >text)
	try short 'is too short for a key'
	try cut1 'is cut short: 30 of 43 characters of its key are there'
	try cut2 'is cut short: it holds no whole key'
	try other 'is damaged: its id is not that of its key'
	try bad 'is damaged: its id is not that of its key'
	try long 'is too long for a key file'
	try text 'is no key file; ms-trace keygen makes such a file'
	try . 'Is a directory'
	chmod 640 k
	try k 'others can read or write it (mode 0640)'
	ms-trace keygen --sign s >/dev/null
	try s 'holds a sign key; a secret one is needed'
	try s.pub 'holds a public key; a secret one is needed' || true
}

@test "what was forgotten is never told to have been null" {
	echo '{"a":{"b":"secret one","c":1},"d":"secret two"}' |
	    ms-map -n one '.a.b = 5 | del(.d)' | ms-map -n two 'del(.a)' |
	    ms-trace forget .a.b .d >new
	run -0 ms-trace diff new
	[[ $output == *'- /d  (forgotten)'* ]]
	[[ $output == *'- /a  {"b":(forgotten),"c":1}'* ]]
	[[ $output != *null* ]]
	run -0 ms-trace log -p new
	[[ $output != *null* ]]
	run -1 ms-trace revert --stage one new
	[[ $output == *'a value in it was forgotten'* ]]
}

@test "random histories forget, and are taken back all the same" {
	for seed in 1 2 3 4; do
		status 0 "$MS_BUILD/tests/forget_property" "$seed" 3000
	done
}

@test "a stage that read what was forgotten is not tested, and not refreshed" {
	printf '%s\n' '{"a":"secret one","b":1}' '{"b":2}' |
	    ms-map -n s '.c = .b + 1 | del(.a)' | ms-trace forget .a >in
	run -0 ms-trace test --stage s in -- ms-map '.c = .b + 1 | del(.a)'
	[[ $output == *"1  a value that was forgotten can't be tested"* ]] || {
		echo "$output"
		false
	}
	printf 'a,v\nsecret one,1\n' >t.csv
	echo '{"a":"secret one"}' | ms-enrich -t t.csv -k .a --columns v | ms-trace forget .a >in
	run -1 ms-enrich -t t.csv -k .a --columns v --refresh in
	[[ $output == *"a value that the record may have joined by was forgotten"* ]]
}

@test "a control line brings nothing along that is to be gone" {
	echo '{"mask":[".email"]}' >p.json
	echo '{"mask":{"stage":"in","paths":[".email"]}}' >in.json
	ms-trace keygen key
	export MS_KEY_FILE=$PWD/key
	printf '%s\n' '{"ms.x":1,"email":"ada@example.org"}' '{"ms.y":2}' \
	    '{"ms.time":"2026-11-22T14:39:44Z","email":"ada@example.org"}' >lines
	check() {
		status 1 "$@" --rejects dead --trail trail lines >out 2>err
		same out '{"ms.y":2}'
		[ "$(grep -c '"withheld":true' dead)" -eq 2 ]
		lacks -r ada out err dead trail
		rm -f dead trail
	}
	check ms-map --forget .email .
	check ms-map --mask .email .
	check ms-filter --policy p.json true
	check ms-fold --policy p.json --by .a . # its lines of time, too
	check ms-map -n two --policy in.json .
	check ms-map -n in --policy in.json .
}

@test "an event for which the memory ends is told only as far as it may be" {
	ms-trace keygen key
	export MS_KEY_FILE=$PWD/key
	echo '{"mask":{"stage":"in","paths":[".email"]}}' >in.json
	printf '{"email":"ada@example.org"' >in
	seq 20000 | sed 's/.*/,"k&":1/' | tr -d '\n' >>in
	echo '}' >>in
	for how in reject pass; do
		for cmd in 'ms-map -n two .x=1' 'ms-filter true' \
		    'ms-fold --by .x .' 'ms-map -j 2 -n two .x=1'; do
			rm -f dead trail
			# shellcheck disable=SC2086 # words
			status 1 $cmd --policy in.json --max-memory 200k \
			    --on-error $how --rejects dead --trail trail \
			    in >out 2>err
			[ ! -s out ]
			run -1 grep -r ada@ out err dead trail
		done
	done
	echo '{"email":"adaline@example.org","n":1}' >in
	rm -f dead trail
	status 1 ms-map --forget .email --max-memory 200k --on-error pass \
	    --rejects dead --trail trail \
	    'if .n then [range(1000000)] else "adaline@example.org" end' \
	    in >out 2>err
	[ ! -s out ]
	grep -q '"withheld":true' dead
	grep -v '^{"ms.trail"' trail >events # but for the stage's own line
	run -1 grep -r adaline out err dead events
}

@test "a path leads where it led, however many others there are" {
	local many=() p change
	for i in $(seq 20); do many+=(--forget ".no$i.such"); done
	printf '%s\n' '{"a":[{"b":"secretx"}],"n":1}' '{"a":{"k":{"b":"secretx"}}}' '{"a~/":{"b":"secretx"}}' \
	    '{"\u0061":[{"\u0062":"secretx"}]}' '{"a":["q","r","s","t","u","v","w","secretx","y"]}' \
	    '{"a":"secretx","b":2}' '{"b":"secretx","no1":{"so":"secrety"}}' '{"é\"":"secretx","b":{"b":1}}' >in
	for change in . 'del(.a, .["a~/"])' '.a = 1' '{w: .}' '.c = .a | del(.a)' '{"x/a": ., b}'; do
		ms-map "$change" in
	done >changed
	for p in '.a[].b' .a '.a[7]' /a/7 '."a~/".b' '/a~0~1/b' '."é\""' .b .n; do
		ms-map --forget "$p" . in changed 2>/dev/null >out
		jq -c 'del(._lineage[]? | select(.op == "forget").rule)' out >one
		ms-map "${many[@]}" --forget "$p" . in changed 2>/dev/null >out
		jq -c 'del(._lineage[]? | select(.op == "forget").rule)' out >both
		lines 56 both
		cmp one both
		grep -q '"forgotten":true' both
	done
}

@test "an index in a pointer is found where the line has no such digit" {
	echo '{"a":["q","r","s","t","u","v","w","secretx","y"]}' | ms-map --lineage slim . >in
	sed -i 's/"sum":"[0-9a-f]*"/"sum":"1111111111111111"/' in
	lacks -q 7 in
	for many in '' '--forget .b --forget .c --forget .d --forget .e --forget .f --forget .g'; do
		# shellcheck disable=SC2086 # words
		ms-map $many --forget /a/7 . in >out
		[ -s out ]
		lacks secretx out
	done
}

@test "in a slim history, too, null stands for what was masked or forgotten" {
	ms-trace keygen k
	ms-trace keygen s
	export MS_LINEAGE=slim MS_KEY_FILE=k MS_POLICY=p.json
	echo '{"mask":[".email"],"forget":[".ip"]}' >p.json
	for seal in '' s; do
		export MS_SEAL_KEY=$seal
		[ -n "$seal" ] || unset MS_SEAL_KEY
		MS_POLICY='' MS_LINEAGE=full ms-map -n one '.ip = "192.0.2.1"' <<<'{"id":7,"email":"ada@example.org"}' |
		    MS_POLICY='' MS_LINEAGE=full ms-map -n two '.n = 1' | ms-filter .n >out
		jq -e '._lineage[2] | .op == "forget" and (.undo | all(.value == null and .forgotten))' out
		run -0 --separate-stderr ms-trace rewind --after 1 out
		[ "$(jq -c 'del(._lineage)' <<<"$output")" = '{"id":7,"email":null,"ip":null}' ]
		[[ $stderr == *'.email was forgotten: null stands there (1 time)'* ]]
		run -0 ms-trace rewind out
		[ "$(jq -c . <<<"${lines[-1]}")" = '{"id":7,"email":null}' ]
		run -0 ms-trace verify ${seal:+--seal-key s} --policy p.json out
		[ "${lines[-1]}" = '1 sound' ]
		[[ $(ms-trace log out) == *'~ /email'* ]]
	done
	MS_POLICY='' MS_LINEAGE=full ms-map -n one '.ip = "192.0.2.1"' <<<'{"id":7}' | MS_POLICY='' ms-trace forget .ip >out
	run -0 ms-trace verify out
	[ "${lines[-1]}" = '1 sound' ]
}

@test "what was forgotten isn't forgotten again behind a record without its undo" {
	ms-map --forget .ip --forget '.o[].p' . <<<'{"id":7,"ip":"192.0.2.1","o":[{"p":1}]}' | ms-map --lineage slim '.n = 1' >one
	ms-map --forget .ip --forget '.o[].p' . one >two
	[ "$(jq -c '[._lineage[].op]' two)" = '["forget","map","map","map"]' ]
}
