#!/usr/bin/env bats
# --policy: who may change what, judged before the first event where that can
# be, and else at each.  Each test has an event of its own, and that is meant.
# shellcheck disable=SC2030,SC2031
load helper

event='{"id":7,"email":"ada@example.org","ip":"192.0.2.10","bytes":2,"items":[{"sku":"a","n":1},{"sku":"b","n":2}]}'

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	cat >p.json <<-'EOF'
		{"labels":{"pii":[".email",".ip"]},
		 "rules":[{"id":"P1","deny":"direct","label":"pii","unless":"mask"},
		  {"id":"P2","protect":[".id",".items[].sku"]},
		  {"id":"P3","stage":"price","may":[".cost"]}]}
	EOF
}

# refused MESSAGE COMMAND...: exit 2 before the first event, with just that.
refused() {
	local message=$1

	shift
	run -2 --separate-stderr "$@" <<<"$event"
	[ -z "$output" ]
	[ "$stderr" = "$message" ] || {
		printf 'told: %s\nnot:  %s\n' "$stderr" "$message"
		return 1
	}
}

# passed COMMAND...: the event passes.
passed() {
	run -0 --separate-stderr "$@" <<<"$event"
	[ -n "$output" ]
}

# rejected REASON COMMAND...: the event is a reject, for that reason.
rejected() {
	local reason=$1

	shift
	run -1 --separate-stderr "$@" <<<"$event"
	[ -z "$output" ]
	[[ ${stderr_lines[0]} == *": standard input:1: $reason" ]] || {
		printf 'told: %s\n' "$stderr"
		return 1
	}
}

# policy JSON: the policy of the test.
policy() {
	printf '%s\n' "$1" >p.json
}

@test "a flow that is denied is told with rule, place and remedy" {
	refused 'ms-map: p.json: rule P1: .domain comes from .email, which is pii; mask it first, or forget it (at program:1:12)' \
		ms-map --policy p.json '.domain = (.email | split("@")[1])'
	passed ms-map --policy p.json '.size = .bytes'
}

@test "MS_POLICY is the policy of a whole pipeline, and an option wins" {
	policy '{"rules":[{"id":"A","protect":[".id"]}]}'
	printf '{"rules":[{"id":"B","protect":[".bytes"]}]}' >q.json
	export MS_POLICY=p.json
	refused 'ms-map: p.json: rule A: .id is protected, and this stage writes it; leave .id as it is (at program:1:1)' \
		ms-map '.id = 1'
	passed ms-map --policy q.json '.id = 1'
	MS_POLICY='' passed ms-map '.id = 1'
	run -0 ms-trace log <<<"$event"
}

@test "a protected path isn't written, whatever the value" {
	local why='ms-map: p.json: rule P2: .id is protected, and this stage'

	refused "$why writes it; leave .id as it is (at program:1:1)" ms-map --policy p.json '.id = 7'
	refused "$why writes it; leave .id as it is (at program:1:5)" ms-map --policy p.json 'del(.id)'
	refused "$why writes .id.x; leave .id as it is (at program:1:4)" ms-map --policy p.json '.id.x = 1'
	refused "$why writes it; leave .id as it is (at program:1:16)" \
		ms-map --policy p.json 'if .bytes then .id = 1 else . end'
	passed ms-map --policy p.json '.id = .id'
	passed ms-map --policy p.json '.id as $x | .y = $x | .ids = 1'
}

@test "an event that is made anew keeps what is protected, or is refused" {
	refused 'ms-map: p.json: rule P2: .id is protected, and this stage replaces the whole event; leave .id as it is (at program:1:1)' \
		ms-map --policy p.json '{items}'
	passed ms-map --policy p.json '{id, items, n: 1}'
	refused 'ms-map: p.json: rule P2: .items[].sku is protected, and this stage replaces the whole event; leave .items[].sku as it is (at program:1:1)' \
		ms-map --policy p.json '{id, n: 1}'
}

@test "where only the event can tell, what changes is compared" {
	policy '{"rules":[{"id":"P2","protect":[".id",".items[].sku"]}]}'
	rejected 'rule P2: .items[1].sku is protected, and would change' ms-map --policy p.json '.items[.bytes - 1].sku = 3'
	passed ms-map --policy p.json '.items[.bytes - 1].n = 3'
	passed ms-map --policy p.json 'with_entries(.value |= .)'
	rejected 'rule P2: .id is protected, and would change' ms-map --policy p.json 'with_entries(.value |= tostring)'
	rejected 'rule P2: .items[0].sku is protected, and would change' ms-map --policy p.json '.items |= reverse'
	rejected 'rule P2: .items[2].sku is protected, and would change' ms-map --policy p.json '.items += [{sku: 1}]'
	passed ms-map --policy p.json '.items += [{n: 1}]'
}

@test "spelling and order count as changes, white space doesn't" {
	policy '{"rules":[{"id":"A","protect":[".a[]"]}]}'
	event='{"a": [ {"x": 1.10, "y": [ "A" ]} ]}'
	passed ms-map --policy p.json '.a |= map({x, y})'
	rejected 'rule A: .a[0] is protected, and would change' ms-map --policy p.json '.a |= map({y, x})'
	rejected 'rule A: .a[0] is protected, and would change' ms-map --policy p.json '.a |= map(.x += 0)'
	rejected 'rule A: .a[0] is protected, and would change' ms-map --policy p.json '.a |= map(tojson)'
}

@test "a reject by a rule holds the event as it was read" {
	policy '{"rules":[{"id":"A","protect":[".id"]}]}'
	status 1 ms-map --policy p.json --rejects r '.[.email] = 1 | .["i" + "d"] = 2' <<<"$event" 2>err
	holds r '.error == "rule A: .id is protected, and would change" and .event.id == 7'
	ms-trace replay r | cmp - <(echo "$event")
}

@test "a stage that may write some paths writes no others" {
	passed ms-map --policy p.json -n price '.cost = .bytes * 2'
	passed ms-map --policy p.json -n price '.cost.total = 1'
	passed ms-map --policy p.json -n other '.price = 1'
	refused 'ms-map: p.json: rule P3: stage price may write .cost, and this stage writes .tax; leave .tax as it is (at program:1:13)' \
		ms-map --policy p.json -n price '.cost = 1 | .tax = 2'
	refused 'ms-map: p.json: rule P3: stage price may write .cost, and this stage writes .bytes; leave .bytes as it is (at program:1:5)' \
		ms-map --policy p.json -n price 'del(.bytes)'
	rejected 'rule P3: stage price may not change .cos' ms-map --policy p.json -n price '.[("cost", "cos") | .[0:.+"" | length]] = 1'
}

@test "what a stage may write goes by paths, deep ones and all elements" {
	policy '{"rules":[{"id":"M","stage":"s","may":[".items[].n",".a.b"]}]}'
	passed ms-map --policy p.json -n s '.items[].n += 1'
	passed ms-map --policy p.json -n s '.a.b = 1'
	rejected 'rule M: stage s may not change .items[0].sku' ms-map --policy p.json -n s '.items[].sku = 1'
	rejected 'rule M: stage s may not change .items[2]' ms-map --policy p.json -n s '.items |= . + ["x"]'
	passed ms-map --policy p.json -n s '.items |= map({n, sku})'
	rejected 'rule M: stage s may not change .' ms-map --policy p.json -n s 'del(.id) + {id}'
	refused 'ms-map: p.json: rule M: stage s may write .items[].n and .a.b, and this stage writes .a; leave .a as it is (at program:1:1)' \
		ms-map --policy p.json -n s '.a = 1'
}

@test "flows are followed through variables, pipes and functions" {
	local why='ms-map: p.json: rule P1:'

	refused "$why .x comes from .email, which is pii; mask it first, or forget it (at program:1:1)" \
		ms-map --policy p.json '.email as $e | .y = 1 | .x = "<\($e)>"'
	refused "$why .x.y comes from .ip, which is pii; mask it first, or forget it (at program:1:14)" \
		ms-map --policy p.json '.x.y = ({a: [.ip]} | tojson)'
	refused "$why .x comes from the whole event, where .email is pii; mask it first, or forget it (at program:1:1)" \
		ms-map --policy p.json '.x = .'
	refused "$why .x comes from \$lineage, which may hold .email, which is pii; mask it first, or forget it (at program:1:1)" \
		ms-map --policy p.json '.x = $lineage'
	passed ms-map --policy p.json '.x = ([.bytes, .id] | add)'
	passed ms-map --policy p.json 'if .email == "x" then .x = 1 else . end'
}

