# Forgetting in sealed events: the values are gone, and the seals still hold.
# shellcheck disable=SC2030,SC2031 # a test sets the environment for itself
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ms-trace keygen key >/dev/null
	ms-trace keygen other >/dev/null
	printf '%s\n' '{"a":1,"user":"Ada Lovelace","cards":[{"pan":"4111","cvv":1},{"pan":"4111","cvv":2}],"t":"some longer text"}' \
	    '{"a":2,"user":"Bob","t":"tab\u0009"}' >in
	MS_SEAL_KEY=key sh -c 'ms-trace in | ms-map -n one ".user = \"X\" | .cards |= length" |
	    ms-map -n two ".a += 1 | del(.user)"' >sealed
}

# links FILE: the m of each record of the first event.
links() {
	head -n 1 "$1" | jq -r '._lineage[].seal.m'
}

@test "a value in an undo becomes null, its digest stands in the record, and all seals hold" {
	ms-trace forget --seal-key key .user sealed >out
	lacks -q 'Lovelace\|Bob' out
	ms-trace verify --seal-key key --require-seals out
	links sealed >before
	links out | head -n 3 | cmp - before
	run -0 sh -c 'head -n 1 out | jq -c "._lineage[1]|[.undo[0].value,.undo[0].forgotten,(.forgotten|keys)]"'
	[ "$output" = '[null,true,["/undo/0/value"]]' ]
	run -0 --separate-stderr ms-trace rewind --after 1 out
	[[ ${lines[0]} == '{"a":1,"user":null,"cards":'* ]]
	[[ $stderr == *".user was forgotten"* ]]
}

@test "a part of a value is forgotten, the rest is still held" {
	ms-trace forget --seal-key key '.cards[].pan' sealed >out
	lacks -q 4111 out
	ms-trace verify --seal-key key --require-seals out
	links sealed >before
	links out | head -n 3 | cmp - before
	run -0 sh -c 'head -n 1 out | jq -c "._lineage[1].undo[1]|[.value,.forgotten]"'
	[ "$output" = '[[{"pan":null,"cvv":1},{"pan":null,"cvv":2}],["/0/pan","/1/pan"]]' ]
	sed 's/"cvv":2/"cvv":3/' out >changed
	run -1 ms-trace verify --seal-key key changed
	[[ $output == *":1: record 2 (map one): its seal doesn't fit"* ]]
}

@test "equal values don't show: each digest is another" {
	ms-trace forget --seal-key key '.cards[].pan' .user sealed >out
	run -0 sh -c 'jq -r "._lineage[].forgotten//{}|.[]" out | sort | uniq -d'
	[ -z "$output" ]
}

@test "forgetting once more, and more, keeps the seals" {
	ms-trace forget --seal-key key '.cards[].pan' sealed | ms-trace forget --seal-key key .user |
	    ms-trace forget --seal-key key .cards .t >out
	ms-trace verify --seal-key key --require-seals out
	links sealed >before
	links out | head -n 3 | cmp - before
	lacks -q '4111\|Lovelace\|cvv\|longer' out
}

@test "a forged forgotten, a moved digest and a value put back are found" {
	ms-trace forget --seal-key key .user sealed >out
	digest=$(jq -r '._lineage[1].forgotten[]' out | tail -n 1)
	mine=$(jq -r '._lineage[1].forgotten[]' out | head -n 1)
	head -n 1 sealed >was
	head -n 1 out >now
	{
		# who has no key says that another value was forgotten
		jq -c '._lineage[1].undo[1] |= (.value = null | .forgotten = true)' was
		jq -c --arg d "$mine" '._lineage[1] |= ((.undo[1] |= (.value = null | .forgotten = true)) |
		    {op, stage, rule, at, undo, forgotten: {"/undo/1/value": $d}, seal})' was
		# another event's digest; a value, or a guess at it, put back
		sed "s/$mine/$digest/" now
		sed 's/"path":"\/user","value":null/"path":"\/user","value":"Ada Lovelace"/' now
		# the mark gone, or moved; the digest gone
		jq -c 'del(._lineage[1].undo[0].forgotten)' now
		jq -c '._lineage[1].undo[0] |= {op, path, forgotten, value}' now
		jq -c 'del(._lineage[1].forgotten)' now
	} >try
	run -1 ms-trace verify --seal-key key try
	[[ $output == *"0 sound, 7 whose records were tampered with"* ]]
}

@test "no random tamper passes in what was forgotten" {
	ms-trace forget --seal-key key .user sealed >out
	"$MS_BUILD/tests/seal_property" key 1 1000 <out
	ms-trace forget --seal-key key '.cards[].pan' .t sealed >out
	"$MS_BUILD/tests/seal_property" key 1 1000 <out
	ms-map --seal-key key --forget .a '.x = 1' sealed >out
	"$MS_BUILD/tests/seal_property" key 1 1000 <out
}

