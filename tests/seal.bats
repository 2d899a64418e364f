# Seals of records: who changed a sealed event without the key is found.
# shellcheck disable=SC2030,SC2031 # a test sets the environment for itself
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ms-trace keygen key >/dev/null
	ms-trace keygen other >/dev/null
	printf '%s\n' '{"a":1,"user":"ada","b":[1,{"x":"y"}],"t":"some longer text"}' \
	    '{ "a" : 2, "user":"bob" , "b":[], "t":"tab\u0009","n":1.10}' >in
}

# Three stages that seal: one gives ids, two change the event.
sealed() {
	MS_SEAL_KEY=key sh -c 'ms-trace in | ms-map -n one ".c = .a | del(.user)" |
	    ms-map -n two ".a += 1 | .t = \"new\""'
}

# verdict WANTED [OPTION ...] <events: what verify says of the first event.
verdict() {
	local want=$1

	shift
	run ms-trace verify --seal-key key "$@"
	[[ $output == *"$want"* ]]
}

# tampered JQ-PROGRAM WANTED: what verify says of the events so changed.
tampered() {
	sealed | jq -c "$1" >out
	run -1 ms-trace verify --seal-key key out
	[[ $output == *":1: $2"* ]] || { echo "$output"; false; }
}

@test "what three stages sealed is sound, also with other white space" {
	sealed >out
	run -0 ms-trace verify --seal-key key --require-seals out
	[ "$output" = "2 sound" ]
	run -0 sh -c "sed 's/,\"/ ,\t\"/g; s/\":/\" : /g' out |
	    ms-trace verify --seal-key key --require-seals"
	[ "$output" = "2 sound" ]
	run -0 jq -c '._lineage[]|[.op,(.seal|keys_unsorted),(.seal.e|length),(.seal.m|length),has("sum")]' out
	[ "${lines[0]}" = '["trace",["k","e","m"],22,22,false]' ]
	[ "${#lines[@]}" -eq 6 ]
}

@test "a seal is the same each time, and another with another key" {
	sealed >one
	sealed >two
	cmp one two
	mv other key
	sealed >two
	run ! cmp -s one two
}

@test "a changed value is found, behind the last stage and in what it was" {
	tampered '.c = 9' 'changed outside, after 3 map two'
	tampered 'del(.b)' 'changed outside, after 3 map two'
	sealed | sed 's/1\.10/1.1/' >out
	run -1 ms-trace verify --seal-key key out
	[[ $output == *":2: changed outside, after 3 map two"* ]]
	tampered '._lineage[2].undo[0].value = 9' 'record 3 (map two): its seal doesn'"'"'t fit'
}

@test "a value that was changed before a sealing stage is told by it" {
	sealed | sed 's/"c":1/"c":7/' | ms-filter --seal-key key true >out
	run -1 ms-trace verify --seal-key key out
	[[ $output == *":1: changed outside, after 3 map two"* ]]
	[[ $output == *"1 sound, 1 changed outside"* ]]
	run -0 ms-trace log out
	[[ $output == *"changed outside, after 3 map two"* ]]
	run -0 jq -c '[._lineage[]|.read|length]' out
	[ "${lines[0]}" = '[0,0,0,22]' ]
	[ "${lines[1]}" = '[0,0,0,0]' ]
	run -0 ms-trace verify --seal-key key --allow-outside out
	[[ $output == "2 sound, 1 of them changed outside" ]]
}

@test "a changed record is found at its place" {
	tampered '._lineage[0].from.line = 7' 'record 1 (trace): its seal doesn'"'"'t fit'
	tampered '._lineage[1].rule = "."' 'record 2 (map one): its seal doesn'"'"'t fit'
	tampered '._lineage[1].stage = "x"' 'record 2 (map x): its seal doesn'"'"'t fit'
	tampered '._lineage[1].at |= sub("123456";"123457")' 'record 2 (map one): its seal'
	tampered '._lineage[1].undo |= .[1:]' 'record 2 (map one): its seal doesn'"'"'t fit'
	tampered '._lineage[1].new = 1' 'record 2 (map one): its "seal"'
	tampered '._lineage[1] |= ({new: 1} + .)' 'record 2 (map one): its seal doesn'"'"'t fit'
}

