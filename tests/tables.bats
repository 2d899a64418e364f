#!/usr/bin/env bats
# ms-enrich: how keys find the rows of a table, and what becomes of them.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	printf '{"k":"a"}\n' >in
}

enrich() {
	status 0 ms-enrich --lineage off "$@" <in >out 2>err
}

# refused STATUS TEXT ARGS...: told in one line before the first event
refused() {
	local want=$1 text=$2

	shift 2
	status "$want" ms-enrich "$@" <in >out 2>err
	head -n 1 err >first
	grep -qF -- "$text" first || {
		cat err
		return 1
	}
	[ ! -s out ]
}

@test "several keys find a row together" {
	printf 'x,y,v\n1,a,one\n1,b,two\n2,a,three\n' >t.csv
	printf '%s\n' '{"x":1,"c":{"y":"b"}}' '{"x":2.0,"c":{"y":"a"}}' \
	    '{"x":2,"c":{"y":"b"}}' '{"x":1}' >in
	enrich -t t.csv -k .x -k .c.y --columns v
	[ "$(jq -c .t.v out | tr '\n' ' ')" = '"two" "three" null null ' ]
	status 0 ms-enrich -t t.csv -k .x -k .c.y=y <in >out
	head -n 1 out | jq -e '._lineage[0].rule ==
	    ".t = t.csv[x == .x, y == .c.y]"'
}

@test "keys are compared by value: 1.0 is 1, and \"1\" is another key" {
	printf 'k,v\n1,number\n"1",text\n2.50,half\ntrue,yes\n"true",word\n' >t.csv
	printf '%s\n' '{"k":1}' '{"k":1.0}' '{"k":1e0}' '{"k":"1"}' '{"k":25e-1}' \
	    '{"k":true}' '{"k":"true"}' >in
	enrich -t t.csv -k .k --columns v
	[ "$(jq -r .t.v out | tr '\n' ' ')" = \
	    'number number number text half yes word ' ]
	printf '%s\n' '{"k":1,"v":"number"}' '{"k":"1","v":"text"}' >t.ndjson
	head -n 4 in >four
	enrich -t t.ndjson -k .k --columns v <four
	[ "$(jq -r .t.v out | head -n 4 | tr '\n' ' ')" = \
	    'number number number text ' ]
}

@test "--types says what cells are, of the key too" {
	printf 'k,v,w,x\n007,1,2e3,\n8,true,4,yes\n' >t.csv
	printf '%s\n' '{"k":"007"}' '{"k":"8"}' >in
	enrich -t t.csv -k .k --types k:string,v:string,w:number
	same out '{"k":"007","t":{"k":"007","v":"1","w":2e3,"x":null}}' \
	    '{"k":"8","t":{"k":"8","v":"true","w":4,"x":"yes"}}'
	refused 3 "t.csv:3:3: 'true' is no number, as --types says of v" \
	    -t t.csv -k .k --types v:number
	refused 3 "t.csv:2:5: '1' is no boolean" -t t.csv -k .k --types v:boolean
	refused 2 'no column "z"' -t t.csv -k .k --types z:string
	refused 2 "'v:text' is no type" -t t.csv -k .k --types v:text
	echo '{"k":"a"}' >t.ndjson
	refused 2 'JSON says itself' -t t.ndjson -k .k --types k:string
}

@test "a number with an exponent stays a string, where no type says otherwise" {
	printf 'k,v\n12e4567,1E5\n' >t.csv
	echo '{"k":"12e4567"}' >in
	enrich -t t.csv -k .k --columns v
	same out '{"k":"12e4567","t":{"v":"1E5"}}'
}

@test "--separator says what stands between cells" {
	printf 'k;v\na;"x;y"\n' >t.csv
	enrich -t t.csv -k .k --separator ';' --columns v
	same out '{"k":"a","t":{"v":"x;y"}}'
	printf 'k|v\na|1,5\n' >t.txt
	enrich -t t.txt -k .k --separator '|' --columns v
	same out '{"k":"a","t":{"v":"1,5"}}'
	refused 2 'no character' -t t.csv -k .k --separator ';;'
	refused 2 'no character' -t t.csv -k .k --separator '"'
}