@test "a computed key holds what it is made of" {
	policy '{"labels":{"pii":[".email",".items[].sku"]},"rules":[{"id":"D","deny":"direct","label":"pii"}]}'
	while IFS= read -r program; do
		run -2 --separate-stderr ms-map --policy p.json "$program" <<<"$event"
		[ -z "$output" ]
		[[ $stderr == *" comes from .email, which is pii; "* ]]
	done <<-'EOF'
		.x = ({(.email): 1} | keys[0])
		.x = ({"\(.email)": 1} | keys[0])
		.x = ({(.email): 1} | to_entries[0].key)
		.k = {(.email): 1}
		.k[.email] = 1
		.k[.email] += 1
		.k[.email] //= 1
		.k[.email] |= 1
		.k[.email].a = 1
		.email as $e | .k = ({} | getpath([$e]) = 1)
		setpath([.email]; 1)
		.x = (reduce .email as $e ({}; .[$e] = 1) | keys[0])
	EOF
	passed ms-map --policy p.json '.items[].n = 1 | .k[.id | tostring] += 1 | .n = ([.items[] | 1] | length)'
	passed ms-map --policy p.json '.x = (if .email == "x" then {a: 1} else {b: 1} end)'
	run -2 ms-fold --policy p.json --by .id --as .c '.[$event.email] = 1' <<<"$event"
	run -2 ms-fold --policy p.json --by '{(.email): 1} | keys[0]' --time 0 --window 1m '. + 1' <<<"$event"
	run -2 ms-enrich --policy p.json --coproc cat --send '{id, (.email): 1}' --as .r <<<"$event"
	sed -i 's/"direct"/"indirect"/' p.json
	refused 'ms-map: p.json: rule D: .k.* is decided by .email, which is pii; forget it first (at program:1:4)' \
		ms-map --policy p.json '.k[.email] = 1'
}

@test "a flow that can't be bounded is refused" {
	policy '{"labels":{"pii":[".email"]},"rules":[{"id":"P1","deny":"direct","label":"pii"}]}'
	refused 'ms-map: p.json: rule P1: any part of the event comes from any part of the event, where .email is pii; forget it first (at program:1:1)' \
		ms-map --policy p.json 'map_values(.)'
	chain='def f0: .a; '
	for i in $(seq 1 40); do
		chain+="def f$i: f$((i - 1)), f$((i - 1)); "
	done
	run -2 within 20 ms-map --policy p.json ".x = ($chain f40)" <<<'{}'
	[[ $output == *'rule P1: '*' comes from '*'; forget it first'* ]]
}

@test "what has the same label may take a value of it" {
	passed ms-map --policy p.json '.email |= ascii_downcase'
	passed ms-map --policy p.json '.ip = .email'
	passed ms-map --policy p.json '{id, email, items}'
	passed ms-map --policy p.json 'del(.email)'
}

@test "indirect flows are decisions, and filters decide" {
	policy '{"labels":{"pii":[".email"]},"rules":[{"id":"I","deny":"indirect","label":"pii"}]}'
	refused 'ms-map: p.json: rule I: .x is decided by .email, which is pii; forget it first (at program:1:4)' \
		ms-map --policy p.json 'if .email then .x = 1 else . end'
	passed ms-map --policy p.json '.x = .email'
	refused 'ms-filter: p.json: rule I: which events pass is decided by .email, which is pii; forget it first (at program:1:1)' \
		ms-filter --policy p.json '.email != "x"'
	refused 'ms-filter: p.json: rule I: which events pass is decided by .email, which is pii; forget it first (at --unique:1:1)' \
		ms-filter --policy p.json --unique .email
	passed ms-filter --policy p.json '.id'
	sed -i s/indirect/any/ p.json
	refused 'ms-map: p.json: rule I: .x comes from .email, which is pii; forget it first (at program:1:6)' \
		ms-map --policy p.json '.x = .email'
}

@test "what --count-as writes is judged" {
	refused 'ms-filter: p.json: rule P2: .id is protected, and this stage writes it; leave .id as it is (at --count-as:1:1)' \
		ms-filter --policy p.json --unique .bytes --within 1m --count-as .id
}

@test "joins are judged by where the row goes and what the key is" {
	local t=("$examples/hosts.csv" -k)

	passed ms-enrich --policy p.json -t "${t[@]}" .bytes=ip
	refused 'ms-enrich: p.json: rule P1: .hosts.ip comes from .ip, which is pii; mask it first, or forget it (at -k:1:1)' \
		ms-enrich --policy p.json -t "${t[@]}" .ip
	passed ms-enrich --policy p.json -t "${t[@]}" .ip --columns host
	refused 'ms-enrich: p.json: rule P2: .id is protected, and this stage writes it; leave .id as it is (at --as:1:1)' \
		ms-enrich --policy p.json -t "${t[@]}" .bytes=ip --as .id
	refused 'ms-enrich: p.json: rule P3: stage price may write .cost, and this stage writes .hosts; leave .hosts as it is' \
		ms-enrich --policy p.json -n price -t "${t[@]}" .bytes=ip
	rejected 'rule P2: .items[0].sku is protected, and would change' \
		ms-enrich --policy p.json -t "${t[@]}" .n=ip --each '.items[]' --as .sku --miss null
}

@test "merged columns are those that are known, or each event tells" {
	printf 'ip,id\n192.0.2.10,9\n' >t.csv
	refused 'ms-enrich: p.json: rule P2: .id is protected, and this stage writes it; leave .id as it is' \
		ms-enrich --policy p.json -t t.csv -k .ip --merge
	policy '{"rules":[{"id":"P2","protect":[".id"]}]}'
	rejected 'rule P2: .id is protected, and would change' ms-enrich --policy p.json --coproc cat --send '{id: 3}' --merge
	passed ms-enrich --policy p.json --coproc cat --send '{idx: 3}' --merge
}

@test "an answer of a command or a SELECT may be made of all that is asked" {
	refused 'ms-enrich: p.json: rule P1: .cat comes from .email, which is pii; mask it first, or forget it (at -k:1:1)' \
		ms-enrich --policy p.json --coproc cat -k .email --as .cat
	sqlite3 s.db 'create table t(a)'
	refused 'ms-enrich: p.json: rule P1: .s comes from .email, which is pii; mask it first, or forget it (at --bind:1:1)' \
		ms-enrich --policy p.json --sql s.db --bind 'e=.email' 'select upper(:e) as u'
}

@test "folds are judged by what they add up, through all events" {
	passed ms-fold --policy p.json --by .email '. + $event.bytes'
	refused 'ms-fold: p.json: rule P1: .fold comes from .email, which is pii; mask it first, or forget it (at program:1:12)' \
		ms-fold --policy p.json '. + [$event.email] | unique | length'
	refused 'ms-fold: p.json: rule P2: .id is protected, and this stage writes it; leave .id as it is (at --as:1:1)' \
		ms-fold --policy p.json --as .id '. + 1'
	rejected 'rule P2: .items[0].sku is protected, and would change' \
		ms-fold --policy p.json --as '.items[].sku' '. + 1'
}

@test "results of windows are new events: each member is written" {
	passed ms-fold --policy p.json --by .id --window all '{n: (.n + 1)}'
	refused 'ms-fold: p.json: rule P1: .who comes from .email, which is pii; mask it first, or forget it (at program:1:13)' \
		ms-fold --policy p.json --window all '{who: $event.email}'
	refused 'ms-fold: p.json: rule P3: stage price may write .cost, and this stage writes .window; leave .window as it is' \
		ms-fold --policy p.json -n price --window all --as .cost '. + 1'
	policy '{"rules":[{"id":"P3","stage":"price","may":[".cost",".window"]}]}'
	passed ms-fold --policy p.json -n price --window all --as .cost '. + 1'
}

@test "a policy is applied before the state is touched" {
	ms-fold --state s.db '. + 1' <<<"$event" >a
	refused 'ms-fold: p.json: rule P2: .id is protected, and this stage writes it; leave .id as it is (at --as:1:1)' \
		ms-fold --policy p.json --state s.db --reset --as .id '. + 1'
	ms-fold --state s.db --dump >dump
	[ -s dump ]
}

@test "events that are made of text are new ones" {
	refused 'ms-map: p.json: rule P3: stage price may write .cost, and this stage writes .id; leave .id as it is (at program:1:11)' \
		ms-map -R --policy p.json -n price '{cost: 1, id: 2}'
	passed ms-map -R --policy p.json -n price '{cost: .}'
	passed ms-map -R --policy p.json '{id: .}'
}

@test "migrations are judged on each way up, and at each event down" {
	mkdir -p d/order
	echo true | tee d/order/1.json d/order/2.json >d/order/3.json
	echo '.name = .who | del(.who)' >d/order/1-2.jq
	echo '.id = 1' >d/order/2-3.jq
	event='{"schema":"order/1","id":1,"who":"x"}'
	refused 'ms-schema: p.json: rule P2: .id is protected, and this stage writes it; leave .id as it is (at order/2-3.jq:1:1)' \
		ms-schema up -d d --to 3 --policy p.json
	passed ms-schema up -d d --to 2 --policy p.json
	policy '{"labels":{"pii":[".who"]},"rules":[{"id":"P1","deny":"direct","label":"pii"}]}'
	refused 'ms-schema: p.json: rule P1: .name comes from .who, which is pii; forget it first (at order/1-2.jq:1:9)' \
		ms-schema up -d d --to 2 --policy p.json
	policy '{"rules":[{"id":"A","protect":[".who"]},{"id":"B","stage":"dn","may":[".schema",".name"]}]}'
	event=$(ms-schema up -d d --to 2 <<<"$event")
	run -1 ms-schema down -d d --to 1 --policy p.json <<<"$event"
	[[ $output == *'rule A: .who is protected, and would change' ]]
	sed -i 's/".who"/".x"/' p.json
	run -1 ms-schema down -d d --to 1 -n dn --policy p.json <<<"$event"
	[[ $output == *'rule B: stage dn may not change .who' ]]
}