@test "records that were moved, added, grafted or dropped are found" {
	tampered '._lineage |= [.[0],.[2],.[1]]' 'record 2 (map two): it is out of order'
	tampered '._lineage |= [.[0],.[1],.[1],.[2]]' 'record 3 (map one): it was added'
	tampered '._lineage |= [.[0],{op:"map",at:.[1].at},.[1],.[2]]' 'record 2 (map): it was added'
	tampered 'del(._lineage[1])' 'record 2 (map two): its seal doesn'"'"'t fit'
	tampered 'del(._lineage[0])' 'record 1 (map one): its seal doesn'"'"'t fit'
	sealed | jq -cs '.[0]._lineage[2] = .[1]._lineage[2] | .[0]' >out
	run -1 ms-trace verify --seal-key key out
	[[ $output == *":1: record 3 (map two): its seal doesn't fit"*"belongs to another history"* ]]
	sealed | jq -cs '.[1]._lineage = .[0]._lineage | .[1]' >out
	run -1 ms-trace verify --seal-key key out
	[[ $output == *":1: changed outside, after 3 map two"* ]]
}

@test "a stage that ran without a key is told from stripped seals" {
	MS_SEAL_KEY=key ms-trace in | ms-map .c=1 | ms-filter --seal-key key true >out
	run -1 ms-trace verify --seal-key key out
	[[ $output == *":1: record 2 (map): it has no seal: its stage ran without --seal-key"* ]]
	tampered 'del(._lineage[1].seal)' 'record 2 (map one): its seal was taken away'
	tampered 'del(._lineage[0].seal)' 'record 1 (trace): it has no seal, and isn'"'"'t what record 2 sealed'
	tampered 'del(._lineage[2].seal)' 'record 3 (map two): it has no seal'
}

@test "events without any seal pass unless --require-seals" {
	sealed | jq -c 'del(._lineage[].seal)' >out
	run -0 ms-trace verify --seal-key key out
	[ "$output" = "2 sound, 2 of them without seals" ]
	run -1 ms-trace verify --seal-key key --require-seals out
	[[ $output == *":1: record 1 (trace): no record is sealed"* ]]
	[[ $output == *"0 sound, 2 that lack seals" ]]
	run -1 ms-trace verify --seal-key key --require-seals in
	[[ $output == *":1: it has no history"* ]]
	run -2 ms-trace verify --require-seals out
	[[ $output == *"by which key?  --seal-key FILE"* ]]
}

@test "what came before the first seal is held from there on" {
	ms-trace in | ms-map .c=1 | ms-map --seal-key key .d=1 >out
	run -0 ms-trace verify --seal-key key out
	[ "$output" = "2 sound" ]
	run -1 ms-trace verify --seal-key key --require-seals out
	[[ $output == *":1: record 1 (trace): it has no seal"* ]]
	jq -c '._lineage[1].rule = "x"' out >changed
	run -1 ms-trace verify --seal-key key changed
	[[ $output == *":1: record 1 (trace): it has no seal, and isn't what record 3 sealed"* ]]
}

@test "an unknown key is told, and several keys are known" {
	sealed | ms-map --seal-key other .x=1 | ms-filter --seal-key key --seal-key other true >out
	run -1 ms-trace verify --seal-key key out
	[[ $output == *":1: record 4 (map): it is sealed with key "*", which isn't known here: --seal-key"* ]]
	run -0 ms-trace verify --seal-key key --seal-key other --require-seals out
	[ "$output" = "2 sound" ]
	MS_SEAL_KEY=other:key run -0 ms-trace verify --require-seals out
	[ "$output" = "2 sound" ]
	run -0 jq -c '[._lineage[].read]' out # the last one knew both
	[ "${lines[0]}" = "$(jq -c '[null,null,null,._lineage[3].read,null]' out | head -n 1)" ]
}

