# Signed batches: who has only the public key finds what isn't as it was.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ms-trace keygen --sign sign >/dev/null
	ms-trace keygen --sign other >/dev/null
	seq 7 | sed 's/.*/{"n":&}/' | ms-trace >in
	ms-trace seal --sign sign --batch 3 in >out
}

# wrong WHAT [OPTION ...] <lines: verify exits 1 and tells WHAT.
wrong() {
	local want=$1

	shift
	cat >tried
	run -1 ms-trace verify --public sign.pub "$@" tried
	[[ $output == *"$want"* ]] || { echo "$output"; false; }
}

@test "events pass as they are, each batch with a line that signs it" {
	grep -v '"ms.seal"' out >events
	cmp in events
	run -0 jq -c 'select(."ms.seal")[]|[.v,.seq,.n,.last,(.events|length),(.before|length),(.sig|length)]' out
	[ "${lines[0]}" = '[1,1,3,null,43,0,86]' ]
	[ "${lines[1]}" = '[1,2,3,null,43,43,86]' ]
	[ "${lines[2]}" = '[1,3,1,true,43,43,86]' ]
	run -0 jq -r 'select(."ms.seal")[]|[.stream,.k]|join(" ")' out
	[ "$(printf '%s\n' "${lines[@]}" | sort -u)" = "${lines[0]}" ]
	run -0 ms-trace verify --public sign.pub out
	[[ ${lines[0]} == "7 sound" ]]
	[[ ${lines[1]} == "7 events in 3 batches of stream "*", key "* ]]
}

@test "white space between tokens is no change" {
	sed 's/,"/ ,\t"/g; s/":/" : /g' out >spaced
	run -0 ms-trace verify --public sign.pub spaced
}

@test "the input's end writes a last line, even of nothing, and of full batches" {
	run -0 ms-trace seal --sign sign /dev/null
	[ "$(jq -c '."ms.seal"|[.seq,.n,.last]' <<<"$output")" = '[1,0,true]' ]
	ms-trace verify --public sign.pub <<<"$output"
	head -n 3 in | ms-trace seal --sign sign --batch 3 >full
	[ "$(jq -c 'select(."ms.seal")[]|[.seq,.n,.last]' full | tail -n 1)" = '[2,0,true]' ]
	ms-trace verify --public sign.pub full
}

@test "what wasn't read to its end isn't signed as if it were" {
	run -3 --separate-stderr ms-trace seal --sign sign in none
	[ "$(jq -c 'select(."ms.seal")[]|[.seq,.n,.last]' <<<"$output")" = '[1,7,null]' ]
}

@test "events that are omitted, repeated, moved or changed are found" {
	sed 2d out | wrong 'tried:3: ms.seal: batch 1 has 2 events, but 3 were signed'
	sed '2{p;}' out | wrong 'tried:5: ms.seal: batch 1 has 4 events, but 3 were signed'
	sed '1{h;d;};2{G;}' out | wrong 'tried:4: ms.seal: batch 1: an event was changed, moved'
	sed '6s/"n":5/"n":8/' out | wrong 'ms.seal: batch 2: an event was changed, moved'
	sed '6s/"source":"-"/"source":"x"/' out | wrong 'ms.seal: batch 2: an event was changed, moved'
	ms-map .x=1 out | wrong 'ms.seal: batch 1: an event was changed'
}

@test "batches that are omitted, moved, repeated or taken from elsewhere are found" {
	sed 1,4d out | wrong 'batch 2 is the first; what was before it is missing'
	sed 5,8d out | wrong 'batch 3 follows on batch 1: some are missing'
	{ sed -n 5,8p out; sed -n 1,4p out; sed -n '9,$p' out; } |
	    wrong 'batch 2 is the first; what was before it is missing'
	{ sed -n 1,4p out; cat out; } | wrong 'batch 1 follows on batch 1'
	tac in | ms-trace seal --sign sign --batch 3 >again # ids stand still, too
	{ sed -n 1,4p out; sed -n '5,$p' again; } | wrong 'batch 2 was signed behind another line'
}

@test "a stream that was cut off, or goes on, is found" {
	head -n 8 out | wrong 'the signed stream has no end'
	head -n 9 out | wrong 'the signed stream has no end'
	run -0 ms-trace verify --public sign.pub --open <(head -n 9 out)
	[[ ${lines[1]} == *", 1 behind them" ]]
	{ cat out; echo '{"n":8}'; } | wrong 'tried:11: it stands behind the end of the signed stream'
	{ cat out; echo '{"n":8}'; } | wrong 'it stands behind the end of the signed stream' --open
}