@test "what is checked, traced or filtered passes any rule about paths" {
	policy '{"rules":[{"id":"A","protect":["."]}]}'
	passed ms-trace --policy p.json
	passed ms-filter --policy p.json .id
	passed ms-schema --policy p.json -s "$examples/any.json"
	refused 'ms-map: p.json: rule A: . is protected, and this stage writes .x; leave . as it is (at program:1:1)' \
		ms-map --policy p.json '.x = 1'
}

@test "a revert that would change what is protected is rejected" {
	policy '{"rules":[{"id":"A","protect":[".cost"]}]}'
	event=$(ms-map -n price '.cost = 1' <<<"$event")
	rejected 'rule A: .cost is protected, and would change' ms-trace revert --policy p.json --stage price
}

@test "a program that is reloaded is judged, and the one before it stays" {
	policy '{"rules":[{"id":"A","protect":[".id"]}]}'
	echo '.x = 1' >prog.jq
	touch -d '2020-01-01' prog.jq
	mkfifo in
	ms-map --policy p.json -f prog.jq --reload <in >out 2>err &
	{
		echo "$event"
		eventually test -s out
		echo '.id = 1' >new.jq
		touch -d '2020-01-02' new.jq
		mv new.jq prog.jq
		echo "$event"
	} >in
	wait $!
	grep -qF 'rule A: .id is protected, and this stage writes it; leave .id as it is (at prog.jq:1:1)' err
	grep -qF 'the program before it stays' err
	lines 2 out
	holds out '.id == 7 and .x == 1'
}

@test "the least that a stage may write of its history" {
	policy '{"lineage":"full"}'
	refused 'ms-map: p.json: lineage: a stage writes at least full, and --lineage off is less; leave it out' \
		ms-map --policy p.json --lineage off .
	refused 'ms-map: p.json: lineage: a stage writes at least full, and --lineage slim is less; leave it out' \
		ms-map --policy p.json --lineage slim .
	refused 'ms-map: p.json: lineage: a stage writes at least full, and --lineage-cap leaves undos out; leave it out' \
		ms-map --policy p.json --lineage-cap 10 .
	MS_LINEAGE=off refused 'ms-map: p.json: lineage: a stage writes at least full, and MS_LINEAGE off is less; leave it out' \
		ms-map --policy p.json .
	MS_RULES=rules passed ms-map --policy p.json --lineage compact .
	policy '{"lineage":"slim"}'
	passed ms-map --policy p.json --lineage slim .
	passed ms-map --policy p.json .
	policy '{"lineage":"off"}'
	passed ms-map --policy p.json --lineage off .
}

# judged MESSAGE PIPELINE: what verify says of the events that it gives.
judged() {
	sh -c "$2" <<<"$event" >out 2>/dev/null
	run -1 --separate-stderr ms-trace verify --policy p.json out
	[ "$output" = '0 sound, 1 against the policy' ]
	[ "$stderr" = "ms-trace: out:1: $1" ] || {
		printf 'told: %s\n' "$stderr"
		return 1
	}
}

# sound PIPELINE
sound() {
	sh -c "$1" <<<"$event" >out 2>/dev/null
	run -0 --separate-stderr ms-trace verify --policy p.json out
}

@test "verify tells which record of a finished stream broke a rule about paths" {
	sound "ms-trace | ms-map -n price '.cost = .bytes' | ms-filter .id"
	judged 'record 2 (map late): rule P2: .id is protected, and was changed' "ms-trace | ms-map -n late '.id = 2' | ms-filter ."
	judged 'record 1 (map): rule P2: .items[1].sku is protected, and was changed' "ms-map '.items[1].sku = 2' | ms-map '.x = 1'"
	judged 'record 1 (map price): rule P3: stage price may not change .x' "ms-map -n price '.x = 1 | .cost = 2'"
	judged 'record 1 (map price): rule P3: stage price may not change .x' "ms-map -R -n price '{x: 1}'"
	sound "ms-map -R -n price '{cost: 1}'"
}

@test "verify explains the rules of records, and tells the flows" {
	policy '{"labels":{"pii":[".email"]},"rules":[{"id":"D","deny":"direct","label":"pii"},{"id":"I","deny":"indirect","label":"pii"}]}'
	sound "ms-map '.x = .bytes' | ms-fold --by .id '. + 1' | ms-enrich -t $examples/hosts.csv -k .ip"
	judged 'record 1 (map): rule D: .d comes from .email, which is pii' "ms-map --arg x 3 '.d = .email + \$x' | ms-filter ."
	judged 'record 1 (filter): rule I: which events pass is decided by .email, which is pii' 'ms-filter .email'
	judged 'record 1 (filter): rule I: which events pass is decided by .email, which is pii' 'ms-filter --unique .email'
	judged 'record 1 (fold): rule D: .fold comes from .email, which is pii' "ms-fold '. + [\$event.email]'"
	judged 'record 1 (fold): rule I: .fold is decided by .email, which is pii' "ms-fold --by .email '. + 1'"
	judged 'record 1 (fold): rule D: .e comes from .email, which is pii' "ms-fold --window all '{e: \$event.email}'"
	judged 'record 1 (enrich): rule I: .hosts is decided by .email, which is pii' "ms-enrich -t $examples/hosts.csv -k .email=ip"
	judged 'record 1 (enrich): rule D: .x comes from .email, which is pii' 'ms-enrich --coproc cat -k .email --as .x'
}

@test "verify finds a history that says less than the policy asks for" {
	policy '{"lineage":"full"}'
	sound "ms-trace | ms-map '.x = 1' | ms-filter ."
	judged 'record 1 (map): lineage: it says less than full' "ms-map --lineage slim '.x = 3'"
	judged 'record 1 (map): lineage: its undo was left out' "ms-map --lineage-cap 10 'del(.email)'"
	long='.x = "a text that makes the rule long enough for a hash"'
	judged "record 1 (map): lineage: its rule is a hash that MS_RULES doesn't know" "MS_RULES=rules ms-map --lineage compact '$long'"
	MS_RULES=rules ms-trace verify --policy p.json out
}

@test "verify finds what should be forgotten, in what an event was as well" {
	policy '{"forget":[".email"]}'
	sound "jq -c 'del(.email)' | ms-map '.x = 1'"
	judged 'forget: .email is there, or was after 0 records' "ms-map 'del(.email)'"
}

@test "verify takes no policy from the environment, and other readers none" {
	MS_POLICY=none ms-trace verify <<<"$event"
	run -2 ms-trace log --policy p.json <<<"$event"
	[ "${lines[0]}" = "ms-trace: --policy is for what changes events; ms-trace verify judges histories by one" ]
}

# bad JSON MESSAGE: no policy, and why.
bad() {
	policy "$1"
	refused "ms-map: p.json: $2" ms-map --policy p.json .
}

@test "a policy that is none is told with the place and the reason" {
	bad '{"rule":[]}' 'unknown member "rule"; is "rules" meant?'
	bad '{"x":1}' 'unknown member "x"'
	bad '[]' 'a policy is an object, and this is an array'
	bad '{"rules":{}}' 'rules: an array of rules is wanted here, and this is an object'
	bad '{"rules":[1]}' 'rules[0]: a rule is an object, and this is a number'
	bad '{"rules":[{"protect":[".a"]}]}' 'rules[0]: a rule needs an "id", by which it is told'
	bad '{"rules":[{"id":"","protect":[".a"]}]}' 'rules[0].id: it is empty'
	bad '{"rules":[{"id":1,"protect":[".a"]}]}' 'rules[0].id: a string is wanted here, and this is a number'
	bad '{"rules":[{"id":"A","protect":[".a"]},{"id":"A","protect":[".b"]}]}' 'rules[1]: rules[0] has the id "A", too'
	bad '{"rules":[{"id":"A"}]}' 'rules[0]: a rule has "deny", "protect" or "may"'
	bad '{"rules":[{"id":"A","protct":[".a"]}]}' 'rules[0]: unknown member "protct"; is "protect" meant?'
	bad '{"rules":[{"id":"A","protect":[".a"],"may":[".a"]}]}' 'rules[0]: "protect" and "may" are rules of their own'
	bad '{"rules":[{"id":"A","protect":[".a"],"label":"x"}]}' 'rules[0]: "label" doesn'\''t go with "protect"'
	bad '{"rules":[{"id":"A","protect":".a"}]}' 'rules[0].protect: an array of paths is wanted here, and this is a string'
	bad '{"rules":[{"id":"A","protect":[]}]}' 'rules[0].protect: there is no path in it'
	bad '{"rules":[{"id":"A","may":[".a"]}]}' 'rules[0]: "may" goes with "stage", the name that -n gives'
	bad '{"rules":[{"id":"A","deny":"direct"}]}' 'rules[0]: "deny" goes with "label"'
	bad '{"rules":[{"id":"A","deny":"all","label":"x"}]}' 'rules[0].deny: "all" is no flow: direct, indirect or any'
	bad '{"rules":[{"id":"A","deny":"direct","label":"x"}]}' 'rules[0].label: no label is called "x"'
	bad '{"labels":{"x":[".a"]},"rules":[{"id":"A","deny":"direct","label":"x","unless":"msk"}]}' 'rules[0].unless: "msk" isn'\''t known; "mask" is'
	bad '{"labels":[]}' 'labels: an object of arrays is wanted here, and this is an array'
	bad '{"labels":{"x":[1]}}' 'labels.x[0]: a string is wanted here, and this is a number'
	bad '{"lineage":"all"}' 'lineage: "all" is none of full, compact, slim and off'
	bad '{"mask":["."]}' "mask[0]: '.' is the whole event; name a part of it"
	bad '{"mask":{"stage":"a"}}' 'mask: it has a "stage" and "paths"'
	bad '{"forget":[".a",3]}' 'forget[1]: a string is wanted here, and this is a number'
}