@test "a rule that spells the value, and a row's hash, go with their digests kept" {
	export MS_SEAL_KEY=key

	echo '{"ip":"192.0.2.10"}' | ms-map '.b = "192.0.2.10"' | ms-enrich -t "$examples/hosts.csv" -k .ip >joined
	ms-trace forget .ip .hosts joined >out
	ms-trace verify --require-seals out
	lacks -q '192.0.2.10","hosts\|"hash":"' out
	run -0 jq -c '._lineage[]|[.rule,.from.hash,(.forgotten//{}|keys)]' out
	[ "${lines[0]}" = '["(forgotten)",null,["/rule"]]' ]
	[[ ${lines[1]} == *',null,["/from/hash"]]' ]]
}

@test "what has to change otherwise is sealed anew" {
	export MS_SEAL_KEY=key

	echo '{"email":"ada@example.org","n":1}' | ms-map '.mail = .email | del(.email)' |
	    ms-map '.copy = .mail' | ms-map 'del(.mail) | .n = 2' >moved
	for path in .email .mail .copy; do
		ms-trace forget "$path" moved >out
		ms-trace verify --require-seals out
	done
	ms-trace forget .email .mail .copy moved >out
	lacks -q example.org out
	ms-trace verify --require-seals out
	ms-trace forget .n out | ms-trace verify --require-seals
}

@test "records without seals between, and several keys, are held" {
	ms-trace in | ms-map '.user = "X"' | ms-map --seal-key key .b=1 | ms-map --seal-key other '.t = 1' >mixed
	ms-trace verify --seal-key key --seal-key other mixed
	ms-trace forget --seal-key other --seal-key key .user .t mixed >out
	ms-trace verify --seal-key key --seal-key other out
	lacks -q 'Lovelace\|Bob\|longer' out
	run -0 sh -c 'head -n 1 out | jq -r "[._lineage[].seal.k]|length"'
	[ "$output" = 5 ]
}

@test "without the key, or where seals don't hold, nothing is forgotten" {
	run -1 ms-trace forget .user sealed
	[[ ${lines[0]} == "ms-trace: sealed:1: the event is sealed: what is to be forgotten needs the key (--seal-key)" ]]
	[ "${#lines[@]}" -eq 2 ]
	run -1 ms-map --forget .user .b=1 sealed
	[[ ${lines[0]} == *"the event is sealed"* ]]
	run -1 ms-trace forget --seal-key other .user sealed
	[[ ${lines[0]} == *"record 1: it is sealed with key "*", which isn't known here"* ]]
	sed 's/"value":"Ada/"value":"Eve/' sealed >changed
	run -1 --separate-stderr ms-trace forget --seal-key key .user changed
	[[ $stderr == *"changed:1: what is forgotten in an event whose seals don't hold would hide that: record 2: "* ]]
}

@test "forgetting in a pipeline is sealed, and its own rule with it" {
	export MS_SEAL_KEY=key

	ms-trace in | ms-map --forget .user '.x = "Ada Lovelace"' >out
	lacks -q 'rule":"[^"]*Lovelace' out
	ms-trace verify --require-seals out
	ms-trace keygen mask >/dev/null
	ms-trace in | ms-map --mask .user --key-file mask .b=1 >out
	ms-trace verify --require-seals out
	lacks -q Lovelace out
}

@test "forgetting takes signatures out, and says so" {
	ms-trace keygen --sign sign >/dev/null
	ms-trace seal --sign sign --batch 1 sealed >signed
	run -0 --separate-stderr ms-trace forget --seal-key key .user signed
	[ "$stderr" = "ms-trace: 3 lines of a signature were taken out: sign anew (ms-trace seal)" ]
	[[ $output != *ms.seal* ]]
}

@test "where a key told what is forgotten, the seals hold" {
	echo '{"id":1,"mail":"ada@example.org"}' |
	    MS_SEAL_KEY=key sh -c 'ms-map ".of = {(.mail): 1}" | ms-map "del(.mail)" | ms-map "{id}"' >keyed
	ms-trace forget --seal-key key .mail keyed >out
	lacks -q 'ada@' out
	grep -q '"(forgotten 1)"' out
	run -0 ms-trace verify --seal-key key --require-seals out
	[ "$output" = '1 sound' ]
	sed 's/(forgotten 1)/(forgotten 2)/' out >forged
	run -1 ms-trace verify --seal-key key forged
	[[ $output == *"its seal doesn't fit"* ]]
}
