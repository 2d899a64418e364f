#!/usr/bin/env bats
# What numbers are worth, however they are spelled.
load helper

# gives PROGRAM INPUT OUTPUT
gives() {
	printf '{"in":%s}\n' "$2" >in
	status 0 ms-map --lineage off "{out: [.in | ($1)]}" <in >out
	same out "{\"out\":[$3]}" || {
		echo "program: $1, input: $2" >&2
		return 1
	}
}

@test "numbers compare by their exact value, however long" {
	gives '.[0] == .[1], .[0] < .[1], .[0] > .[1]' \
	    '[100000000000000000000,100000000000000000001]' false,true,false
	gives '.[0] == .[1]' '[100000000000000000000,1e20]' true
	gives '.[0] == .[1]' '[9007199254740993,9007199254740993.0]' true
	gives '.[0] == .[1]' '[9007199254740993,9007199254740992.0]' false
	gives '.[0] == .[1]' '[0.1,0.10000000000000000001]' false
	gives '.[0] == .[1]' '[0.1,0.1000000000000000000000]' true
	gives '. == 100000000000000000001' 100000000000000000001 true
	gives '. == 100000000000000000000' 100000000000000000001 false
	gives '. < 100000000000000000001' 100000000000000000000 true
	gives '.[0] < .[1]' '[-100000000000000000001,-100000000000000000000]' \
	    true
	gives '.[0] == .[1]' '[0,-0.0]' true
	gives '.[0] == .[1]' '[0e5,0.00e-99999]' true
}

@test "exponents are never expanded, and count to the last" {
	gives '.[0] < .[1], .[0] == .[2]' \
	    '[1e999999999,1e9999999999,10e999999998]' true,true
	gives '.[0] > 0, .[0] > .[1]' '[1e-999999999,1e-9999999999]' true,true
	gives '.[0] < .[1]' '[-1e999999999,-1e999999998]' true
	gives '. < infinite, . == infinite' 1e999 true,false
	gives '. > -infinite' -1e999 true
}

@test "what was computed is worth what it is written as" {
	gives '.[0] == .[1] / 10, .[0] == 1 / 10' '[0.1,1]' true,true
	gives '. == 1e22 * 10, 1e22 * 10 == 1e23' 1e23 true,true
	gives '. / 3 | . == (tojson | fromjson)' 10 true
	gives '[pow(2; range(1; 1000)) | . == (tojson | fromjson)] | all' null \
	    true
	gives '[pow(3; range(-600; 600)) | . == (tojson | fromjson)] | all' \
	    null true
	gives '. + 0 == .' 100000000000000000001 false
}

@test "what sorts, groups and looks up tells long numbers apart" {
	long='[100000000000000000001,100000000000000000000,1e20]'
	gives sort "$long" \
	    '[100000000000000000000,1e20,100000000000000000001]'
	gives unique "$long" '[100000000000000000000,100000000000000000001]'
	gives 'group_by(.) | map(length)' "$long" '[2,1]'
	gives 'min, max' "$long" 100000000000000000000,100000000000000000001
	gives 'min_by(.), max_by(.)' "$long" \
	    100000000000000000000,100000000000000000001
	gives 'index(.[1]), rindex(.[1]), indices(.[0])' "$long" '1,2,[0]'
	gives 'contains([100000000000000000002])' "$long" false
	gives 'contains([100000000000000000001])' "$long" true
	gives '.[0] | inside([100000000000000000000] | .[0])' "$long" false
	gives '.[0] | IN(100000000000000000000)' "$long" false
	gives 'sort | bsearch(100000000000000000001)' "$long" 2
	gives '. - [100000000000000000000]' "$long" '[100000000000000000001]'
	gives 'unique_by(.) | length' "$long" 2
	gives '.[1:] | any(.[]; . == 100000000000000000001)' "$long" false
	gives '[{a: .[0]}] | index({a: 100000000000000000000})' "$long" null
}

@test "a filter tells ids apart that differ in the last of many digits" {
	printf '{"id":%s}\n' 123456789012345678901234567890 \
	    123456789012345678901234567891 >in
	ms-filter --lineage off '.id == 123456789012345678901234567891' in >out
	same out '{"id":123456789012345678901234567891}'
}

@test "a table tells keys apart, however long they are" {
	ones=$(printf '1%.0s' {1..300})
	printf 'k,v\n%s1,a\n%s2,b\n' "$ones" "$ones" >t.csv
	printf '{"k":%s2}\n{"k":%s2.0}\n{"k":%s3}\n' "$ones" "$ones" "$ones" >in
	ms-enrich --lineage off -t t.csv -k .k --columns v in | cut -c 304- >out
	sed -n 's/.*"v":"\(.\)".*/\1/p' out >v
	same v b b
}