@test "a path that can't be is told" {
	protect() {
		bad "{\"rules\":[{\"id\":\"A\",\"protect\":[\"$1\"]}]}" "rules[0].protect[0]: '$2' is no path: $3"
	}
	protect id id 'a path starts with a dot, as .a.b'
	protect .a..b .a..b ".. can't be followed; name the path"
	protect .. .. ".. can't be followed; name the path"
	protect '.a[-1]' '.a[-1]' 'an index counts from the start, as in [0]; [] stands for all'
	protect '.a[1:2]' '.a[1:2]' 'a ] is missing'
	protect '.a[' '.a[' 'in brackets stands an index, a key in quotes, or nothing for all'
	protect '.a-b' '.a-b' 'steps are .name, ."a name", [0] and []'
	protect '.a.' '.a.' 'a name stands behind a dot, in quotes unless it is made of letters, digits and _'
	bad '{"rules":[{"id":"A","protect":["._lineage[0]"]}]}' \
		"rule A: ._lineage[0] is the event's history, which no program can change"
	policy '{"rules":[{"id":"A","protect":[".\"a b\"[\"c\"].d[2][]"]}]}'
	passed ms-map --policy p.json '.x = 1'
}

@test "a policy that isn't JSON or isn't there is told" {
	policy '{"rules":['
	refused "ms-map: p.json: 2:0: is no JSON: ']' expected near end of file" ms-map --policy p.json .
	policy '{"rules":[],"rules":[]}'
	run -2 ms-map --policy p.json . <<<"$event"
	[[ $output == 'ms-map: p.json: 1:'*': is no JSON: duplicate object key'* ]]
	refused 'ms-map: none.json: No such file or directory' ms-map --policy none.json .
	run -2 ms-map --policy . . <<<"$event"
	: >p.json
	run -2 ms-map --policy p.json . <<<"$event"
	[[ $output == 'ms-map: p.json: '* ]]
}

@test "no output may be the policy's file" {
	cp p.json q.json
	run -3 ms-map --policy q.json --rejects q.json . <<<"$event"
	cmp p.json q.json
}

@test "every filter takes a policy, and says of a bad one the same" {
	policy '{"x":1}'
	check() {
		run -2 "$cmd" --policy p.json "${args[@]}" <<<"$event"
		[ "${lines[0]}" = "$cmd: p.json: unknown member \"x\"" ]
	}
	every check
}

@test "what passes before the first event changes no protected path, for any program" {
	for seed in 1 2; do
		run -0 "$MS_BUILD/tests/policy_property" "$seed" 1500
		read -r _ _ _ _ _ refused _ _ unseen _ <<<"$output"
		[ "$refused" -gt 1000 ]
		[ $((unseen * 12)) -lt "$refused" ]
	done
}

@test "the first stage that sees a policy forgets what it says, and the next ones add nothing" {
	policy '{"labels":{"pii":[".email"]},"forget":[".email",".items[].sku"],"rules":[{"id":"P","deny":"any","label":"pii"}]}'
	echo "$event" | ms-filter --policy p.json -n gate .id >one 2>err
	[ ! -s err ]
	lacks -e ada@ -e '"a"' one
	jq -e '[._lineage[].op] == ["forget","filter"] and ._lineage[0].stage == "gate" and
	    ._lineage[0].rule == ".email, .items[].sku"' one
	ms-map --policy p.json '.x = .email' one | ms-trace --policy p.json >two
	holds two '[._lineage[].op] == ["forget","filter","map","trace"] and .x == null'
	run -0 --separate-stderr ms-trace rewind two
	[ "$output" = '{"id":7,"email":null,"ip":"192.0.2.10","bytes":2,"items":[{"sku":null,"n":1},{"sku":null,"n":2}]}' ]
	[ "${stderr_lines[0]}" = 'ms-trace: .email was forgotten: null stands there (1 time)' ]
	run -0 ms-trace verify --policy p.json two
}

@test "random policies leave nothing behind random stages, and mask once" {
	ms-trace keygen k
	for seed in 1 2; do
		status 0 "$MS_BUILD/tests/gone_property" k "$seed" 1500
	done
}

@test "a mask is made once, however many stages see the policy" {
	ms-trace keygen k
	export MS_POLICY=p.json MS_KEY_FILE=k
	policy '{"labels":{"pii":[".email"]},"mask":[".email",".items[].sku"],"rules":[{"id":"P","deny":"direct","label":"pii","unless":"mask"}]}'
	echo "$event" | ms-map '.x = .email' >one
	holds one '.x == .email and (.email | startswith("m:")) and ([._lineage[].op] == ["mask","map"])'
	ms-filter .id one | ms-map .y=1 | ms-fold . | ms-trace >two
	[ "$(jq -c '[.email,.items]' one)" = "$(jq -c '[.email,.items]' two)" ]
	[ "$(jq -c '[._lineage[] | select(.op == "mask")] | length' two)" = 1 ]
	run -0 ms-trace verify --policy p.json two
	# the same as ms-map's own
	MS_POLICY='' ms-map --mask .email --mask '.items[].sku' . <<<"$event" >own
	[ "$(jq -c '[.email,.items]' one)" = "$(jq -c '[.email,.items]' own)" ]
	[ "$(ms-map . own | jq -c '[.email,.items]')" = "$(jq -c '[.email,.items]' own)" ]
	# an option that says the same does it no second time
	[ "$(ms-map --mask .email . own | jq -c .email)" = "$(jq -c .email own)" ]
}

