#!/usr/bin/env bats
# ms-schema up and down: events taken from one version of a schema to another.
load helper

# object MEMBER=SCHEMA...: an object with just these members, all required.
object() {
	local members=() names=() m

	for m; do
		names+=("\"${m%%=*}\"")
		members+=("\"${m%%=*}\":${m#*=}")
	done
	local IFS=,
	printf '{"type":"object","required":[%s],"properties":{%s}}\n' \
	    "${names[*]}" "${members[*]}"
}

int='{"type":"integer"}'
text='{"type":"string"}'

# Three versions of an order: quantity becomes qty, a total comes, and the
# customer, a text, becomes an object.
setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p d/order
	object schema="$text" customer="$text" \
	    lines='{"type":"array","items":{"type":"object","required":["quantity"],"properties":{"quantity":{"type":"integer"}}}}' >d/order/1.json
	object schema="$text" customer="$text" total="$int" \
	    lines='{"type":"array","items":{"type":"object","required":["qty"],"properties":{"qty":{"type":"integer"}}}}' >d/order/2.json
	object schema="$text" customer='{"type":"object"}' total="$int" >d/order/3.json
	echo '.lines |= map(.qty = .quantity | del(.quantity)) | .total = ([.lines[].qty] | add)' >d/order/1-2.jq
	echo '.customer |= {name: .}' >d/order/2-3.jq
	one='{"schema":"order/1","n":1.10,"customer":"Ad\u0061","lines":[{"sku":"tea","quantity":2},{"sku":"cup","quantity":1}]}'
	two='{"schema":"order/2","customer":"Bo","total":3,"lines":[{"qty":3}]}'
	three='{"schema":"order/3","customer":{"name":"Cy"},"total":0,"lines":[]}'
}

up() {
	ms-schema up -d d --to "${1-latest}" "${@:2}"
}

down() {
	ms-schema down -d d --to "${1-1}" "${@:2}"
}

# rejected TEXT COMMAND...: the event on standard input is, and that is why.
rejected() {
	local text=$1

	shift
	status 1 "$@" >out 2>err
	[ "$(cat err)" = "ms-schema: standard input:1:$text" ] || {
		cat err
		return 1
	}
	[ ! -s out ]
}

# wrong TEXT COMMAND...: nothing is begun, and that is the first message.
wrong() {
	local text=$1

	shift
	status 2 "$@" <<<"$one" >out 2>err
	[ "$(head -n 1 err)" = "ms-schema: $text" ] || {
		cat err
		return 1
	}
	[ ! -s out ]
}

# --- up -----------------------------------------------------------------

@test "an event goes up step by step, with a record of each and its undo" {
	up <<<"$one" >out
	ms-trace strip out >event
	same event '{"schema":"order/3","n":1.10,"customer":{"name":"Ad\u0061"},"lines":[{"sku":"tea","qty":2},{"sku":"cup","qty":1}],"total":3}'
	holds out '._lineage | map([.op, .rule]) == [["schema","order 1>2"],["schema","order 2>3"]]'
	hash=$(sha256sum d/order/2.json | cut -c 1-32)
	holds out '._lineage[0].from == {schema: "order/2.json", hash: "'"$hash"'", was: "order/1.json"}'
	ms-trace rewind out >first
	same first "$one"
	ms-trace rewind --after 1 out | ms-trace strip >second
	holds second '.schema == "order/2" and .customer == "Ada"'
	status 0 ms-trace verify out
}

@test "--to stops at a version; what is there already is checked, above it nothing is" {
	printf '%s\n' "$one" "$two" '{"schema":"order/3"}' >in
	status 0 up 2 in >out
	holds <(ms-trace strip out | head -n 2) '.schema == "order/2"'
	sed -n 2p out >there
	holds there '._lineage[0] | .rule == "order 2" and (has("undo") | not) and (.from | has("was") | not)'
	[ "$(sed -n 3p out)" = '{"schema":"order/3"}' ]
}