@test "a rollback is genuine, and a route finds it" {
	sealed | ms-trace rewind --after 2 >out
	run -0 ms-trace verify --seal-key key --require-seals out
	[ "$output" = "2 sound" ]
	run -1 ms-trace verify --seal-key key --route trace,map:one,map:two out
	[[ $output == *"the history ends after 2 records"* ]]
}

@test "what is turned away, fails, forks or is taken back is sealed, too" {
	export MS_SEAL_KEY=key

	ms-trace in | ms-filter --else no '.a == 1' >yes
	ms-trace verify --require-seals yes no
	ms-trace in | ms-map --trail gone 'if .a == 1 then error("x") else empty end' >none || true
	grep -v ms.trail gone >trail
	[ "$(wc -l <trail)" -eq 2 ]
	ms-trace verify --require-seals trail
	ms-trace in | ms-map --on-error pass 'error("x")' >failed || true
	ms-trace verify --require-seals failed
	ms-trace in | ms-map '.a=1,.a=2' >forks
	ms-trace verify --require-seals forks
	sealed | ms-trace revert --stage one >reverted
	ms-trace verify --require-seals reverted
	[ "$(jq -c '._lineage[-1]|[.op,(.seal|length)]' reverted | head -n 1)" = '["revert",3]' ]
	ms-trace in | ms-fold --as .sum '. + $event.a' >folded
	ms-trace verify --require-seals folded
	ms-trace in | ms-fold --window all '.n += 1' >folded
	ms-trace verify --require-seals folded
	seq 3 | ms-map -R '{n:tonumber}' | ms-trace verify --require-seals
}

@test "a reject holds the event as it was read" {
	sealed | ms-map --seal-key key --rejects bad 'error("x")' || true
	jq -c .event bad | head -n 1 >out # jq respells the second one
	ms-trace verify --seal-key key --require-seals out
	ms-trace replay bad >out
	ms-trace verify --seal-key key --require-seals out
}

@test "slim, compact, capped and table-made records are sealed as they stand" {
	export MS_SEAL_KEY=key MS_RULES=rules

	ms-trace in | ms-map --lineage slim .c=1 | ms-map --lineage compact '.d = "a rule that is longer than forty bytes"' |
	    ms-map --lineage-cap 1 .e=1 | ms-enrich -t "$examples/hosts.csv" -k .a=ip >out 2>/dev/null
	run -0 ms-trace verify --require-seals out
	[[ $output == "2 sound, 2 of them not to be taken back in full" ]]
	MS_RULES='' run -0 ms-trace verify --require-seals out
	jq -c '._lineage[2].rule |= sub("b2:.";"b2:x")' out >changed
	run -1 ms-trace verify changed
	[[ $output == *"record 3 (map): its seal doesn't fit"* ]]
}

@test "a stage without lineage is found as any other change" {
	sealed | ms-map --lineage off .z=1 >out
	run -1 ms-trace verify --seal-key key out
	[[ $output == *":1: changed outside, after 3 map two"* ]]
	run -2 ms-map --lineage off --seal-key key . in
	[[ $output == *"--seal-key: --lineage off writes no record that a seal could stand in"* ]]
	MS_SEAL_KEY=key run -0 ms-map --lineage off .z=1 in
}

@test "no random tamper passes" {
	sealed >out
	"$MS_BUILD/tests/seal_property" key 1 3000 <out
}

@test "bad keys are told with what to do" {
	run -2 ms-map --seal-key none . in
	[[ $output == "ms-map: none: No such file or directory; ms-trace keygen makes a key"* ]]
	: >empty
	chmod 600 empty
	run -2 ms-map --seal-key empty . in
	[[ $output == "ms-map: empty: is empty; ms-trace keygen makes a key file"* ]]
	chmod 644 key
	run -2 ms-map --seal-key key . in
	[[ $output == "ms-map: key: others can read or write it"* ]]
	chmod 600 key
	MS_SEAL_KEY=key:none run -2 ms-map . in
	[[ $output == "ms-map: none: No such file"* ]]
	MS_SEAL_KEY=none run -0 ms-trace log in # it isn't needed there
	run -3 ms-map --seal-key key --rejects key . in
	[[ $output == *key* ]]
}

