#!/usr/bin/env bats
# ms-enrich --refresh: what was joined before is repaired.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	printf 'ip,host\n1,web\n2,db\n3,old\n' >hosts.csv
	printf '%s\n' '{"ip":1, "n":1.0}' '{"ip":2}' '{"ip":9}' '{"ip":3}' |
	    ms-enrich -t hosts.csv -k .ip --columns host |
	    ms-map -n after '.len = (.hosts.host // "" | length) | del(.ip)' \
	    >events
	printf 'ip,host\n1,web\n9,new\n2,base\n' >hosts.csv
}

refresh() {
	ms-enrich --refresh -t hosts.csv -k .ip --columns host "$@"
}

@test "rows that are the same pass byte for byte, others are replaced" {
	refresh <events >out
	lines 4 out
	head -n 1 events >want
	head -n 1 out | cmp want -
	sed -n 2p out | jq -e '.hosts == {host: "base"} and .len == 2 and
	    (._lineage | length) == 3 and ._lineage[2].from.line == 4'
	sed -n 3p out | jq -e '.hosts == {host: "new"} and .len == 0'
	sed -n 4p out | jq -e '(has("hosts") | not) and .len == 3 and
	    ._lineage[2].from == {table: "hosts.csv", miss: true,
	    columns: ["host"], repairs: 1}'
	tail -n 3 out | ms-trace rewind --before 3 | cmp <(tail -n 3 events) -
	ms-trace rewind <out | jq -c 'del(._lineage)' | tail -n 1 >first
	same first '{"ip":3}'
}

@test "a second repair finds nothing to do" {
	refresh <events >once
	refresh <once >twice
	cmp once twice
	printf 'ip,host\n2,third\n' >hosts.csv
	refresh <twice 2>err | sed -n 2p | jq -e '.hosts.host == "third" and
	    ._lineage[3].from.repairs == 1'
}

@test "--check writes those that would change, as they are" {
	refresh --check <events >out
	tail -n 3 events | cmp - out
	refresh <events | refresh --check >out
	[ ! -s out ]
	status 2 ms-enrich --check -t hosts.csv -k .ip <events >out 2>err
	grep -q -- '--check goes with --refresh' err
}

@test "a later stage that changed what was joined makes a reject that names it" {
	ms-map -n mine '.hosts.host = "by hand"' <events >changed
	status 1 refresh --rejects rej <changed >out 2>err
	holds rej '.error |
	    test("record 3 \\(map mine\\) changed what record 1 joined")'
	lines 3 rej
	lines 1 out
}

@test "events without such a record pass as they are" {
	printf '%s\n' '{"ip":2}' '{"ip": 1,"hosts":"x"}' >plain
	refresh <plain >out
	cmp plain out
	ms-enrich -t hosts.csv -k .ip --as .other <plain >out
	refresh <out >again
	cmp out again
}

@test "--merge, --each and --all are repaired as well" {
	printf 'sku,price,v\nx,1,a\ny,2,b\nx,3,c\n' >goods.csv
	echo '{"i":[{"sku":"x"},{"sku":"q"},{"sku":"y"}],"sku":"y","price":"own"}' >in
	for how in '--each .i[] --as .g' '--merge' '--all --as .g' \
	    '--each .i[] --merge --columns price' '--each .i[] --all --as .g'; do
		printf 'sku,price,v\nx,1,a\ny,2,b\nx,3,c\n' >goods.csv
		# shellcheck disable=SC2086 # options and their values
		ms-enrich -t goods.csv -k .sku $how <in >events 2>err
		# shellcheck disable=SC2086
		ms-enrich -t goods.csv -k .sku $how --refresh <events >out 2>err
		cmp events out
		printf 'sku,price,v\nq,9,q\nx,3,c\n' >goods.csv
		# shellcheck disable=SC2086
		ms-enrich -t goods.csv -k .sku $how --refresh <events >out 2>err
		# shellcheck disable=SC2086
		ms-enrich -t goods.csv -k .sku $how <in 2>err | ms-trace strip |
		    jq -cS . >want
		ms-trace strip <out | jq -cS . >got
		diff want got
		ms-trace rewind --before 2 <out | cmp events -
	done
}

@test "two places in the same elements are told apart" {
	printf 'sku,v\nx,1\n' >t.csv
	echo '{"i":[{"sku":"x"}]}' |
	    ms-enrich -t t.csv -k .sku --each '.i[]' --as .one |
	    ms-map 'del(.i[].one)' |
	    ms-enrich -t t.csv -k .sku --each '.i[]' --as .two >events
	printf 'sku,v\nx,2\n' >t.csv
	ms-enrich --refresh -t t.csv -k .sku --each '.i[]' --as .two <events >out
	holds out '.i == [{sku: "x", two: {sku: "x", v: 2}}]'
	status 1 ms-enrich --refresh -t t.csv -k .sku --each '.i[]' --as .one \
	    <events 2>err >out
	grep -q 'record 2 (map) changed what record 1 joined' err
}

@test "a member that the row had overwritten comes back with a miss" {
	echo '{"ip":3,"hosts":"own"}' >in
	printf 'ip,host\n3,old\n' >hosts.csv
	ms-enrich -t hosts.csv -k .ip <in >events
	printf 'ip,host\n4,new\n' >hosts.csv
	ms-enrich -t hosts.csv -k .ip --refresh <events 2>err | ms-trace strip >out
	cmp in out
}

@test "a history without undo is a reject" {
	printf 'ip,host\n3,old\n' >hosts.csv
	echo '{"ip":3,"x":1}' | ms-enrich -t hosts.csv -k .ip |
	    ms-map --lineage-cap 0 '.x = 2' >events
	printf 'ip,host\n3,new\n' >hosts.csv
	status 1 ms-enrich --refresh -t hosts.csv -k .ip <events >out 2>err
	grep -q -- '--refresh: record 2' err
}
