#!/usr/bin/env bats
# ms-trace revert: one stage taken back, and the later ones kept.
load helper

# refused TEXT EVENT...: taking stage x back is refused so.
refused() {
	local text=$1

	status 1 ms-trace revert --stage x "$2" 2>err >out
	[ ! -s out ]
	grep -qF "$text" err || {
		cat err
		return 1
	}
}

@test "a middle stage is taken back, and the later ones stay" {
	echo '{"a":1,"b":2,"c":3}' | ms-trace | ms-map -n x 'del(.b) | .a = 9' |
	    ms-map '.d = .c + 1' >in
	status 0 ms-trace revert --stage x in >out
	ms-trace strip out >plain
	same plain '{"a":1,"b":2,"c":3,"d":4}'
	holds out '._lineage[-1] | .op == "revert" and .reverts == 2 and
	    keys_unsorted[:2] == ["op","reverts"] and has("undo")'
	status 0 ms-trace verify out >verified
	same verified '1 sound'
	ms-trace revert --stage 2 in | cmp - out
	ms-trace revert -n back --stage x in >named
	holds named '._lineage[-1].stage == "back"'
}

@test "taking back the taking back gives the event as it was" {
	echo '{"a":1.10,"b":[1,2]}' | ms-map -n x '.a = 2 | .b |= reverse' |
	    ms-map '.d = 1' >in
	ms-trace revert --stage x in | ms-trace revert --stage 3 >out
	ms-trace strip out >plain
	ms-trace strip in | cmp - plain
	ms-trace revert --stage x in | ms-trace rewind --before revert |
	    cmp - in
	status 1 ms-trace revert --stage x out 2>err
	grep -q 'record 3 (revert) is in the way: it wrote .a' err
}

@test "a stage that changed nothing leaves a record all the same" {
	echo '{"a":1}' | ms-filter -n x '.a == 1' | ms-map '.a = 2' >in
	status 0 ms-trace revert --stage x in >out
	holds out '.a == 2 and (._lineage[-1] | .reverts == 1 and
	    (has("undo") | not))'
}

@test "later records that wrote the same, above or below are in the way" {
	echo '{"a":1,"o":{"p":{"q":1}}}' | ms-map -n x '.a = 2' >in
	ms-map '.a = 3' in >on
	refused 'record 2 (map) is in the way: it wrote .a' on
	ms-map 'del(.a)' in >on
	refused 'record 2 (map) is in the way: it wrote .a' on
	echo '{"o":{"p":{"q":1}}}' | ms-map -n x '.o.p.q = 2' >in
	ms-map 'del(.o)' in >on
	refused 'in the way: it wrote .o' on
	echo '{"o":{"p":{"q":1}}}' | ms-map -n x '.o.p.z = 2' >in
	ms-map '.o.p.z = 3' in >on
	refused 'in the way: it wrote .o.p.z' on
	ms-map '.o.y = 3' in >on
	status 0 ms-trace revert --stage x on
}

@test "later records that read it are in the way, filters as well" {
	echo '{"a":1,"b":5}' | ms-map -n x '.a = 2' >in
	ms-map '.c = .a' in >on
	refused 'record 2 (map) is in the way: it read .a' on
	ms-filter '.a > 1' in >on
	refused 'record 2 (filter) is in the way: it read .a' on
	ms-map '.c = length' in >on
	refused 'in the way: it read .' on
	ms-filter '.b > 1' in >on
	status 0 ms-trace revert --stage x on
	cp "$examples/hosts.csv" .
	ms-map -n x '.ip = "192.0.2.10"' in | ms-enrich -t hosts.csv -k .ip >on
	status 1 ms-trace revert --stage 2 on 2>err
	grep -q 'record 3 (enrich) is in the way: it read .ip' err
	ms-enrich -t hosts.csv -k .b=ip --as .h in >on
	status 0 ms-trace revert --stage x on
}

@test "a later record that would have written it is in the way" {
	echo '{"a":1,"c":2}' | ms-map -n x 'del(.a)' | ms-map 'del(.a)' >in
	refused 'record 2 (map) is in the way: it writes .a' in
}