@test "what looks like a mask is one only where a record says so" {
	ms-trace keygen k
	policy '{"mask":[".email"]}'
	event='{"email":"m:00000000:0123456789012345678901"}'
	run -0 ms-map --policy p.json --key-file k . <<<"$event"
	[[ $output != *m:00000000* ]]
	# neither the record of another path nor one that forgot it
	for r in '"mask","rule":".email2"' '"forget","rule":".email"' '"forget","rule":".email; mask .x"' \
	    '"mask","rule":".\".email\""' '"map","rule":".email"' '"mask","rule":".email.x"' \
	    '"mask"' '"forget"' '"mask","rule":"b2:0123456789012345678901"' '"mask","rule":7'; do
		run -0 ms-map --policy p.json --key-file k . <<<"${event%\}},\"_lineage\":[{\"op\":$r}]}"
		[[ $output != *m:00000000* ]]
	done
	for r in '"mask","rule":".x, .email"' '"forget","rule":".email; mask .x, .email"' \
	    '"mask","rule":".[\"email\"]"' '"mask","rule":"/email"' '"mask","rule":".[]"'; do
		run -0 ms-map --policy p.json --key-file k . <<<"${event%\}},\"_lineage\":[{\"op\":$r}]}"
		[[ $output == *m:00000000* ]]
	done
	# what came there after the record is no mask
	run -0 ms-map --policy p.json --key-file k . <<<'{"email":"ada","_lineage":[{"op":"mask","rule":".email"}]}'
	[[ $output != *\"ada\"* ]]
}

@test "neither a record without a rule nor an option's own path passes for a mask" {
	ms-trace keygen k
	export MS_KEY_FILE=k
	policy '{"mask":[".email"]}'
	event='{"email":"m:00000000:4111111111111111aaaaaa","x":1}'
	for by in 'slim --forget .x' 'full --forget "/zz; mask .email" --forget .x' 'slim --mask .x'; do
		eval "ms-map --lineage $by . <<<'$event'" | ms-map --policy p.json . >out
		lacks 4111 out
		run -0 ms-trace verify --policy p.json out
	done
	# what an option masked is a mask, whatever the history says beside
	ms-map --lineage slim --mask .email . <<<'{"email":"ada"}' >one
	[ "$(ms-map --policy p.json . one | jq .email)" = "$(jq .email one)" ]
	# a rule tells paths in one form
	run -0 ms-map --forget /zz/0 --forget '.["x"]' --mask '/a~1b; mask /[]' --forget '.[]["a, b"]' . <<<'{"x":1}'
	[ "$(jq -r '._lineage[0].rule' <<<"$output")" = '.zz[0], .x, .[]."a, b"; mask ."a/b; mask "."[]"' ]
}

@test "a value that spells a path or a stage takes neither from the records" {
	ms-trace keygen k
	export MS_KEY_FILE=k
	export MS_RULES=rules
	policy '{"mask":[".customer_email"],"forget":[".customer_phone"]}'
	for mode in full slim compact; do
		ms-map --lineage "$mode" --policy p.json . \
		    <<<'{"customer_email":"customer_email","customer_phone":"customer_phone"}' >one
		ms-map --policy p.json . one | ms-filter --policy p.json . >two
		jq -e '._lineage[0].rule == ".customer_phone; mask .customer_email" and
		    ([._lineage[].op] == ["forget","map","map","filter"])' two
		[ "$(jq .customer_email one)" = "$(jq .customer_email two)" ]
		run -0 ms-trace verify --policy p.json two
	done
	ms-map --mask .email --forget .x . <<<'{"email":"a","x":1,"who":". email"}' |
	    jq -c '._lineage[0].rule = "customer . email"' | ms-trace forget .who >out
	holds out '._lineage[0].rule == "(forgotten)"'
	policy '{"rules":[{"id":"M","stage":"pricing","may":[".cost"]}]}'
	echo '{"id":1,"who":"pricing"}' | ms-map -n pricing .id=2 | ms-map --forget .who . >out
	run -1 ms-trace verify --policy p.json out
	[[ $output == *'rule M: stage pricing may not change .id'* ]]
}

@test "many paths to be masked cost the next stage little memory, whatever the rules" {
	ms-trace keygen k
	jq -nc '{mask: [range(200) | ".f\(.)"]}' >p.json
	# more rules than that, of other paths
	jq -nc '{f0: "a", _lineage: [range(300) as $r | {op: "mask", rule: ([range(200) | ".g\($r)_\(.)"] | join(", "))}]}' >in
	passed ms-map --policy p.json --key-file k . in
}

@test "where a stage writes what is masked anew, the next one masks that" {
	ms-trace keygen k
	export MS_POLICY=p.json MS_KEY_FILE=k
	policy '{"mask":[".email",".all[]"]}'
	printf 'id,email\n7,bob@example.org\n' >t.csv
	echo '{"id":7,"email":"ada@example.org","all":["ada@example.org"]}' | ms-trace |
	    ms-enrich -t t.csv -k .id --merge | ms-map '.all += ["bob@example.org"]' | ms-filter . >out
	lacks -e ada@ -e bob@ out
	holds out '.email == .all[1] and .email != .all[0] and (.all | length == 2)'
	[ "$(jq -r '.all[0]' out)" = "$(echo '{"email":"ada@example.org"}' | ms-map . | jq -r .email)" ]
	run -0 ms-trace verify --policy p.json out
	# what the last stage writes there is found
	ms-map '.email = "carl"' out >late
	run -1 ms-trace verify --policy p.json late
	[[ $output == *"mask: .email isn't masked, or wasn't after "* ]]
}

@test "slim and compact histories tell the next stage what was masked; off can't" {
	ms-trace keygen k
	export MS_POLICY=p.json MS_KEY_FILE=k MS_RULES=rules
	policy '{"mask":[".email",".a_path_that_makes_the_rule_so_long_that_it_is_told_by_its_hash_alone"],"forget":[".ip"]}'
	for mode in slim compact; do
		ms-map --lineage "$mode" . <<<"$event" >one
		ms-map --lineage "$mode" . one >two
		[ "$(jq -r .email one)" = "$(jq -r .email two)" ]
		[ "$(jq -c '[._lineage[].op]' two)" = '["forget","map","map"]' ]
	done
	refused 'ms-map: p.json: mask: without a record the next stage would mask once more, and --lineage off writes none; use slim' \
		ms-map --lineage off .
	policy '{"forget":[".email"]}'
	run -0 ms-map --lineage off . <<<'{"id":1,"email":"ada"}'
	[ "$output" = '{"id":1}' ]
}

@test "a policy with a mask and no key is refused at the start, with the remedy" {
	local why='p.json: mask: a mask needs a key: --key-file FILE, or MS_KEY_FILE, which ms-trace keygen FILE makes'

	policy '{"mask":[".email"]}'
	check() {
		run -2 "$cmd" --policy p.json "${args[@]}" <<<"$event"
		[ "$output" = "$cmd: $why" ]
	}
	every check
	MS_KEY_FILE=none run -2 ms-map --policy p.json . <<<"$event"
	[[ $output == 'ms-map: MS_KEY_FILE: none: No such file or directory'* ]]
	run -2 ms-map --policy p.json --key-file p.json . <<<"$event"
	[[ $output == 'ms-map: --key-file: p.json: '* ]]
	MS_KEY_FILE='' run -2 ms-map --mask .a . <<<"$event"
	[[ $output == 'ms-map: a mask needs a key: '* ]]
	run -2 ms-trace log --key-file k <<<"$event"
	[[ $output == 'ms-trace: --key-file is for what masks values'* ]]
	policy '{"forget":["._lineage"]}'
	refused "ms-map: p.json: '._lineage' is the event's history, of which what is forgotten goes by itself; ms-trace strip removes all of it" \
		ms-map --policy p.json .
}

@test "a stage is refused for its key before its state is touched" {
	ms-fold --state s.db '. + 1' <<<"$event" >a
	policy '{"mask":[".email"]}'
	run -2 ms-fold --policy p.json --state s.db --reset '. + 1' <<<"$event"
	ms-fold --state s.db --dump >dump
	[ -s dump ]
}

@test "a mask that the policy gives to one stage is done there, and asked for elsewhere" {
	ms-trace keygen k
	export MS_KEY_FILE=k
	policy '{"labels":{"pii":[".email"]},"mask":{"stage":"gate","paths":[".email"]},"rules":[{"id":"P","deny":"direct","label":"pii","unless":"mask"}]}'
	ms-filter -n gate --policy p.json . <<<"$event" >one
	holds one '._lineage[0].op == "mask" and ._lineage[0].stage == "gate"'
	event=$(<one)
	MS_KEY_FILE='' passed ms-map --policy p.json '.x = .email'
	ms-filter -n gate --policy p.json . one >two
	[ "$(jq .email one)" = "$(jq .email two)" ]
	event=${event//gate/other}
	rejected 'mask: no record shows that .email was masked by stage gate' ms-map --policy p.json '.x = .email'
	event='{"email":"ada","_lineage":[{"op":"mask","stage":"gate","rule":".email"}]}'
	rejected "mask: .email isn't a mask any more, as stage gate had left it" ms-map --policy p.json --rejects r .
	lacks "\"ada" r
	event='{"id":1}' passed ms-map --policy p.json '.x = .email'
	printf '%s\n' '{"email":"ada"' >bad
	status 1 ms-map --policy p.json --rejects r . bad 2>err
	lacks "\"ada" r err
	sed 's/"gate"/"other"/' one >other
	run -1 --separate-stderr ms-trace verify --policy p.json other
	[[ $stderr == 'ms-trace: other:1: mask: no record shows that .email was masked by stage gate' ]]
}

# A value that was written to a masked path, and is only history by now.
written_since() {
	ms-trace keygen k >id
	ms-map -n gate --mask .email --key-file k '.keep = .email | .schema = "order/1"' <<<"$event" |
		ms-map '.email = "bob@example.org"'
}

@test "where another stage masks, no revert brings back what was written since" {
	event=$(written_since | ms-map -n back '.email = .keep' | ms-map -n n '.n = 1')
	policy '{"mask":{"stage":"gate","paths":[".email"]}}'
	rejected 'mask: .email would come back as it was before it was masked' ms-trace revert --policy p.json --stage back
	passed ms-trace revert --policy p.json --stage n
}

@test "where another stage masks, no migration down brings back what was written since" {
	mkdir -p d/order
	echo true | tee d/order/1.json >d/order/2.json
	echo '.email = .keep' >d/order/1-2.jq
	event=$(written_since | ms-schema up -d d --to 2)
	policy '{"mask":{"stage":"gate","paths":[".email"]}}'
	rejected 'mask: .email would come back as it was before it was masked' ms-schema down -d d --to 1 --policy p.json
}

@test "where another stage masks, its mask allows no copy of the history" {
	policy '{"labels":{"pii":[".email"]},"mask":{"stage":"gate","paths":[".email"]},"rules":[{"id":"P","deny":"any","label":"pii","unless":"mask"}]}'
	event=$(written_since | ms-map '.email = .keep')
	passed ms-map --policy p.json '.x = .email'
	refused 'ms-map: p.json: rule P: .x comes from $lineage, which may hold .email, which is pii; mask it first, or forget it (at program:1:1)' \
		ms-map --policy p.json '.x = $lineage'
	passed ms-map --policy p.json --mask .email --key-file k '.x = $lineage'
	lacks bob <<<"$output"
}

@test "verify knows what was masked, forgotten or not there when a stage ran" {
	ms-trace keygen k
	export MS_KEY_FILE=k
	policy '{"labels":{"pii":[".email"]},"mask":[".email"],"rules":[{"id":"P","deny":"direct","label":"pii","unless":"mask"}]}'
	sound "ms-map --policy p.json '.x = .email'"
	event='{"id":1}' sound "ms-map --policy p.json '.x = .email'"
	policy '{"labels":{"pii":[".email"]},"rules":[{"id":"P","deny":"direct","label":"pii","unless":"mask"}]}'
	sound "ms-map --policy p.json --mask .email '.x = .email'"
	sound "ms-map --policy p.json --forget .email '.x = .email'"
	judged 'record 1 (map): rule P: .x comes from .email, which is pii' "ms-map '.x = .email'"
	judged 'record 2 (map): rule P: .x comes from .email, which is pii' "ms-map --mask .ip '.x = .email'"
	policy '{"mask":[".email"]}'
	judged "mask: .email isn't masked, or wasn't after 0 records" "ms-map 'del(.email)'"
	sound "ms-map 'del(.email)' | ms-map --policy p.json ."
	sound "ms-map --lineage slim 'del(.email)'"
	event='{"id":1}' judged "mask: .email isn't masked, or wasn't after 1 records" "ms-map '.email = 2'"
}

@test "unless mask holds where a stage masks by its own options" {
	ms-trace keygen k
	policy '{"labels":{"pii":[".email",".p.ip"]},"rules":[{"id":"P","deny":"direct","label":"pii","unless":"mask"},{"id":"Q","deny":"any","label":"pii"}]}'
	sed -i 's/,{"id":"Q".*}\]/]/' p.json
	refused 'ms-map: p.json: rule P: .x comes from .email, which is pii; mask it first, or forget it (at program:1:6)' \
		ms-map --policy p.json '.x = .email'
	passed ms-map --policy p.json --mask .email --key-file k '.x = .email'
	passed ms-map --policy p.json --mask /email --key-file k '.x = .email'
	passed ms-map --policy p.json --forget .email '.x = .email'
	passed ms-map --policy p.json --mask .p --key-file k '.x = .p.ip?'
	refused 'ms-map: p.json: rule P: .x comes from .email, which is pii; mask it first, or forget it (at program:1:6)' \
		ms-map --policy p.json --mask .p --key-file k '.x = .email'
	policy '{"labels":{"pii":[".email"]},"rules":[{"id":"P","deny":"direct","label":"pii"}]}'
	refused 'ms-map: p.json: rule P: .x comes from .email, which is pii; forget it first (at program:1:6)' \
		ms-map --policy p.json --mask .email --key-file k '.x = .email'
}

@test "protect and may have nothing against what the policy itself takes out" {
	ms-trace keygen k
	export MS_KEY_FILE=k
	policy '{"mask":[".email"],"forget":[".items[].sku"],"rules":[{"id":"A","protect":[".id",".email",".items"]},{"id":"B","stage":"price","may":[".cost"]}]}'
	ms-map --policy p.json -n price '.cost = 1' <<<"$event" >out
	holds out '._lineage[0] | .op == "forget" and .stage == "price"'
	run -0 ms-trace verify --policy p.json out
	ms-map --policy p.json '.[("x", "y")] = 1' <<<"$event" | ms-fold --policy p.json -n price --as .cost '. + 1' >out
	run -0 ms-trace verify --policy p.json out
	# another's record of a mask hides no change
	jq -c '.id = 8 | ._lineage |= map(select(.op == "forget") | .undo += [{"op":"replace","path":"/id","value":7}] | del(.sum))' out >forged
	run -1 --separate-stderr ms-trace verify --policy p.json forged
	[[ $stderr == *'(forget): rule A: .id is protected, and was changed'* ]]
}

@test "what a stage takes out by its own options is judged as what it writes" {
	ms-trace keygen k
	policy '{"forget":[".p"],"rules":[{"id":"A","protect":[".id"]},{"id":"B","stage":"price","may":[".cost"]}]}'
	refused 'ms-map: p.json: rule A: .id is protected, and this stage forgets .id; leave .id as it is' \
		ms-map --policy p.json --forget .id .
	refused 'ms-map: p.json: rule A: .id is protected, and this stage masks .id.x; leave .id as it is' \
		ms-map --policy p.json --mask .id.x --key-file k .
	refused 'ms-map: p.json: rule B: stage price may write .cost, and this stage masks .ip; leave .ip as it is' \
		ms-map --policy p.json -n price --mask .ip --key-file k .
	passed ms-map --policy p.json -n price --forget .cost.x --forget .p.x .
	ms-map --forget .id . <<<"$event" >out
	run -1 --separate-stderr ms-trace verify --policy p.json out
	[[ $stderr == *'record 1 (forget): rule A: .id is protected, and was changed' ]]
	ms-map -n price --forget .bytes . <<<"$event" >out
	run -1 --separate-stderr ms-trace verify --policy p.json out
	[[ $stderr == *'record 1 (forget price): rule B: stage price may not change .bytes' ]]
}

@test "lines of text have no paths, and are told nowhere" {
	policy '{"forget":[".email"]}'
	printf '%s\n' '{"email":"ada"}' 'ada' '[]' >in
	run -1 --separate-stderr ms-map -R --policy p.json --rejects r --trail t 'fromjson | if type == "array" then empty else . end' in
	echo "${lines[0]}" >made
	grep -q ada made
	lacks ada r t
	[[ $stderr != *ada* ]]
	[ "$(jq -c '[.line,.withheld,.text]' r)" = '[2,true,null]'$'\n''[3,true,null]' ]
	ms-filter --policy p.json . made >out
	lacks ada out
	status 0 ms-map -R --policy p.json --no-output drop --trail t2 empty in
	lacks ada t2
}

@test "a policy's mask holds in sealed histories" {
	ms-trace keygen k
	ms-trace keygen s
	policy '{"mask":[".email"],"forget":[".ip"]}'
	echo "$event" | ms-trace --seal-key s | ms-map --seal-key s '.m = .email | del(.email)' |
	    ms-filter --policy p.json --key-file k --seal-key s . | ms-map --policy p.json --key-file k --seal-key s '.z = 1' >out
	lacks -e ada@ -e 192.0 out
	run -0 ms-trace verify --policy p.json --seal-key s --require-seals out
	[ "$(jq -c '[._lineage[].op]' out)" = '["trace","map","forget","filter","map"]' ]
}

@test "results of windows show that the events were masked, so that it is done once" {
	ms-trace keygen k
	ms-trace keygen s
	printf '{"t":%d,"email":"ada@example.org"}\n' 1 2 70 3 >in
	export MS_KEY_FILE=k MS_SEAL_KEY=s MS_POLICY=p.json
	policy '{"mask":[".email"]}'
	ms-fold --window 1m --keep 5m --time .t --by .email --as .c '.+1' in >w
	ms-map . w | ms-filter . >out
	[ "$(jq -c '.email' out w | sort -u | wc -l)" -eq 1 ]
	[ "$(jq -c '[._lineage[].op]' out | sort -u)" = '["fold","mask","map","filter"]' ]
	[ "$(jq -c '[.c,._lineage[0].rev,(._lineage[1]|.rule,.undo)]' w | tr '\n' ' ')" = '[2,null,".email",null] [3,2,".email",null] [1,null,".email",null] ' ]
	run -0 ms-trace verify --policy p.json --require-seals out
	sed -n 2p out | ms-trace rewind | ms-trace strip >former
	[ "$(jq .c former)" -eq 2 ]
}

@test "where one stage is to mask, results of windows show that it has" {
	ms-trace keygen k
	printf '{"t":%d,"email":"ada@example.org","m":"m:0123abcd:AAAAAAAAAAAAAAAAAAAAAA"}\n' 1 2 >in
	export MS_POLICY=p.json
	policy '{"mask":{"stage":"in","paths":[".email",".m2"]}}'
	MS_KEY_FILE=k ms-map -n in . in >masked
	ms-fold -n sum --window 1m --time .t --by .email --as .c '.+1' masked >w
	ms-map -n next . w | ms-map >out .
	[ "$(jq -c '._lineage[1] | [.op,.stage,.rule]' out)" = '["mask","in",".email"]' ]
	run -0 ms-trace verify --policy p.json out
	MS_KEY_FILE=k ms-fold -n in --window 1m --time .t --by .email '.+1' in | ms-map . >out
	run -0 ms-trace verify --policy p.json out
	# what looks like a mask, where no event held one, isn't taken for one
	ms-fold --window 1m --time .t --as .m2 '$event.m' masked >w
	[ "$(jq -c '[._lineage[].op]' w)" = '["fold"]' ]
	run -1 --separate-stderr ms-map . w
	[[ $stderr == *'mask: no record shows that .m2 was masked by stage in'* ]]
}

@test "verify lets a window copy what its second record shows to be masked, and nothing else" {
	ms-trace keygen k
	export MS_KEY_FILE=k
	local mask='{"op":"mask","rule":".email","at":"2026-11-23T14:39:44Z"}' labels='"labels":{"pii":[".email"]},"rules":[{"id":"P","deny":"direct","label":"pii","unless":"mask"}]'
	printf '{"t":%d,"email":"ada@example.org"}\n' 1 2 >in
	# copied: the window's result in w
	copied() {
		ms-fold --window 1m --time .t --by .email --as .c '$event.email' >w
	}
	told() { # FILE
		run -1 --separate-stderr ms-trace verify --allow-outside --policy p.json "$1"
		[ "${lines[-1]}" = "0 sound, 1 against the policy" ]
		[[ $stderr == *"record 1 (fold): rule P: .c comes from .email, which is pii, and no record shows that it was masked"* ]]
	}
	for policy in "{$labels,\"mask\":[\".email\"]}" "{$labels,\"mask\":{\"stage\":\"m\",\"paths\":[\".email\"]}}"; do
		policy "$policy"
		MS_POLICY=p.json ms-map -n m . in | MS_POLICY=p.json copied
		holds w '.c == .email and ._lineage[1].op == "mask"'
		ms-map --policy p.json '.n = 1' w >w2
		run -0 ms-trace verify --policy p.json w w2
	done
	# by no other stage than that which masks
	sed 's/"stage":"m",//' w >other
	told other
	# what is sealed, or forgotten since, is judged the same
	policy "{$labels,\"mask\":[\".email\"]}"
	ms-map --policy p.json . in | MS_SEAL_KEY=k MS_POLICY=p.json copied
	run -0 ms-trace verify --policy p.json --seal-key k w
	ms-map --policy p.json . in | MS_POLICY=p.json copied
	ms-trace forget .window.from w >forgot
	holds forgot '._lineage[:2] | all(.sum == null)'
	run -0 ms-trace verify --policy p.json forgot
	policy "{$labels}"
	ms-map --mask .email . in | copied
	told w
	# a record that names another path, or changes something
	jq -c "._lineage += [$mask + {sum: ._lineage[0].sum}]" w >forged
	run -0 ms-trace verify --policy p.json forged
	jq -c "._lineage += [$mask + {sum: ._lineage[0].sum, rule: \".c\"}]" w >forged
	told forged
	jq -c "._lineage += [$mask + {undo: [{op: \"add\", path: \"/email\", value: \"x\"}]}] | del(._lineage[].sum)" w >forged
	told forged
	jq -c "._lineage += [$mask]" w >forged
	told forged
	# the value isn't masked, or isn't there, whatever a record says
	copied <in
	jq -c "._lineage += [$mask + {sum: ._lineage[0].sum}]" w >forged
	told forged
	jq -c "._lineage += [$mask + {sum: ._lineage[0].sum}] | del(.email)" w >forged
	told forged
	# what was masked later was copied before
	ms-map --mask .email . w >forged
	told forged
	policy '{"mask":[".email"]}'
	ms-filter --lineage slim --policy p.json . w >forged
	policy "{$labels}"
	holds forged '._lineage[1].op == "mask"'
	told forged
	jq -c 'del(._lineage[].undo)' forged >bare
	told bare
}

@test "a window's result that lacks the masked path shows as well of what it is made" {
	ms-trace keygen k
	export MS_KEY_FILE=k
	local labels='"labels":{"pii":[".email"]},"rules":[{"id":"P","deny":"any","label":"pii","unless":"mask"}]' policy p
	printf '{"t":%d,"email":"ada@example.org"}\n' 1 2 >in
	fold() {
		MS_POLICY=p.json ms-fold --window 1m --time .t "$@"
	}
	for policy in "{$labels,\"mask\":[\".email\"]}" "{$labels,\"mask\":{\"stage\":\"m\",\"paths\":[\".email\"]}}"; do
		policy "$policy"
		MS_POLICY=p.json ms-map -n m . in >masked
		for p in '.c = $event.email' '.c += [$event.email]' '.c = ($event.email | length)' '.[$event.email] += 1' '.c += [$event]' \
			'if $event.email > "m" then .c = 1 else . end'; do
			fold "$p" masked >w
			holds w '(has("email") | not) and ._lineage[1].rule == ".email"'
			ms-map --policy p.json '.n = 1' w >w2
			run -0 ms-trace verify --policy p.json w w2
		done
		fold --by '.email | ascii_upcase' '.n += 1' masked >w
		run -0 ms-trace verify --policy p.json w
		# nothing comes from there, and no event had anything there
		fold '.n += 1' masked >w
		holds w '[._lineage[].op] == ["fold"]'
		run -0 ms-trace verify --policy p.json w
		fold '.c = $event.email' <<<'{"t":1}' >w
		run -0 ms-trace verify --policy p.json w
	done
	# without the record, by another stage, or where others took the path out
	fold '.c = $event.email' masked >w
	jq -c 'del(._lineage[1])' w >bare
	jq -c '._lineage[1].stage = "x"' w >other
	fold --by .email '.c = $event.email' masked | jq -c 'del(.email)' >cut.json
	for w in bare other cut.json; do
		run -1 --separate-stderr ms-trace verify --allow-outside --policy p.json "$w"
		[[ $stderr == *"(fold): rule P: "*".email, which is pii"* ]]
	done
}

@test "what a window was made of is known after a restart, and under another policy" {
	ms-trace keygen k
	export MS_KEY_FILE=k
	local at window prog tick='{"ms.time":"2020-01-01T00:00:00Z"}' event='{"t":1,"email":"ada@example.org"}'
	local labels='"labels":{"pii":[".email"]},"rules":[{"id":"P","deny":"direct","label":"pii","unless":"mask"}]'
	# run POLICY LINE...: the pipeline's fold, for a part of the stream
	run_fold() {
		printf '%s\n' "${@:2}" | MS_POLICY=$1 ms-fold --time .t "${window[@]}" "${at[@]}" "$prog" 2>told
	}
	policy "{$labels,\"mask\":[\".email\"]}"
	for at in '--state s.db' '--state s.db --by .email' '--state s.db --late 1m'; do
		read -ra at <<<"$at"
		window=(--window 1m)
		[ "${at[2]:-}" != --late ] || window=(--window session:1m)
		prog='.c = $event.email'
		rm -f s.db
		run_fold p.json "$event" >out
		run_fold p.json "$tick" | grep -v ms.time >w
		ms-map --policy p.json . w >w2
		holds w2 '[._lineage[].op] == ["fold","mask","map"]'
		run -0 ms-trace verify --policy p.json w w2
		# it began without the policy, or goes on without: nothing is said
		[ "${at[2]:-}" != --by ] || continue
		for first in '' p.json; do
			rm -f s.db
			run_fold "$first" "$event" >out
			[ -n "$first" ] || run_fold p.json "$event" >out
			[ -z "$first" ] || run_fold '' "$event" >out
			run_fold p.json "$tick" | grep -v ms.time >w
			run -1 --separate-stderr ms-trace verify --policy p.json w
			[[ $stderr == *'record 1 (fold): rule P: .c comes from .email, which is pii'* ]]
		done
	done
}

@test "a session shows the masks of events that an earlier run held, where its result has them" {
	ms-trace keygen k
	export MS_KEY_FILE=k
	local first
	policy '{"mask":[".email"]}'
	for first in p.json ''; do
		rm -f s.db
		MS_POLICY=$first ms-fold --time .t --window session:1m --late 1m --state s.db '.email = $event.email' \
			>out 2>told <<<'{"t":1,"email":"ada@example.org"}'
		MS_POLICY=p.json ms-fold --time .t --window session:1m --late 1m --state s.db '.email = $event.email' \
			2>told <<<'{"ms.time":"2020-01-01T00:00:00Z"}' | grep -v ms.time >w
		if [ -n "$first" ]; then
			holds w '[._lineage[] | .op, .rule][2:] == ["mask",".email"]'
			run -0 ms-trace verify --policy p.json w
			run -0 ms-map --policy p.json 'select(.email != $e)' --arg e "$(jq -r .email w)" w
			[ -z "$output" ]
		else # it came without the policy: the value is to be masked yet
			holds w '[._lineage[].op] == ["fold"] and .email == "ada@example.org"'
		fi
	done
}

@test "a forged record of a mask, with the right sum, is found by the seals alone" {
	ms-trace keygen k
	policy '{"mask":[".m"]}'
	local add='._lineage += [._lineage[0] | {op: "mask", rule: ".m", at} + (if .sum then {sum} else {} end)]'
	for key in '' k; do
		ms-map ${key:+--seal-key k} . <<<'{"m":"m:0123abcd:AAAAAAAAAAAAAAAAAAAAAA"}' >out
		run -1 ms-trace verify --policy p.json out
		jq -c "$add" out >forged
		run -0 ms-trace verify --policy p.json forged
	done
	run -1 --separate-stderr ms-trace verify --policy p.json --seal-key k --require-seals forged
	[[ $stderr == *'record 2 (mask): '*seal* ]]
}

@test "a path counts the same among many others" {
	local many p rule
	many=$(seq 100 130 | sed 's/.*/".no&",".items[].no&",".d[].no&[]",".l[&]"/' | paste -sd,)
	for set in '["id"]' '["items",1,"sku"]' '["items",2]' '["d","b","q",0]' '["l",1]' '["x"]' '["d","c"]'; do
		echo '{"id":7,"items":[{"sku":"a"},{"sku":"b"},{"sku":"b","sku":1}],"d":{"a":{"q":[1]},"b":{"q":[2]}},"l":[1,2,3],"id":8,"set":'"$set}"
	done >in
	for p in .id '.items[].sku' '.d[].q[]' '.l[1]' '.items[1]' .d; do
		for rule in '"protect":[' '"stage":"s","may":[' '"protect":[".zz"]}],"mask":[' '"protect":[".zz"]}],"forget":['; do
			for paths in "\"$p\"" "$many,\"$p\""; do
				policy "{\"rules\":[{\"id\":\"A\",$rule$paths]}]}"
				[[ $rule != *zz* ]] || policy "{\"rules\":[{\"id\":\"A\",$rule$paths]}"
				ms-map -n s --policy p.json 'setpath(.set; "y")' in >out 2>told || true
				ms-map -n s 'setpath(.set; "y")' in | ms-trace verify --policy p.json >>told 2>&1 || true
				cp told "told.$((${#paths} > 30))"
			done
			cmp told.0 told.1
			cat told
		done
	done >all
	[ "$(grep -c 'rule A: ' all)" -gt 60 ]
}

@test "ms-trace forget does what the policy says, and forgets nothing that it protects" {
	ms-trace keygen k
	export MS_KEY_FILE=k MS_POLICY=p.json
	policy '{"mask":[".email"],"forget":[".ip"],"rules":[{"id":"P","protect":[".id"]}]}'
	ms-trace forget .bytes <<<"$event" >out
	lacks -e ada@ -e 192.0 -e bytes\": out
	run -0 ms-trace verify --policy p.json out
	refused 'ms-trace: p.json: rule P: .id is protected, and this stage forgets .id; leave .id as it is' \
		ms-trace forget .id
	# with --where, others pass only where nothing is to be done to them
	run -0 ms-trace forget --where 'false' .items out
	[ "$output" = "$(<out)" ]
	rejected 'forget: .ip is there, or was after 0 records' ms-trace forget --where 'false' --rejects r .items
	holds r '.withheld and (has("event") | not)'
}

@test "ms-trace seal and replay pass on nothing that the policy forgets or masks" {
	ms-trace keygen k
	ms-trace keygen --sign s
	policy '{"mask":[".email"],"forget":[".ip"]}'
	ms-map 'del(.email, .ip)' <<<"$event" >deleted
	ms-map --rejects raw 'error("no")' deleted 2>err || true
	ms-map --rejects none . <<<'{"email":"ada"' 2>err || true
	export MS_POLICY=p.json
	ms-map --key-file k --rejects well 'error("no")' <<<"$event" 2>err || true
	run -0 ms-trace replay well
	run -1 --separate-stderr ms-trace replay --rejects r raw none
	[ -z "$output" ]
	lacks -e ada -e 192.0 r
	[ "$(jq -c .error r | tr '\n' ' ')" = '"forget: .ip is there, or was after 0 records" "it is no event, so that what the policy has forgotten or masked in it can'"'"'t be told" ' ]
	ms-trace replay well | ms-trace seal --sign s | ms-trace verify --public s.pub
	run -1 --separate-stderr ms-trace seal --sign s --rejects r deleted
	lacks -e ada <<<"$output"
	holds r '.withheld and (has("event") | not)'
	# without its history a mask isn't shown to be one
	ms-trace replay well | ms-trace strip --key-file k >bare
	run -1 --separate-stderr ms-trace seal --sign s bare
	[[ $stderr == *'mask: no record shows that .email was masked' ]]
}

@test "a key that stands there twice hides no value from a policy" {
	ms-trace keygen k
	ms-map -n s --mask .p --key-file k . <<<'{"p":"ada@example.org","n":1}' >masked
	sed 's/^{/{"p":"bob@example.org",/' masked >twice
	policy '{"mask":[".p"]}'
	run -1 --separate-stderr ms-trace verify --allow-outside --policy p.json twice
	[[ $stderr == *"mask: .p isn't masked, or wasn't after 1 records" ]]
	policy '{"mask":{"stage":"s","paths":[".p"]}}'
	run -1 --separate-stderr ms-filter --policy p.json . twice
	[ -z "$output" ] && [[ $stderr == *".p isn't a mask any more"* ]]
	policy '{"forget":[".p",".o[].q"]}'
	for e in '{"p":"bob","p":null}' '{"o":{"a":{"q":1},"a":{"q":null}}}' \
		'{"o":[{"q":1,"q":null}]}'; do
		run -1 ms-trace verify --policy p.json <<<"$e"
	done
	run -0 ms-trace verify --policy p.json <<<'{"p":null,"p":null,"o":{"x":1,"x":2}}'
}

@test "only a first record can have made the event, of text or of others" {
	policy '{"labels":{"pii":[".email"]},"rules":[{"id":"P","deny":"direct","label":"pii"},{"id":"Q","protect":[".id"]}]}'
	ms-map . <<<"$event" | ms-map -n b '.x = .email | .id = 2' |
	    jq -c '._lineage[1].from = {"source":"-","line":1}' >forged
	run -1 --separate-stderr ms-trace verify --policy p.json forged
	[[ $stderr == *"record 2 (map b): it made the event of text, but isn't the first"* ]]
	run -1 ms-trace verify forged
	jq -c '._lineage[1] |= (del(.from) | .of = {"n":1})' forged >other
	run -1 --separate-stderr ms-trace verify --policy p.json other
	[[ $stderr == *"record 2 (map b): it made the event of others, but isn't the first"* ]]
	ms-map -R '{text: .}' <<<ada | ms-map . >made
	run -0 ms-trace verify --policy p.json made
	printf '%s\n' '{"n":1,"t":1}' '{"n":2,"t":100}' | ms-map . |
	    ms-fold --time .t --window 30s '.sum += $event.n' | ms-map . >made
	run -0 ms-trace verify --policy p.json made
}

@test "what is called forgotten hides only changes at the paths that its record names" {
	policy '{"forget":[".email",".o.\"0\".x",".l[0]"],"rules":[{"id":"A","protect":[".id"]},{"id":"B","stage":"s","may":[".cost"]}]}'
	ms-map -n s --policy p.json '.cost = 1' <<<'{"id":1,"email":"ada@example.org","o":{"0":{"x":1}},"l":["a"]}' >out
	run -0 ms-trace verify --policy p.json out
	local add='._lineage[0].undo += [{"op":"replace","path":"/id","value":null,"forgotten":true}] | del(._lineage[].sum)'
	jq -c ".id = 2 | $add" out >forged
	run -1 --separate-stderr ms-trace verify --policy p.json forged
	[[ $stderr == *'(forget s): rule A: .id is protected, and was changed'* ]]
	jq -c "$add" out | sed 's|"/id"|"/id\\u0000/email"|' | jq -c '.["id\u0000"] = {"email":1}' >forged
	run -1 ms-trace verify --policy p.json forged
	jq -c ".n = 2 | ${add//id/n}" out >forged
	run -1 --separate-stderr ms-trace verify --policy p.json forged
	[[ $stderr == *'(forget s): rule B: stage s may not change '* ]]
}

@test "what the policy asks for is told by its path, not by the event's keys" {
	policy '{"mask":{"stage":"in","paths":[".users[].mail"]}}'
	run -1 --separate-stderr ms-filter --policy p.json --rejects r . <<<'{"users":{"ada@example.org":{"mail":"x@y"}}}'
	[[ $stderr == *'no record shows that .users[].mail was masked by stage in'* ]]
	lacks ada r
	[[ $stderr != *ada* ]]
	run -1 --separate-stderr ms-filter --policy p.json . <<<'{"users":{"ada@example.org":{"mail":"x"}},"_lineage":[{"op":"mask","stage":"in","rule":".users[].mail"}]}'
	[[ $stderr == *".users[].mail isn't a mask any more"* && $stderr != *ada* ]]
}

@test "a key that stands there twice is protected each time" {
	policy '{"rules":[{"id":"A","protect":[".id",".o[].q",".p"]},{"id":"B","stage":"s","may":[".cost"]}]}'
	local e
	for e in '{"id":1,"id":2,"n":1}' '{"o":{"a":{"q":1},"a":{"q":2}}}' '{"o":[{"q":1,"q":2}]}' '{"p":{"a":1,"a":2}}'; do
		event=$e passed ms-map --policy p.json '.z = 1'
		event=$e run -1 --separate-stderr ms-map --policy p.json 'walk(if type == "object" then with_entries(.) else . end)' <<<"$e"
		[[ $stderr == *' is protected, and would change' ]]
	done
	event='{"a":1,"a":2}' passed ms-map -n s --policy p.json '.cost = 1'
	event='{"a":1,"a":2}' rejected 'rule B: stage s may not change .a' ms-map -n s --policy p.json 'with_entries(.)'
	event='{"cost":1,"cost":2}' passed ms-map -n s --policy p.json 'with_entries(.)'
	ms-map . <<<'{"id":1,"id":2,"n":1}' | MS_POLICY='' ms-map 'with_entries(.)' >out
	run -1 --separate-stderr ms-trace verify --policy p.json out
	[[ $stderr == *'record 2 (map): rule A: .id is protected, and was changed' ]]
}