@test "--each joins a row to each element" {
	printf 'sku,price\nx,1.50\ny,2\n' >goods.csv
	printf '%s\n' '{"items":[{"sku":"x"},{"sku":"q"},{"sku":"y","n":1.0}]}' \
	    '{"items":[]}' >in
	status 0 ms-enrich -t goods.csv --each '.items[]' -k .sku --as .goods \
	    --columns price <in >out
	ms-trace strip <out >bare
	same bare '{"items":[{"sku":"x","goods":{"price":1.50}},{"sku":"q"},{"sku":"y","n":1.0,"goods":{"price":2}}]}' '{"items":[]}'
	holds out '._lineage[0].rule ==
	    ".items[] |= (.goods = goods.csv[sku == .sku] | {price})"'
	head -n 1 out >one
	holds one '._lineage[0].from | .table == "goods.csv" and
	    (.rows | map(.line // .miss)) == [2, true, 3] and
	    (.rows[0].hash | length) == 32 and .columns == ["price"]'
	holds one '._lineage[0].undo | map(.path) | sort ==
	    ["/items/0/goods", "/items/2/goods"]'
	status 0 ms-trace rewind <out >back
	cmp in back
}

@test "--each takes what --merge, --miss and --default do, element by element" {
	printf 'sku,price\nx,1.50\n' >goods.csv
	echo '{"i":[{"sku":"x"},{"sku":"q"}]}' >in
	enrich -t goods.csv --each '.i[]' -k .sku --merge --columns price \
	    --default '{"price":0}'
	same out '{"i":[{"sku":"x","price":1.50},{"sku":"q","price":0}]}'
	status 1 ms-enrich -t goods.csv --each '.i[]' -k .sku --as .g \
	    --miss reject <in >out 2>err
	grep -q 'standard input:1: no row for "q" in goods.csv' err
	echo '{"i":[1]}' >in
	status 1 ms-enrich -t goods.csv --each '.i[]' -k '(.|tostring)=sku' \
	    --as .g --miss null <in >out 2>err
	grep -q 'where an object is wanted' err
	refused 2 '' -t goods.csv --each '.i[' -k .sku
}

@test "--match cidr finds the longest network, IPv4 and IPv6" {
	cat >nets.csv <<'CSV'
net,zone
10.0.0.0/8,inner
10.1.0.0/16,office
10.1.2.3,printer
0.0.0.0/0,world
2001:db8::/32,six
2001:db8:1::/48,"six, one"
,nobody
CSV
	for ip in 10.9.9.9 10.1.9.9 10.1.2.3 192.0.2.1 2001:db8::1 \
	    2001:DB8:1:0::5 ::ffff:10.1.0.1 fe80::1 name '' 10.1.2.3/8; do
		echo "{\"ip\":\"$ip\"}"
	done >in
	echo '{"ip":10}' >>in
	status 0 ms-enrich -t nets.csv -k .ip=net --match cidr --columns zone \
	    <in >out
	[ "$(jq -r '.nets.zone // "-"' out | tr '\n' ';')" = \
	    'inner;office;printer;world;six;six, one;office;-;-;-;-;-;' ]
	holds out '._lineage[0].rule ==
	    ".nets = nets.csv[net contains .ip] | {zone}"'
	head -n 3 in >three
	status 0 ms-enrich --lineage off -t nets.csv -k .ip=net --match cidr \
	    --all --columns zone --as .z <three >out
	tail -n 1 out | jq -e '[.z[].zone] == ["inner","office","printer","world"]'
}

@test "what is no network is told with its line" {
	printf 'net,v\n10.0.0.0/8,1\n10.1.2.3/8,2\n' >t.csv
	refused 3 't.csv:3:1: "10.1.2.3/8" has bits set behind its length' \
	    -t t.csv -k .k=net --match cidr
	printf 'net,v\n10.0.0.0/40,1\n' >t.csv
	refused 3 't.csv:2:1: "10.0.0.0/40" has a length' \
	    -t t.csv -k .k=net --match cidr
	printf 'net,v\nhost,1\n' >t.csv
	refused 3 't.csv:2:1: "host" is no network' -t t.csv -k .k=net --match cidr
}

@test "--match prefix finds the longest text that the key starts with" {
	printf 'code,where\n49,Germany\n4930,Berlin\n1,"North America"\n' >t.csv
	printf '%s\n' '{"p":"493012345"}' '{"p":"4989"}' '{"p":491}' '{"p":"5"}' \
	    '{"p":""}' '{"p":null}' '{"p":"1"}' >in
	status 0 ms-enrich -t t.csv -k .p=code --match prefix --columns where \
	    <in >out
	[ "$(jq -r '.t.where // "-"' out | tr '\n' ';')" = \
	    'Berlin;Germany;Germany;-;-;-;North America;' ]
	holds out '._lineage[0].rule == ".t = t.csv[code begins .p] | {where}"'
	printf 'p,v\n,all\n/a,a\n/a/b,ab\n' >t.csv
	printf '%s\n' '{"p":"/a/b/c"}' '{"p":"/x"}' >in
	enrich -t t.csv -k .p --match prefix --all --as .t
	[ "$(jq -c '[.t[].v]' out | tr '\n' ' ')" = '["all","a","ab"] ["all"] ' ]
}

@test "--match range finds the row between two columns, both ends included" {
	printf 'country,from,to,rate\nde,0,100,a\nde,100.01,500,b\nfr,0,,c\nde,,-1,low\n' \
	    >t.csv
	printf '%s\n' '{"c":"de","n":100}' '{"c":"de","n":100.01}' \
	    '{"c":"de","n":501}' '{"c":"fr","n":1e9}' '{"c":"de","n":-5}' \
	    '{"c":"de","n":"7"}' '{"c":"de","n":-0.5}' >in
	status 0 ms-enrich -t t.csv -k .c=country -k .n=from..to --match range \
	    --columns rate <in >out
	[ "$(jq -r '.t.rate // "-"' out | tr '\n' ';')" = 'a;b;-;c;low;-;-;' ]
	holds out '._lineage[0].rule ==
	    ".t = t.csv[country == .c, from <= .n <= to] | {rate}"'
	printf 'from,to\n2,1\n' >t.csv
	refused 3 't.csv:2:1: 2 is above the end' -t t.csv -k .n=from..to \
	    --match range
	printf 'from,to\nx,1\n' >t.csv
	refused 3 't.csv:2:1: "x" is no number' -t t.csv -k .n=from..to \
	    --match range
	refused 2 'FROM..TO' -t t.csv -k .n=from --match range
}

@test "--as-of finds the row that was valid at the event's time" {
	cat >prices.csv <<'CSV'
sku,price,since
x,1,2026-01-01
y,7,2026-01-01
x,2,2026-02-01T00:00:00+01:00
CSV
	printf '%s\n' '{"sku":"x","at":"2026-01-31T22:59:59.999999Z"}' \
	    '{"sku":"x","at":"2026-01-31T23:00:00Z"}' \
	    '{"sku":"x","at":"2025-12-31"}' '{"sku":"x","at":1767225600}' \
	    '{"sku":"y","at":"2027-01-01"}' '{"sku":"z","at":"2027-01-01"}' \
	    '{"sku":"x"}' >in
	status 0 ms-enrich -t prices.csv -k .sku --as-of .at --valid since \
	    --columns price <in >out
	[ "$(jq -r '.prices.price // "-"' out | tr '\n' ';')" = '1;2;-;1;7;-;-;' ]
	holds out '._lineage[0].rule ==
	    ".prices = prices.csv[sku == .sku, since <= .at] | {price}"'
	echo '{"sku":"x","at":"soon"}' >in
	status 1 ms-enrich -t prices.csv -k .sku --as-of .at --valid since \
	    <in >out 2>err
	grep -q 'standard input:1: --as-of .at gives "soon", which is no time' err
}

@test "a period with an end holds up to it, and the one that starts last counts" {
	cat >t.csv <<'CSV'
k,v,from,to
a,whole,2026-01-01,2027-01-01
a,summer,2026-06-01,2026-09-01
a,open,2028-01-01,
CSV
	for day in 2026-05-31 2026-06-01 2026-08-31 2026-09-01 2026-12-31 \
	    2027-01-01 2028-01-01 2050-01-01; do
		echo "{\"k\":\"a\",\"d\":\"$day\"}"
	done >in
	enrich -t t.csv -k .k --as-of .d --valid from,to --columns v
	[ "$(jq -r '.t.v // "-"' out | tr '\n' ';')" = \
	    'whole;summer;summer;whole;whole;-;open;open;' ]
	printf 'k,from,to\na,2026-02-01,2026-01-01\n' >t.csv
	refused 3 't.csv:2:1: "2026-02-01" is behind the end of its period' \
	    -t t.csv -k .k --as-of .d --valid from,to
	printf 'k,from,to\na,soon,2026-01-01\n' >t.csv
	refused 3 't.csv:2:1: "soon" is no time' -t t.csv -k .k --as-of .d \
	    --valid from,to
}

@test "--as-of and --valid go together, with exact keys" {
	printf 'k,v\na,1\n' >t.csv
	refused 2 '--as-of needs --valid' -t t.csv -k .k --as-of .d
	refused 2 '--valid needs --as-of' -t t.csv -k .k --valid v
	refused 2 'FROM or FROM,TO' -t t.csv -k .k --as-of .d --valid a,b,c
	refused 2 'match exactly' -t t.csv -k .k --as-of .d --valid v --match cidr
	refused 2 'gives several times' -t t.csv -k .k --as-of '.d[]' --valid v
}

@test "--all gives an array of all rows of a key, in their order" {
	printf 'k,v\na,1\nb,2\na,3\na,4\n' >t.csv
	printf '%s\n' '{"k":"a"}' '{"k":"b"}' '{"k":"c"}' >in
	status 0 ms-enrich -t t.csv -k .k --all --columns v <in >out
	ms-trace strip <out >bare
	same bare '{"k":"a","t":[{"v":1},{"v":3},{"v":4}]}' \
	    '{"k":"b","t":[{"v":2}]}' '{"k":"c"}'
	head -n 1 out >one
	holds one '._lineage[0].from.rows | map(.line) == [2, 4, 5]'
	holds one '._lineage[0].rule == ".t = [t.csv[k == .k] | {v}]"'
	tail -n 1 out >one
	holds one '._lineage[0].from.rows == [{miss: true}]'
	status 0 ms-trace rewind <out >back
	cmp in back
	refused 2 '--merge and --all' -t t.csv -k .k --all --merge
}

@test "--repeated says which row of a key counts" {
	printf 'k,v\na,1\nb,2\na,3\n' >t.csv
	enrich -t t.csv -k .k --columns v
	same out '{"k":"a","t":{"v":3}}'
	same err 'ms-enrich: t.csv: k is repeated: 1 of 3 rows give way to later ones'
	enrich -t t.csv -k .k --columns v --repeated first
	same out '{"k":"a","t":{"v":1}}'
	grep -q 'give way to earlier ones' err
	refused 3 't.csv:4:1: its key came before' -t t.csv -k .k --repeated refuse
	refused 2 "'never' is not last, first or refuse" -t t.csv -k .k \
	    --repeated never
	refused 2 '--all and --repeated exclude each other' -t t.csv -k .k \
	    --all --repeated first
	printf 'net,v\n10.0.0.0/8,1\n11.0.0.0/8,2\n10.0.0.0/8,3\n' >t.csv
	echo '{"k":"10.1.1.1"}' >in
	enrich -t t.csv -k .k=net --match cidr --columns v
	same out '{"k":"10.1.1.1","t":{"v":3}}'
	enrich -t t.csv -k .k=net --match cidr --columns v --repeated first
	same out '{"k":"10.1.1.1","t":{"v":1}}'
	refused 3 't.csv:4:1: its key came before' -t t.csv -k .k=net \
	    --match cidr --repeated refuse
}

@test "--default stands in for a row" {
	printf 'k,v\nb,1\n' >t.csv
	status 0 ms-enrich -t t.csv -k .k --default '{"v": 0}' <in >out
	ms-trace strip <out >bare
	same bare '{"k":"a","t":{"v": 0}}'
	holds out '._lineage[0] | .rule == ".t = t.csv[k == .k] // {\"v\": 0}"
	    and .from == {table: "t.csv", miss: true}'
	enrich -t t.csv -k .k --default '[]' --all --as .t
	same out '{"k":"a","t":[]}'
	refused 2 'exclude each other' -t t.csv -k .k --default 1 --miss null
	refused 2 "--default: 2: " -t t.csv -k .k --default '{x}'
	refused 2 'with --merge it is an object' -t t.csv -k .k --merge --default 1
}

@test "a path without its dot is offered with it" {
	printf 'k,v\na,1\n' >t.csv
	refused 2 "a path starts with a dot: -k .k" -t t.csv -k k
	refused 2 "a path starts with a dot: -k .k=v" -t t.csv -k k=v
}

@test "a default name that would overwrite the key is refused" {
	printf 'ip,v\na,1\n' >ip.csv
	refused 2 'ip.csv: its rows would overwrite .ip, where the key is; --as' \
	    -t ip.csv -k .ip
	refused 2 'would overwrite .ip' -t ip.csv -k '.ip.addr=ip'
	echo '{"ip":"a","ipx":"a"}' >in
	enrich -t ip.csv -k .ip --as .who --columns v
	enrich -t ip.csv -k .ipx=ip --columns v
	same out '{"ip":{"v":1},"ipx":"a"}'
}

@test "a table from <(...) needs --as" {
	refused 2 'no name that a member could have' -t /dev/fd/63 -k .k
	enrich -t <(printf 'k,v\na,1\n') -k .k --as .t --columns v
	same out '{"k":"a","t":{"v":1}}'
}

@test "a string key that meets numbers is told at the end" {
	printf 'k,v\n1,one\n' >t.csv
	echo '{"k":"1"}' >in
	enrich -t t.csv -k .k
	grep -q '^ms-enrich: t.csv: .k never found a row by k (.*--types)' err
	enrich -t t.csv -k .k --types k:string
	[ ! -s err ]
}

@test "a million rows load in three times their size" {
	is_asan && skip "ASan takes memory of its own"
	awk 'BEGIN { print "k,v"; for (i = 0; i < 1000000; i++)
		print "key" i "," i * 3 }' >t.csv
	echo '{"k":"key999999"}' >in
	/usr/bin/time -f %M -o peak ms-enrich --lineage off -t t.csv -k .k \
	    <in >out
	same out '{"k":"key999999","t":{"k":"key999999","v":2999997}}'
	cat peak
	[ $(($(<peak) * 1024)) -le $((3 * $(stat -c %s t.csv))) ]
}

@test "bad tables are told with their line" {
	printf 'k,v\na,1\nb\n' >t.csv
	refused 3 't.csv:3:1: 1 cell where the header has 2' -t t.csv -k .k
	printf 'k,v\na,1\nb,2,3\n' >t.csv
	refused 3 't.csv:3:1: 3 cells where the header has 2' -t t.csv -k .k
	printf 'k,v\na,\377\n' >t.csv
	refused 3 't.csv:2:3: invalid UTF-8' -t t.csv -k .k
	: >t.csv
	refused 3 't.csv:1:1: there is no header row' -t t.csv -k .k
	mkdir d.csv
	refused 3 'd.csv: Is a directory' -t d.csv -k .k
	printf '{"k":1}\n{"k":\n' >t.ndjson
	refused 3 't.ndjson:2:6: ' -t t.ndjson -k .k
	printf '[{"k":1},\n3]' >t.json
	refused 3 't.json:2:1: not an object' -t t.json -k .k
	printf 'k,v\na,1\n' >t.csv
	refused 2 'no column "w"; the columns are k, v' -t t.csv -k .k --columns w
}

@test "a FIFO without a writer is waited for, which is told" {
	mkfifo t.fifo
	ms-enrich --lineage off -t t.fifo --as .t -k .k <in >out 2>err &
	eventually test -s err
	same err 'ms-enrich: t.fifo: is a FIFO: events wait for its rows'
	printf 'k,v\na,1\n' >t.fifo
	wait "$!"
	same out '{"k":"a","t":{"k":"a","v":1}}'
}

@test "a table that vanishes while it is followed, or lies behind a link" {
	printf 'k,v\na,1\n' >one
	printf 'k,v\na,2\n' >two
	ln -s one t.csv
	mkfifo events
	: >out
	ms-enrich --lineage off -t t.csv --follow -k .k --columns v \
	    <events >out 2>err &
	exec 5>events
	value() {
		local n=$(($(wc -l <out) + 1))
		echo '{"k":"a"}' >&5
		eventually reaches "$n" out
		tail -n 1 out | jq .t.v
	}
	[ "$(value)" = 1 ]
	ln -sf two new && mv -T new t.csv
	eventually prints 2 value
	rm t.csv two
	for _ in 1 2 3; do [ "$(value)" = 2 ]; done
	exec 5>&-
	wait "$!"
	[ ! -s err ]
}

@test "threads find the same rows" {
	awk 'BEGIN { print "k,v"; for (i = 0; i < 5000; i++) print "key" i "," i }' \
	    >t.csv
	awk 'BEGIN { for (i = 0; i < 60000; i++)
		print "{\"k\":\"key" i * 7919 % 6000 "\"}" }' >in
	enrich -t t.csv -k .k --columns v
	mv out one
	enrich -j 4 -t t.csv -k .k --columns v
	cmp one out
}

