#!/usr/bin/env bats
# ms-enrich --mmdb: MaxMind databases.
# shellcheck disable=SC2030,SC2031 # the job of a test is its own
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	"$MS_BUILD/tests/mmdb_make" >geo.mmdb <<'END'
192.0.2.0/24 {"country":{"iso_code":"DE","names":{"de":"Deutschland","en":"Germany"}},"subdivisions":[{"iso_code":"BE"},{"iso_code":"XX"}]}
192.0.2.128/25 {"country":{"iso_code":"FR","names":{"en":"France"}},"subdivisions":[]}
2001:db8::/32 {"country":{"iso_code":"IT"}}
198.51.100.0/24 {"f":{"$float":1.1},"d":0.1,"big":{"$uint128":"ffffffffffffffffffffffffffffffff"},"b":{"$bytes":"00ff10"},"u":18446744073709551,"i":-5,"t":true,"a":[[],{}],"s":"é"}
END
	printf '%s\n' '{"ip":"192.0.2.1"}' '{"ip":"192.0.2.200"}' \
	    '{"ip":"2001:db8::1"}' '{"ip":"203.0.113.1"}' >in
}

teardown() {
	exec 5>&-
	[ -z "${job:-}" ] || wait "$job" || true
}

geo() {
	status 0 ms-enrich --lineage off --mmdb geo.mmdb "$@" <in >out 2>err
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

@test "the record of the longest network that holds an address is found" {
	geo -k .ip
	jq -c '.geo.country.iso_code' out >got
	same got '"DE"' '"FR"' '"IT"' null
	head -n 1 out >first
	same first '{"ip":"192.0.2.1","geo":{"country":{"iso_code":"DE","names":{"de":"Deutschland","en":"Germany"}},"subdivisions":[{"iso_code":"BE"},{"iso_code":"XX"}]}}'
	[ ! -s err ]
}

@test "what is no address is a miss" {
	for key in '"192.0.2"' '"192.0.2.1 "' '"192.0.2.0/24"' '"0xC0000201"' \
	    '"localhost"' 3221225985 null '["192.0.2.1"]' '"192.0.2.1\u0000"' \
	    '"::1%lo"' '""'; do
		echo "{\"ip\":$key}"
	done >in
	geo -k .ip
	cmp in out
	printf '%s\n' '{"ip":"::ffff:192.0.2.1"}' '{"ip":"2001:DB8:0::1"}' \
	    '{"ip":"::192.0.2.1"}' >in
	geo -k .ip --columns country.iso_code --merge
	[ "$(jq -r .country.iso_code out | tr '\n' ' ')" = 'DE IT DE ' ]
	"$MS_BUILD/tests/mmdb_make" -4 <<<'192.0.2.0/24 {"a":1}' >v4.mmdb
	status 0 ms-enrich --lineage off --mmdb v4.mmdb -k .ip <in >out
	[ "$(jq -c .v4.a out | tr '\n' ' ')" = '1 null null ' ]
}

@test "columns are dotted paths, and keep their place in the record" {
	geo -k .ip --columns country.iso_code,country.names.de,subdivisions.1.iso_code
	jq -c .geo out >got
	same got '{"country":{"iso_code":"DE","names":{"de":"Deutschland"}},"subdivisions":[null,{"iso_code":"XX"}]}' \
	    '{"country":{"iso_code":"FR","names":{"de":null}},"subdivisions":[null,{"iso_code":null}]}' \
	    '{"country":{"iso_code":"IT","names":{"de":null}},"subdivisions":[null,{"iso_code":null}]}' \
	    null
	geo -k .ip --columns country,country.iso_code,none --as .where.geo
	head -n 1 out | jq -ce '.where.geo == {country: {iso_code: "DE",
	    names: {de: "Deutschland", en: "Germany"}}, none: null}'
	geo -k .ip --columns country.iso_code --merge --miss null
	same out '{"ip":"192.0.2.1","country":{"iso_code":"DE"}}' \
	    '{"ip":"192.0.2.200","country":{"iso_code":"FR"}}' \
	    '{"ip":"2001:db8::1","country":{"iso_code":"IT"}}' \
	    '{"ip":"203.0.113.1","country":null}'
	refused 2 '--columns a..b: a name of a column is empty' --mmdb geo.mmdb \
	    -k .ip --columns a..b
	refused 2 '--merge needs --columns' --mmdb geo.mmdb -k .ip --merge
}

@test "each type becomes JSON, exactly" {
	echo '{"ip":"198.51.100.7"}' >in
	geo -k .ip
	same out '{"ip":"198.51.100.7","geo":{"f":1.1,"d":0.1,"big":340282366920938463463374607431768211455,"b":"AP8Q","u":18446744073709551,"i":-5,"t":true,"a":[[],{}],"s":"é"}}'
	geo -k .ip --columns a,big,f
	same out '{"ip":"198.51.100.7","geo":{"a":[[],{}],"big":340282366920938463463374607431768211455,"f":1.1}}'
}

@test "the record names the file and the hash of the answer" {
	status 0 ms-enrich --mmdb geo.mmdb -k .ip --columns country.iso_code <in >out
	hash=$(printf '{"country":{"iso_code":"DE"}}' | sha256sum | cut -c 1-32)
	head -n 1 out | jq -e --arg h "$hash" '._lineage[0] | .from ==
	    {table: "geo.mmdb", hash: $h, columns: ["country"]} and
	    .rule == ".geo = geo.mmdb[.ip] | {country.iso_code}"'
	tail -n 1 out | jq -e '._lineage[0].from.miss'
	echo '{"hops":[{"ip":"192.0.2.1"},{"ip":"192.0.2.200"}]}' >in
	status 0 ms-enrich --mmdb geo.mmdb -k .ip --each '.hops[]' --merge \
	    --columns country.iso_code <in >out
	jq -ce '([.hops[].country.iso_code] == ["DE", "FR"]) and
	    (._lineage[0].from.rows | length == 2)' out
}