@test "forged seals of any size are told, and nothing breaks" {
	long=$(head -c 1000000 /dev/zero | tr '\0' A)
	for seal in 1 '""' '{}' '[]' 'null' "\"$long\"" "{\"k\":\"$long\"}" \
	    '{"k":"00000000","e":"AAAAAAAAAAAAAAAAAAAAAA","m":"AAAAAAAAAAAAAAAAAAAAA"}' \
	    '{"k":"00000000","e":"AAAAAAAAAAAAAAAAAAAAAA","m":"AAAAAAAAAAAAAAAAAAAAAA","x":1}'; do
		echo "{\"a\":1,\"_lineage\":[{\"op\":\"map\",\"at\":\"$NOW\",\"seal\":$seal}]}" >bad
		run -1 ms-trace verify --seal-key key bad
		[[ ${output:0:200} == *"record 1 (map): its \"seal\" is no {k,e,m} at its end"* ]]
		ms-map --seal-key key . bad >out
	done
	id=$(sed 's/.* secret \([^ ]*\) .*/\1/' key)
	echo "{\"_lineage\":[{\"op\":\"map\",\"at\":\"$NOW\",\"seal\":{\"k\":\"$id\",\"e\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"m\":\"AAAAAAAAAAAAAAAAAAAAAA\"}}]}" >bad
	run -1 ms-trace verify --seal-key key bad
	[[ $output == *"record 1 (map): its seal doesn't fit"* ]]
}

@test "a sealed undo costs as much as it is long, however deep" {
	command -v valgrind >/dev/null || skip "valgrind is missing"
	if is_asan; then
		skip "valgrind and ASan don't go together"
	fi
	ms-trace keygen k
	# deep DEPTH: instructions to verify and to forget an undo of 20 kB
	deep() {
		ms-map --lineage off --argjson n "$1" '.a = reduce range($n) as $i ([range(3000), "ab"]; {k: [.]})' <<<'{"n":1}' |
		    ms-map --seal-key k 'del(.a)' >in
		[ -s in ] || return
		for sub in 'verify' 'forget .n'; do
			# shellcheck disable=SC2086 # words
			valgrind --tool=callgrind --callgrind-out-file=/dev/null ms-trace $sub --seal-key k in 2>&1 >/dev/null |
			    awk '/Collected/ { print $4 }'
		done | awk '{ n += $1 } END { print n }'
	}
	few=$(deep 20)
	many=$(deep 400)
	echo "$few and $many instructions"
	[ "$few" -gt 0 ]
	[ "$many" -lt $((few * 2)) ]
}

@test "a value below a forgotten one, and one of another kind, are told at any depth" {
	ms-trace keygen k
	jq -nc '{a: {x: [{y: ["secretx", 1]}, 2], z: {w: "secrety"}}, n: 1}' | ms-map --seal-key k 'del(.a)' |
	    ms-trace forget --seal-key k '.a.x[].y' '.a.z.w' >out
	run -0 ms-trace verify --seal-key k out
	lacks secret out
	[ "$(jq -c '._lineage[0].forgotten | keys' out)" = '["/undo/0/value/x/0/y","/undo/0/value/z/w"]' ]
	for change in '.undo[0].value.x[0].y = []' '.undo[0].value.x[0].y = [[1],2]' '.undo[0].value.x[0] = null' '.undo[0].value.x[0].q = 1' \
	    '.undo[0].value.x[1] = [2]' '.undo[0].value.z = [null]' '.undo[0].value.x += [3]' '.forgotten["/undo/0/value/x/1"] = "AAAAAAAAAAAAAAAAAAAAAA"'; do
		jq -c "._lineage[0] |= ($change)" out >bad
		run -1 ms-trace verify --seal-key k bad
	done
}
