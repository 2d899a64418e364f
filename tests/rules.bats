#!/usr/bin/env bats
# --lineage compact: long rules are written once, to the file MS_RULES.
# shellcheck disable=SC2030,SC2031 # each test has an environment of its own
load helper

LONG='.cost = (.bytes // 0) * 0.01 | .host = "server" | del(.user)'

setup_file() {
	export MS_NOW=2026-11-22T14:39:44.123456Z
}

@test "a compact history holds the hash, and the file the rule once" {
	export MS_RULES=rules MS_LINEAGE=compact
	for _ in 1 2; do
		echo '{"bytes":1,"user":"u"}' | ms-trace |
		    ms-map -n price "$LONG" | ms-filter '.cost > 0' >out
	done
	lines 1 rules
	[ "$(jq -r .text rules)" = "$LONG" ]
	jq -c '._lineage[].rule' out >got
	same got null "$(jq .rule rules)" '".cost > 0"'
	jq -r '.text' rules | tr -d '\n' | b2sum -l 128 | cut -d' ' -f1 >sum
	[ "b2:$(cat sum)" = "$(jq -r .rule rules)" ]
	[ "$(ms-trace rewind out 2>/dev/null | head -n 1 | jq -c '[.bytes,.user]')" = '[1,"u"]' ]
}

@test "the file of rules is no file that is read, and no output" {
	local option

	export MS_LINEAGE=compact
	echo '{"bytes":1}' | tee in >keep
	ln -s in link
	echo "$LONG" >program
	MS_RULES="link" run -3 ms-map "$LONG" in
	[ "$output" = 'ms-map: link: is an input as well' ]
	MS_RULES=in run -3 ms-map "$LONG" <in
	MS_RULES=program run -3 ms-map -f program in
	[ "$output" = 'ms-map: program: is the program as well' ]
	MS_RULES=in run -3 ms-map --rawfile x in "$LONG" <<<'{}'
	cmp in keep
	for option in --else --rejects --trail; do
		rm -f rules
		MS_RULES=rules run -3 within 20 ms-filter "$option" rules "$LONG" in
		[ "$output" = 'ms-filter: rules: is an output as well' ]
	done
	rm rules
	MS_RULES=rules status 3 ms-map "$LONG" in >rules 2>err
	same err 'ms-map: rules: is an output as well'
}

@test "readers see the text of compact rules as that of full ones" {
	echo '{"bytes":1,"user":"u"}' >in
	# shellcheck disable=SC2094 # two files: in, and what -n names
	MS_RULES=rules ms-map -n price --lineage compact "$LONG" in >compact
	ms-map -n price "$LONG" in >full
	for reader in log blame stats graph 'export -T prov' verify 'why .cost' \
	    'diff 0 1' report; do
		# shellcheck disable=SC2086
		ms-trace $reader full >want 2>&1 || true
		# shellcheck disable=SC2086
		MS_RULES=rules ms-trace $reader compact >got 2>&1 || true
		sed 's/compact/full/g' got >same
		[ "$reader" = stats ] || [ "$reader" = report ] ||
		    cmp want same
		[ "$reader" = diff ] || lacks -q 'b2:' same
	done
}

@test "a rule that isn't to be had is shown by its hash, and unknown to why" {
	echo '{"bytes":1,"user":"u"}' |
	    MS_RULES=rules ms-map -n price --lineage compact "$LONG" >out
	run -0 ms-trace log out
	[[ $output == *"$(jq -r .rule rules)"* ]]
	run -0 ms-trace why .cost out
	[[ $output == *"$(jq -r .rule rules)"* ]]
	MS_RULES=nowhere run -0 --separate-stderr ms-trace log out
	[[ $output == *"$(jq -r .rule rules)"* ]]
	[[ $stderr == "ms-trace: MS_RULES: nowhere: No such file"* ]]
}

@test "what is wrong in a file of rules is told and ignored" {
	export MS_RULES=rules
	echo '{"bytes":1,"user":"u"}' | ms-map --lineage compact "$LONG" >out
	sed 's/server/other/' rules >wrong
	{
		cat wrong
		printf 'junk\n{"rule":"b2:'
	} >rules
	run -0 --separate-stderr ms-trace log out
	[[ $output == *"$(jq -r .rule wrong)"* ]]
	[ "$stderr" = 'ms-trace: MS_RULES: rules: 3 lines are no rule with its hash, and are ignored' ]
	# The next stage ends the torn line, and adds its own.
	echo '{"bytes":1,"user":"u"}' | ms-map --lineage compact "$LONG" >out
	lines 4 rules
	run -0 --separate-stderr ms-trace log out
	[[ $output == *'"server"'* ]]
}

@test "compact without a file for the rules is a usage error that says so" {
	run -2 ms-map --lineage compact . <<<'{}'
	[[ ${lines[0]} == 'ms-map: --lineage compact writes rules to the file that MS_RULES names'* ]]
	MS_LINEAGE=compact run -2 ms-filter . <<<'{}'
	MS_LINEAGE=tight run -2 ms-filter . <<<'{}'
	[[ ${lines[0]} == *"MS_LINEAGE: 'tight' is not one of full, compact, slim, off" ]]
	mkdir dir
	MS_RULES=dir run -3 ms-map --lineage compact "$LONG" <<<'{}'
	[[ ${lines[0]} == 'ms-map: MS_RULES: dir: Is a directory' ]]
	mkfifo fifo
	MS_RULES=fifo run -3 within 20 ms-map --lineage compact "$LONG" <<<'{}'
}

@test "an option wins over MS_LINEAGE" {
	MS_LINEAGE=off run -0 ms-map --lineage slim . <<<'{}'
	[[ $output == *_lineage* ]]
	MS_LINEAGE=off run -0 ms-map . <<<'{}'
	[ "$output" = '{}' ]
}

@test "rejects keep the whole rule" {
	echo '{"bytes":{}}' >in
	MS_RULES=rules run -1 ms-map --lineage compact --rejects bad "$LONG" in
	holds bad '.rule | startswith(".cost")'
}