@test "--refresh repairs what a file said" {
	status 0 ms-enrich --mmdb geo.mmdb -k .ip --columns country.iso_code <in >old
	status 0 ms-enrich --refresh --mmdb geo.mmdb -k .ip \
	    --columns country.iso_code <old >out
	cmp old out
	"$MS_BUILD/tests/mmdb_make" >geo.mmdb \
	    <<<'192.0.2.0/24 {"country":{"iso_code":"AT"}}'
	status 0 ms-enrich --refresh --mmdb geo.mmdb -k .ip \
	    --columns country.iso_code <old >out
	jq -c '[.geo.country.iso_code, (._lineage | length)]' out >got
	same got '["AT",2]' '["AT",2]' '[null,2]' '[null,1]'
}

@test "a file that is none, is cut short or isn't there is told" {
	echo 'no database' >text.mmdb
	refused 3 'text.mmdb: is no MaxMind database, or it is' \
	    --mmdb text.mmdb -k .ip
	: >empty.mmdb
	refused 3 'empty.mmdb: is empty' --mmdb empty.mmdb -k .ip
	refused 3 'none.mmdb: No such file' --mmdb none.mmdb -k .ip
	refused 3 '.: Is a directory' --mmdb . -k .ip --as .x
	size=$(stat -c %s geo.mmdb)
	for n in 1 100 $((size / 2)) $((size - 150)) $((size - 1)); do
		head -c "$n" geo.mmdb >cut.mmdb
		refused 3 'cut.mmdb: is no MaxMind database, or it is' \
		    --mmdb cut.mmdb -k .ip
	done
	mkfifo f.mmdb
	refused 3 'f.mmdb: is a FIFO, and a file is wanted' --mmdb f.mmdb -k .ip
	refused 2 "-k is given twice" --mmdb geo.mmdb -k .ip -k .x
	refused 2 '-k .ip' --mmdb geo.mmdb -k ip
	refused 2 "--follow doesn't go with --mmdb" --mmdb geo.mmdb -k .ip --follow
}

@test "a record that can't be read is an error of the event" {
	# the first record's map says that it has more members than there are
	offset=$(grep -abo country geo.mmdb | head -n 1 | cut -d : -f 1)
	printf '\377\377\377\377' |
	    dd of=geo.mmdb bs=1 seek=$((offset - 2)) conv=notrunc 2>/dev/null
	status 1 ms-enrich --lineage off --mmdb geo.mmdb -k .ip <in >out 2>err
	grep -q ':1: geo.mmdb: is corrupt: a record can.t be read' err
	lines 3 out
}

@test "a file that is replaced is swapped, and one that is bad isn't" {
	mkfifo events
	: >out
	ms-enrich --lineage off --mmdb geo.mmdb -k .ip --stats \
	    --columns country.iso_code --merge <events >out 2>err &
	job=$!
	exec 5>events
	code() {
		local n=$(($(wc -l <out) + 1))
		echo '{"ip":"192.0.2.1"}' >&5
		eventually reaches "$n" out
		sed -n "${n}p" out | jq -r .country.iso_code
	}
	until_seen() {
		eventually prints "$1" code
	}
	until_seen DE
	"$MS_BUILD/tests/mmdb_make" >new \
	    <<<'192.0.2.0/24 {"country":{"iso_code":"AT"}}'
	cp new old
	mv new geo.mmdb
	until_seen AT
	head -c 50 old >new
	mv new geo.mmdb
	eventually grep -q 'what was known before stays' err
	grep -q 'geo.mmdb: is no MaxMind database.*; what was known before stays' err
	until_seen AT
	# in place, while it is used
	"$MS_BUILD/tests/mmdb_make" >geo.mmdb \
	    <<<'192.0.2.0/24 {"country":{"iso_code":"CH"}}'
	until_seen CH
	exec 5>&-
	wait "$job"
	grep -qE 'geo.mmdb: [0-9]+ hits, 0 misses, [0-9]+ reloads, [0-9]+ failures$' err
}

@test "MaxMind's own test databases are read, and the bad ones survived" {
	data=${MS_MAXMIND:-$shared/maxmind}
	[ -d "$data/test-data" ] || skip "MaxMind's test data isn't there"
	echo '{"ip":"81.2.69.160"}' >in
	status 0 ms-enrich --lineage off --mmdb "$data/test-data/GeoIP2-City-Test.mmdb" \
	    -k .ip --as .g --columns country.iso_code,city.names.en <in >out
	same out '{"ip":"81.2.69.160","g":{"country":{"iso_code":"GB"},"city":{"names":{"en":"London"}}}}'
	echo '{"ip":"::1.1.1.0"}' >in
	status 0 ms-enrich --lineage off --as .g -k .ip \
	    --mmdb "$data/test-data/MaxMind-DB-test-decoder.mmdb" <in >out
	jq -ce '.g | .map.mapX.arrayX == [7, 8, 9] and .float == 1.1 and
	    .bytes == "AAAAKg==" and .int32 == -268435456' out
	printf '{"ip":"%s"}\n' 1.1.1.1 ::1 81.2.69.160 1.1.1.16 >in
	for file in "$data"/test-data/*.mmdb "$data"/bad-data/*/*.mmdb; do
		run -0 within 10 sh -c 'ms-enrich --lineage off --as .g -k .ip \
		    --mmdb "$1" <in >out 2>err; [ $? -le 3 ]' - "$file"
	done
}