@test "two signed streams joined are found, and another stream than expected" {
	# MS_NOW stands still, and ids with it
	MS_NOW=2026-11-22T15:00:00.000000Z ms-trace seal --sign sign in >second
	cat out second | wrong 'ms.seal: it stands behind the end of the stream'
	{ head -n 8 out; cat second; } | wrong 'ms.seal: it is of another stream'
	stream=$(jq -r 'select(."ms.seal")[].stream' out | head -n 1)
	ms-trace verify --public sign.pub --stream "$stream" out
	wrong "it is of another stream, " --stream "$stream" <second
	run -2 ms-trace verify --public sign.pub --stream x out
	[[ $output == *"--stream: 'x' is no UUID"* ]]
	run -2 ms-trace verify --stream "$stream" out
	[[ $output == *"are of a signed stream: --public FILE"* ]]
}

@test "all seal lines stripped, or another's, are found" {
	grep -v ms.seal out | wrong 'the stream isn'"'"'t signed: it has no good ms.seal line'
	ms-trace seal --sign other in | wrong 'ms.seal: it is signed with key'
	id=$(jq -r 'select(."ms.seal")[].k' out | head -n 1)
	ms-trace seal --sign other in | sed 's/"k":"[^"]*"/"k":"'"$id"'"/' |
	    wrong "ms.seal: its signature isn't of key $id"
	sed 's/"n":3/"n":4/' out | wrong "ms.seal: its signature isn't of key $id"
	sed 's/,"last":true//' out | wrong "ms.seal: its signature isn't of key $id"
}

@test "the sibling of a fork that was dropped is found, though each seal is good" {
	ms-trace keygen key >/dev/null
	export MS_SEAL_KEY=key
	seq 7 | ms-map -R '{n:tonumber}' | ms-map '.a=1,.a=2' | ms-trace seal --sign sign >forks
	sed 2d forks >one
	ms-trace verify --require-seals one
	wrong 'ms.seal: batch 1 has 13 events, but 14 were signed' <one
}

@test "malformed lines are told, of any size" {
	long=$(head -c 1000000 /dev/zero | tr '\0' A)
	for line in '{"ms.seal":1}' '{"ms.seal":{}}' '{"ms.seal":[]}' "{\"ms.seal\":\"$long\"}" \
	    "{\"ms.seal\":{\"v\":1,\"stream\":\"$long\"}}" '{"ms.seal":{"v":-1}}' \
	    '{"ms.seal":{"v":1},"x":1}' '{"ms.seal":{"v":99999999999999999999}}'; do
		{ echo "$line"; cat out; } >tried
		run -1 ms-trace verify --public sign.pub tried
		[[ $output == *"tried:1: ms.seal: it is no line that ms-trace seal wrote"* ]]
		[[ $output == *"7 events in 3 batches"*", 1 wrong"* ]]
	done
	{ echo '{"ms.seal":{"v":2}}'; cat out; } | wrong 'it was made by a later version'
}

@test "an earlier signature is taken out, and that is said" {
	run -0 --separate-stderr ms-trace seal --sign other --batch 5 out
	[ "$stderr" = "ms-trace: 3 lines of an earlier signature were taken out" ]
	ms-trace verify --public other.pub <<<"$output"
}

@test "filters pass signatures on in their place, and verify --pass does" {
	ms-filter true out | grep -n ms.seal | cut -d: -f1 >places
	same places 4 8 10
	ms-trace verify --public sign.pub --pass out >passed
	cmp out passed
}

@test "keys to sign with are told from others" {
	ms-trace keygen key >/dev/null
	run -2 ms-trace seal in
	[[ $output == *"which key?  --sign FILE"* ]]
	run -2 ms-trace seal --sign key in
	[[ $output == *"key: holds a secret key; one to sign with is needed"* ]]
	chmod 600 sign.pub
	run -2 ms-trace seal --sign sign.pub in
	[[ $output == *"sign.pub: holds a public key; one to sign with is needed"* ]]
	run -2 ms-trace verify --public sign in
	[[ $output == *"sign: holds a sign key; the FILE.pub"* ]]
	run -2 ms-trace seal --sign sign --batch 0 in
	[[ $output == *"--batch: '0' is no number from 1"* ]]
	run -2 ms-trace verify --public sign.pub --id 01 in
	[[ $output == *"--public looks at all events"* ]]
}