# randoms SEED N: so many events with members that the tables below join to
randoms() {
	awk -v seed="$1" -v n="$2" '
	function scalar() {
		return substr(words, 1 + 8 * int(rand() * 10), 8)
	}
	function member() {
		return rand() < 0.6 ? scalar() : "{\"v\": " scalar() ", \"k\":" \
		    scalar() "}"
	}
	BEGIN {
		srand(seed)
		words = "1       1.0     \"a\"     \"10.1\"  null    99      " \
		    "\"a b\"   1e0     true    \"\\u0061\""
		split("k v t x items", names, " ")
		while (n-- > 0) {
			line = ""
			for (i = 1; i < 5; i++)
				if (rand() < 0.6)
					line = line "\"" names[i] "\": " member() ","
			print "{" line "\"items\":[" (rand() < 0.5 ? \
			    "{\"k\":" scalar() ",\"v\": 0}, {\"k\":" scalar() "}" : "") "]}"
		}
	}'
}

@test "whatever found the row, the history gives the event back as it was" {
	local args

	randoms 10 400 >in
	printf 'k,v,x\n1,2,3\na,"q ""z",\n10.1,8,9\n99,,1\n' >t.csv
	printf 'k,since\na,2025-01-01\n1,2026-01-01\n' >p.csv
	for args in '--as .t' '--as .k' '--as .new.deep?' '--merge' \
	    '--merge --miss null' '--merge --default {}' \
	    '--all --as .v' '--match prefix --as .t' \
	    '--each .items[] --as .t' '--each .items[] --merge --miss null'; do
		# shellcheck disable=SC2086 # arguments
		ms-enrich -t t.csv -k .k $args <in >out 2>err || [ "$?" = 1 ]
		[ "$(grep -c '"hash"' out)" -ge 30 ]
		ms-trace rewind out >back
		lacks -Fxv -f in back
		ms-trace verify out
	done
	ms-enrich -t p.csv -k .k --as-of '"2026-02-01"' --valid since --merge \
	    <in >out 2>err
	ms-trace rewind out | cmp - in
}