@test "each result is checked, and the step is named with the schema's words" {
	echo '.total = "3"' >d/order/1-2.jq
	rejected ' order 1>2: /total is "3", a string; order/2.json wants an integer (at /properties/total)' up <<<"$one"
	echo '.total = 3 | .lines = []' >d/order/1-2.jq
	echo '.' >d/order/2-3.jq
	rejected ' order 2>3: /customer is "Ad\u0061", a string; order/3.json wants an object (at /properties/customer)' up <<<"$one"
}

@test "an event that isn't valid by its own version is told at its place" {
	rejected '34: order 1: /customer is 7, a number; order/1.json wants a string (at /properties/customer)' \
	    up <<<'{"schema":"order/1", "customer": 7,"lines":[]}'
}

@test "a reject says its step as its rule" {
	echo 'error("no \(.customer)")' >d/order/1-2.jq
	status 1 up latest --rejects r <<<"$one" 2>err
	holds r '.rule == "order 1>2" and .error == "order 1>2: order/1-2.jq: no Ada"'
	[ "$(jq -r .event r | jq -c .)" = "$(jq -c . <<<"$one")" ]
	status 0 up latest --on-error pass <<<"$one" >out 2>err
	holds out '.schema == "order/1" and ._lineage[0].rule == "up to latest" and (._lineage[0].failed | startswith("order 1>2"))'
}

@test "a program gives one object" {
	echo 'empty' >d/order/1-2.jq
	rejected ' order 1>2: order/1-2.jq gives no output' up <<<"$one"
	echo '., .' >d/order/1-2.jq
	rejected ' order 1>2: order/1-2.jq gives more than one output' up <<<"$one"
	echo '[.]' >d/order/1-2.jq
	rejected ' order 1>2: order/1-2.jq gives an array; an event is an object' up <<<"$one"
	echo '. + {_lineage: []}' >d/order/1-2.jq
	rejected " order 1>2: nothing can set _lineage; it is the event's history" up <<<"$one"
}

@test "the version is set behind the program, which may do so itself, but not wrongly" {
	local base='.total = 0 | .lines = []'

	for program in '.' '.schema = "order/2"' 'del(.schema)'; do
		echo "$base | $program" >d/order/1-2.jq
		up 2 <<<"$one" | ms-trace strip >out
		holds out '.schema == "order/2"'
	done
	echo "$base | .schema = \"order/7\"" >d/order/1-2.jq
	rejected " order 1>2: .schema of the result isn't order/2" up <<<"$one"
}

@test "a version can stand elsewhere, and be a number where the name is fixed" {
	local v

	object >d/order/1.json
	object >d/order/2.json
	echo '.' >d/order/1-2.jq
	while read -r v; do
		status 0 up 2 --name order --version-at .meta.v >out <<<"{\"meta\":{\"v\":$v}}"
		ms-trace strip out
	done >out2 <<-'VERSIONS'
		1
		"1"
		"order/1"
	VERSIONS
	same out2 '{"meta":{"v":2}}' '{"meta":{"v":"2"}}' '{"meta":{"v":"order/2"}}'
	status 0 up 2 --version-at /meta/0 >out <<<'{"meta":["order/1"]}'
	echo 'del(.meta)' >d/order/1-2.jq
	rejected ' order 1>2: the result has no place for .meta.v' \
	    up 2 --version-at .meta.v <<<'{"meta":{"v":"order/1"}}'
}

