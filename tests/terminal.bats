#!/usr/bin/env bats
# What is for people: widths, marks, colours and characters.
load helper

# Seven stages' worth of looks: a long rule of many lines, a change that is
# long, wide characters, and what a terminal would obey.
looks() {
	printf '%s\n' '{"path":"/blog/tags/puppet?flav=rss20","name":"日本語の名前","evil":"\u001b[2J\u202e","n":1.10}' |
	    ms-trace --source 日本/access.ndjson |
	    ms-map -n 問い合わせ 'if .path | contains("?") then
  .query = (.path | split("?")[1])
  | .path |= split("?")[0]
else . end' | ms-map -n price '.n = 2 | del(.evil) | .name += "長い"' >in
}

# Columns of the widest line.
widest() {
	LC_ALL=C.UTF-8 wc -L <out
}

@test "no line is wider than COLUMNS, and in a pipe none is cut" {
	looks
	for sub in log 'log -p' 'log --oneline' blame 'blame .query' diff stats; do
		for width in 20 37 80 120 300; do
			# shellcheck disable=SC2086 # a subcommand and its option
			LC_ALL=C.UTF-8 COLUMNS=$width ms-trace $sub in >out
			[ "$(widest)" -le "$width" ]
		done
		# shellcheck disable=SC2086 # a subcommand and its option
		LC_ALL=C.UTF-8 ms-trace $sub in >out
		lacks -q '…$' out
	done
	for width in 0 -1 x 99999999999999999999; do
		COLUMNS=$width status 0 ms-trace log in >out
		lacks -q '\.\.\.$' out
	done
}

@test "newlines of a rule are newlines, or one line and how many more" {
	looks
	COLUMNS=80 LC_ALL=C.UTF-8 ms-trace log -p in >out
	grep -qxF '      if .path | contains("?") then' out
	grep -qxF '        .query = (.path | split("?")[1])' out
	grep -qxF '      else . end' out
	COLUMNS=80 LC_ALL=C.UTF-8 ms-trace log in >out
	grep -qxF '      if .path | contains("?") then … 3 more lines' out
	for sub in log 'log -p' blame; do
		# shellcheck disable=SC2086 # a subcommand and its option
		ms-trace $sub in >out
		lacks -qF '\u000A' out
	done
}

@test "a change that doesn't fit stands on two lines, and what differs is seen" {
	a=$(filler 300)
	echo "{\"s\":\"$a one $a\"}" | ms-map '.s |= sub(" one "; " two ")' >in
	COLUMNS=60 LC_ALL=C.UTF-8 ms-trace diff in >out
	grep -q '^ 1 map  ~ /s  ….* one .*…$' out
	grep -q '^           →  ….* two .*…$' out
	echo '{"a":"one","n":1}' | ms-map '.a = "two" | .n = 2' >in
	LC_ALL=C.UTF-8 ms-trace diff in >out
	grep -qxF ' 1 map  ~ /a  "one" → "two"' out
}

@test "what differs is underlined, and a mark stands beside each colour" {
	echo '{"s":"same old end","gone":1}' |
	    ms-map '.s = "same new end" | del(.gone) | .more = 1' >in
	ms-trace diff --color=always in | sed 's/\x1b\[\([0-9;]*\)m/<\1>/g' >out
	grep -qF '"same <4>old<0> end"' out
	grep -qF '"same <4>new<0> end"' out
	grep -qF '<31>- <0><31>/gone<0>' out
	grep -qF '<32>+ <0><32>/more<0>' out
	grep -qF '<34>~ <0><34>/s<0>' out
	ms-trace diff in >plain
	sed 's/<[0-9;]*>//g' out | cmp - plain
}

@test "our marks are ASCII where the locale isn't UTF-8" {
	echo '{"a":1}' | ms-trace | ms-map '.a = 2' >in
	for sub in log 'log -p' 'log --oneline' blame diff stats; do
		# shellcheck disable=SC2086 # a subcommand and its option
		LC_ALL=C COLUMNS=30 ms-trace $sub in >out
		lacks -qP '[\x80-\xff]' out
	done
	LC_ALL=C.UTF-8 ms-trace diff in | grep -q ' 2 map  ~ /a  1 → 2$'
	LC_ALL=C LC_CTYPE=C.UTF-8 ms-trace diff in | grep -q '1 -> 2$'
	LC_ALL='' LC_CTYPE='' LANG=C.UTF-8 ms-trace stats in | grep -q '█'
}

@test "an event that was lost says where and how" {
	echo '{"a":1}' | ms-trace | ms-filter -n low --else away '.a < 0'
	ms-map -n bad --rejects rejects --trail trail 'error("no good")' \
	    <<<'{"a":2,"_lineage":[]}' 2>err || true
	ms-trace log away >out
	grep -q ' turned away by low$' out
	ms-trace log --oneline away | grep -q '  turned away  by low$'
	grep -v ms.trail trail | ms-trace log >out
	grep -q ', rejected by bad$' out
	grep -qxF '      rejected: no good' out
	grep -v ms.trail trail | ms-trace log --oneline |
	    grep -q '  rejected     by bad$'
	# stats counts the line of --rejects as the event that it holds
	ms-trace stats away rejects >out
	grep -q '^low  *filter  *1  #*  *1 ' out
	grep -q '^bad  *map  *1  #*  *1 ' out
	grep -q '^OUT  *0' out
}

@test "blame tells what the value at its only path was made of" {
	echo '{"bytes":300,"rate":2}' | ms-trace --source s |
	    ms-map '.rate = 4' | ms-map -n price '.cost = .bytes * .rate' >in
	ms-trace blame .cost in >out
	grep -qxF '     made of  .bytes = 300 (as read), .rate = 4 (map)' out
	COLUMNS=40 ms-trace blame .cost in >out
	grep -qxF '     made of  .bytes = 300 (as read),' out
	grep -qxF '              .rate = 4 (map)' out
	ms-trace blame .cost .rate in >out
	lacks -q 'made of' out
}

@test "the rule of a compact history is shown as its text by all" {
	export MS_RULES=$PWD/rules
	rule='.long_name_of_a_member = "a text of more than forty bytes"'
	echo '{"a":1}' | ms-map --lineage compact "$rule" >in
	grep -q '"rule":"b2:' in
	for sub in log 'log -p' blame 'stats --json' 'graph -T svg' why\ .a; do
		# shellcheck disable=SC2086 # a subcommand and its option
		ms-trace $sub in >out
		lacks -q 'b2:' out
	done
	ms-trace log in | grep -qF "$rule"
}

@test "log and log --oneline write each event as it comes" {
	mkfifo pipe
	for option in '' --oneline; do
		: >out
		# shellcheck disable=SC2086 # an option or none
		ms-trace log $option <pipe >out &
		exec 9>pipe
		echo '{"a":1,"_lineage":[{"op":"map"}]}' >&9
		eventually grep -q -e map -e ' out' out
		exec 9>&-
		wait $!
	done
}