@test "small events, whose undo is the whole, are taken back by parts" {
	echo '{"a":1,"b":2}' | ms-map -n x '.a = 2 | .c = 1 | del(.b)' |
	    ms-map '.d = 4' >in
	holds in '._lineage[0].undo[0].path == ""'
	ms-trace revert --stage x in | ms-trace strip >out
	same out '{"a":1,"b":2,"d":4}'
}

@test "another part of the same array is in the way" {
	echo '{"l":[{"n":1},{"n":2}],"m":[1]}' | ms-map -n x 'del(.l[0])' >in
	ms-map '.l[0].n = 5' in >on
	refused 'record 2 (map) is in the way: it wrote .l' on
	ms-map '.k = .l[0].n' in >on
	refused 'in the way: it read .l[0].n' on
	ms-map '.m[0] = 5' in >on
	status 0 ms-trace revert --stage x on >out
	holds out '.l[0].n == 1 and .m == [5]'
}

@test "what isn't known is in the way" {
	echo '{"a":1}' | ms-map -n x '.a = 2' >in
	ms-map --lineage slim '.b = 1' in >on
	refused 'record 2 (map) is in the way: it was written without an undo' on
	ms-map --argjson k 1 '.b = $k' in >on
	status 0 ms-trace revert --stage x on
	jq -c '._lineage[1].rule = "no ( program"' on >odd
	refused 'in the way: what it read isn' odd
	echo '{"a":1,"c":1}' | ms-map -n x 'del(.c)' | ms-map '{a}' >on
	refused 'record 2 (map) is in the way: it makes the whole event anew' on
	ms-schema -s "$examples/any.json" in >on
	refused 'in the way: what it read isn' on
	sed 's/"a":2/"a":3/' in >on
	refused 'changed outside, after 1 map x' on
}

@test "stages that can't be taken back themselves say so" {
	echo '{"a":[1,2]}' | ms-map -n x '.a[]  as $b | {$b}' >forked
	status 1 ms-trace revert --stage x forked 2>err
	grep -q 'it forked the event' err
	echo '{"a":1}' | ms-map -n x --lineage slim '.a = 2' >thin
	refused 'record 1 (map x) can'"'"'t be taken back: it was written' thin
	echo '{"a":1}' >in
	refused "the history has no stage 'x'" in
	status 2 ms-trace revert in 2>err
	grep -q 'which stage' err
	status 2 ms-trace revert --stage 0 in
}

# A pipeline of five stages chosen by a seed; stage $2 is left out, if any.
stages=('.a = 1' '.b = .n + 1' 'del(.c)' '.d = .c' '.o.x = .n'
	'.o.y = (.b // 0)' '.l[0] = .n' '.l += [7]' 'del(.l[1])'
	'.e = (.a // .n)' 'if .n > 2 then .a = 5 else .c = 6 end'
	'.p = (.o | length)' 'del(.o)' '.q = [.a, .b]' '.n2 = .n * 2')

random_pipeline() {
	local seed=$1 without=$2 k at=$1

	cp base step
	for k in 1 2 3 4 5; do
		at=$(((at * 1103515245 + 12345) % 2147483648))
		[ "$k" = "$without" ] && continue
		ms-map -n "s$k" "${stages[at / 65536 % ${#stages[@]}]}" \
		    <step >next
		mv next step
	done
}

@test "what is taken back is what the pipeline without the stage makes" {
	jq -nc 'range(5) | {n: ., c: "c", o: {x: 0}, l: [., 1, 2]}' |
	    ms-trace >base
	done=0
	for seed in $(seq 1 30); do
		middle=$((seed % 4 + 1))
		random_pipeline "$seed" "$middle"
		ms-trace strip step | jq -c . >want
		random_pipeline "$seed" 0
		ms-trace revert --on-error pass --stage "s$middle" step \
		    2>/dev/null >out || true
		paste want <(ms-trace strip out | jq -c .) \
		    <(jq -c '._lineage[-1] | has("reverts") and
		        (has("failed") | not)' out) >all
		while IFS=$'\t' read -r want got reverted; do
			[ "$reverted" = true ] || continue
			[ "$want" = "$got" ] || {
				echo "seed $seed: $want instead of $got"
				false
			}
			done=$((done + 1))
		done <all
	done
	[ "$done" -gt 40 ]
}