@test "an event says a name and a version that are there" {
	rejected ' .schema is missing; expected a schema'\''s name and version, as "order/1"' up <<<'{}'
	rejected ' .schema is 1; expected a schema'\''s name and version, as "order/1"' up <<<'{"schema":1}'
	rejected ' .schema is "order/01"; expected a schema'\''s name and version, as "order/1"' up <<<'{"schema":"order/01"}'
	rejected ' .schema is an object; expected a schema'\''s name and version, as "order/1"' up <<<'{"schema":{}}'
	rejected ' .schema says ../order/1, and d has no ../order' up <<<'{"schema":"../order/1"}'
	rejected ' .schema says item/1, and d has no item' up <<<'{"schema":"item/1"}'
	mv d/order/2.json d/order/5.json
	rm d/order/*.jq
	mkdir d/item
	cp d/order/1.json d/item
	echo . >d/order/1-3.jq
	rejected ' order has no version 2' up 3 <<<"$two"
	rejected ' item has no version 3' up 3 <<<'{"schema":"item/1"}'
	rejected ' .schema is 1.0; expected a version, as 1' up 3 --name order <<<'{"schema":1.0}'
}

@test "programs have the variables that ms-map gives them" {
	echo '.total = $n | .lines = [] | .customer = "\($lineage | length) \($line) \($source) \($stage)"' >d/order/1-2.jq
	status 0 up 2 --argjson n 5 -n migrate <<<"$one" >out
	holds out '.total == 5 and .customer == "0 1 - migrate" and ._lineage[0].stage == "migrate"'
}

# --- down ---------------------------------------------------------------

@test "down gives back what came, byte for byte" {
	up <<<"$one" >higher
	down 1 higher >out
	ms-trace strip out >event
	same event "$one"
	holds out '._lineage | map(.rule) == ["order 1>2","order 2>3","order 3>2","order 2>1"]'
	status 0 ms-trace verify out
	ms-trace rewind --after 2 out >again
	cmp again higher
}

@test "down names what was forgotten, and stays null" {
	mkdir d/user
	echo true | tee d/user/1.json d/user/2.json >d/user/3.json
	echo 'del(.fax)' >d/user/1-2.jq
	echo '.tels |= .[1:]' >d/user/2-3.jq
	printf '%s\n' '{"schema":"user/1","fax":"123456","tels":["555-01","555-02"]}' '{"schema":"user/1","n":1}' |
	    up | ms-trace forget .fax '.tels[]' >gone
	cat gone gone >in
	run -0 --separate-stderr ms-schema down -d d --to 1 -j 2 --lineage off in
	[ "$(ms-trace strip <<<"${lines[0]}")" = '{"schema":"user/1","fax":null,"tels":[null,null]}' ]
	same <(echo "$stderr") 'ms-schema: .fax was forgotten: null stands there (2 times)' \
	    'ms-schema: .tels[] was forgotten: null stands there (2 times)'
}

@test "up again, and down again" {
	up <<<"$one" | down 2 | up | down | up 2 | down >out
	ms-trace strip out >event
	same event "$one"
	ms-trace rewind out >first
	same first "$one"
}

@test "what later stages wrote elsewhere stays, and a move carries the present value" {
	up <<<"$one" | ms-map '.tax = 19 | .lines[1].qty = 5 | .lines[0].note = "x"' |
	    down 1 | ms-trace strip >event
	same event '{"schema":"order/1","n":1.10,"customer":"Ad\u0061","lines":[{"sku":"tea","note":"x","quantity":2},{"sku":"cup","quantity":5}],"tax":19}'
}

@test "what a later stage wrote over takes a program, or is a reject that says so" {
	up <<<"$one" | ms-map -n sums '.total += 1' >in
	rejected ' order 2>1: record 3 (map sums) wrote /total; so it takes order/2-1.jq, which isn'\''t there' down <in
	echo 'del(.total) | .lines |= map({sku, quantity: .qty})' >d/order/2-1.jq
	status 0 down 1 in >out
	ms-trace strip out >event
	same event '{"schema":"order/1","n":1.10,"customer":"Ad\u0061","lines":[{"sku":"tea","quantity":2},{"sku":"cup","quantity":1}]}'
	holds out '._lineage[-1].rule == "order 2>1"'
	ms-trace rewind --after 3 out >again
	cmp again in
}

@test "elements that moved since take a program" {
	up 2 <<<"$one" | ms-map '.lines |= reverse' >in
	rejected ' order 2>1: record 2 (map) wrote /lines; so it takes order/2-1.jq, which isn'\''t there' down <in
	up 2 <<<"$one" | ms-map '.lines |= reverse' | ms-map '.lines |= reverse' |
	    down | ms-trace strip >event
	same event "$one"
}

@test "what was read since is no matter" {
	up <<<"$one" | ms-filter '.total == 3' | ms-map '.copy = .total' |
	    down | ms-trace strip >event
	holds event '.copy == 3 and .schema == "order/1"'
}

@test "an event that was born high takes programs" {
	rejected ' order 3>2: no record took it up to 3; so it takes order/3-2.jq, which isn'\''t there' down <<<"$three"
	echo '.customer |= .name' >d/order/3-2.jq
	down 2 <<<"$three" | ms-trace strip >event
	same event '{"schema":"order/2","customer":"Cy","total":0,"lines":[]}'
	rejected ' order 2>1: no record took it up to 2; so it takes order/2-1.jq, which isn'\''t there' down <<<"$three"
	# an undo from 3, a program from 2
	echo 'del(.total) | .lines |= map({quantity: .qty})' >d/order/2-1.jq
	up <<<"$two" | ms-map '.customer.id = 1' >in
	status 0 down 1 in >out
	holds out '.customer == {"name":"Bo","id":1} or .customer == "Bo"'
}

@test "an event that is lower passes as it is" {
	printf '%s\n' "$one" '{"schema":"order/1"}' >in
	status 0 down 2 in >out
	cmp in out
}

@test "the result of an undo is checked too" {
	up 2 <<<"$one" | ms-map '.customer = "x"' >in
	object schema="$text" customer='{"const":"Ada"}' lines='{"type":"array"}' >d/order/1.json
	rejected ' order 2>1: /customer is "x", a string; order/1.json wants "Ada" (at /properties/customer)' down <in
}

@test "slim and off leave nothing to go back by, and down says so" {
	up latest --lineage slim <<<"$one" >in
	holds in '._lineage[1] | .from.was == "order/2.json" and (has("rule") or has("undo") | not)'
	rejected ' order 3>2: record 2 (schema): it was written without an undo (--lineage slim); so it takes order/3-2.jq, which isn'\''t there' down <in
	up latest --lineage off <<<"$one" >in
	rejected ' order 3>2: no record took it up to 3; so it takes order/3-2.jq, which isn'\''t there' down <in
	up latest --lineage-cap 60 <<<"$one" >in 2>err
	holds in '._lineage[0].truncated'
	grep -q '2 records without undo' err
	rejected ' order 3>2: record 2 (schema): its undo was too long and was truncated; so it takes order/3-2.jq, which isn'\''t there' down <in
}

@test "threads give what one gives" {
	for _ in $(seq 200); do printf '%s\n' "$one" "$two" "$three"; done >in
	up latest in >out
	up latest -j 4 in >out4
	cmp out out4
	grep -v '"total":0' out >higher
	down 2 higher >lower
	down 2 -j 4 higher >lower4
	cmp lower lower4
}

# --- directories ----------------------------------------------------------

@test "what is missing of a directory is told before the first event" {
	rm -f d/order/2-3.jq
	wrong 'd/order/2-3.jq is missing: the program that makes order/3 of order/2' up
	status 0 up 2 <<<"$one" >out # it isn't needed
	wrong '--to 9: no schema in d has that version' up 9
	wrong 'none: No such file or directory' ms-schema up -d none --to 1
	mkdir empty
	wrong 'empty: there is no schema, such as empty/order/1.json' ms-schema up -d empty --to 1
	wrong 'd/item: there is no schema, such as 1.json' up 1 --name item
	wrong '-d DIR is missing' ms-schema up --to 1
	wrong '--to VERSION is missing' ms-schema up -d d
	wrong "--to: '0' is no version: a number from 1, or latest" up 0
	wrong "--name: '../d' is no directory in d" up 1 --name ../d
	wrong "--version-at: '.' is no path as .a.b or /a/b" up 1 --version-at .
}

@test "a file whose name says no version, or leads nowhere, is told" {
	echo . >d/order/2-1.jq
	echo . >d/order/3-1.jq
	wrong 'd/order/3-1.jq: a program leads from a version to its neighbour' up
	rm d/order/3-1.jq
	echo . >d/order/3-4.jq
	wrong 'd/order/3-4.jq: there is no order/4.json' up
	rm d/order/3-4.jq
	echo '{}' >d/order/04.json
	wrong 'd/order/04.json: a version is a number from 1, as in 1.json and 1-2.jq' up
	rm d/order/04.json
	echo '{' >d/order/common.json # nobody's business
	touch d/README d/order/1-2.jq~
	status 0 up <<<"$one" >out
}

@test "a program or schema that is wrong is told with file and caret" {
	printf '.total = ' >d/order/1-2.jq
	wrong 'd/order/1-2.jq:1:10: the program ends where a value is expected' up
	echo . >d/order/1-2.jq
	echo '{"type":"strng"}' >d/order/2.json
	wrong 'd/order/2.json:1:9: there is no type "strng"' up
	status 0 up 1 <<<"$one" >out # nobody asked for 2
}

@test "versions may refer to one another, in a circle too" {
	object schema="$text" next='{"$ref":"2.json"}' >d/order/1.json
	object schema="$text" >d/order/2.json
	jq -c '.required = ["schema"] | .properties.next = {"$ref": "2.json"}' d/order/1.json >x
	mv x d/order/1.json
	jq -c '.properties.before = {"$ref": "1.json"}' d/order/2.json >x
	mv x d/order/2.json
	echo '.before = {schema: "x"}' >d/order/1-2.jq
	status 0 up 2 <<<'{"schema":"order/1","next":{"schema":"y"}}' >out
	echo '.before = {schema: 1}' >d/order/1-2.jq
	rejected ' order 1>2: /before/schema is 1, a number; 1.json wants a string (at /properties/schema)' up 2 <<<'{"schema":"order/1"}'
}

@test "no output may be a file of the directory" {
	for file in 1.json 1-2.jq; do
		status 3 up latest --rejects "d/order/$file" <<<"$one" >out 2>err
	done
}

# --- test -----------------------------------------------------------------

@test "test tells of each step what was tried, and that it holds" {
	echo 'del(.total) | .lines |= map(.quantity = .qty | del(.qty))' >d/order/2-1.jq
	printf '%s\n' "$one" "$one" "$two" >in
	status 0 ms-schema test -d d in >out 2>err
	same out 'order/1: 2 events' 'order/2: 1 event' \
	    'order/3: no event; one is made up' \
	    'order 1>2, order/1-2.jq: 2 tried, valid' \
	    'order 2>1, its undo: 2 tried, as they were' \
	    'order 2>1, order/2-1.jq: 3 tried, valid' \
	    'order 2>3, order/2-3.jq: 3 tried, valid' \
	    'order 3>2, its undo: 3 tried, as they were'
	[ ! -s err ]
}

@test "test names the first event that a program takes wrong, and exits 1" {
	printf '%s\n' "$one" "$two" '{"schema":"order/2","customer":"Bo","total":3,"lines":[],"vip":true}' >in
	echo 'if .vip then . else .customer |= {name: .} end' >d/order/2-3.jq
	status 1 ms-schema test -d d in >out 2>err
	why='in:3: order 2>3: /customer is "Bo", a string; order/3.json wants an object (at /properties/customer)'
	grep -qx "order 2>3, order/2-3.jq: 3 tried, 1 wrong; the first is $why" out
	same err "ms-schema: $why"
}

@test "an event made from the schema shows what the sample doesn't" {
	status 1 ms-schema test -d d <<<"$two" >out 2>err
	grep -qx 'order 1>2, order/1-2.jq: 1 tried, 1 wrong; the first is one made up, {"schema":"order/1","customer":"","lines":\[\]}: order 1>2: /total is null; order/2.json wants an integer (at /properties/total)' out
	grep -qx 'order 2>1, its undo: not tried' out
	[ ! -s err ]
}

@test "a version of which no event can be made is told as untried" {
	object schema="$text" id='{"type":"string","pattern":"^(?=.*x)(?=.*y)[a-z]{7}$"}' >d/order/1.json
	printf '%s\n' "$two" "$three" >in
	status 0 ms-schema test -d d in >out
	grep -qx 'order/1: no event; and none can be made up' out
	grep -qx 'order 1>2, order/1-2.jq: not tried' out
}

@test "test rejects what is no event of its version" {
	printf '%s\n' "$one" '{"schema":"order/3"}' '{}' >in
	status 1 ms-schema test -d d in >out 2>err
	grep -q '^ms-schema: in:2:.*order 3: ' err
	grep -q '^ms-schema: in:3: .schema is missing' err
}
