#!/usr/bin/env bats
# ms-trace shrink: the smallest input on which a command still fails.
load helper

# A thousand events, one of which is bad.
many() {
	jq -nc 'range(1000) | {id: ., name: "user \(.)", tags: ["a", {k: .}],
	    ok: (if . == 617 then 0 else 1 end)}' >many
}

@test "events, then members, then values go as long as it fails" {
	many
	status 0 ms-trace shrink --fails \
	    'ms-filter "if .ok == 0 then error(\"bad\") else true end"' \
	    --match 'bad' many >out
	same out '{"ok":0}'
	status 0 ms-trace shrink --fails 'grep -q "\"id\":617," && exit 9' \
	    many >out
	lines 1 out
	holds out '.id == 617 and (keys | length) == 2'
}

@test "strings and numbers become shorter, and stay what they are" {
	printf '%s\n' '{"s":"héllo wörld","n":12345.678}' >in
	status 0 ms-trace shrink --fails 'grep -q "ö" && exit 4' in >out
	same out '{"s":"ö"}'
	status 0 ms-trace shrink --fails \
	    'jq -ne "input | .n > 100" >/dev/null 2>&1 && exit 9' in >out
	same out '{"n":12345}'
	printf '%s\n' '{"s":"a\nb\"c"}' >in
	status 0 ms-trace shrink --fails \
	    'jq -ne "input | .s | contains(\"\\\"\")" >/dev/null 2>&1 && exit 9' in >out
	same out '{"s":"\""}'
}

@test "several events that are needed together stay together" {
	many
	status 0 ms-trace shrink --fails \
	    '[ "$(grep -cE "\"id\":(3|500|998)\\b")" -eq 3 ] && exit 5' many >out
	same out '{"id":3}' '{"id":500}' '{"id":998}'
}

@test "lines that are no events are kept as they are" {
	printf '{"a":1}\n{"a":\n\n{"b":2}\n' >in
	status 0 ms-trace shrink --fails 'ms-filter true' in >out
	same out '{"a":'
	printf '{"ms.barrier":"x","n":1}\n{"a":1}\n' >in
	status 0 ms-trace shrink --fails 'grep -q barrier && exit 9' in >out
	same out '{"ms.barrier":""}'
}

@test "another failure doesn't count" {
	printf '%s\n' '{"a":1}' '{"b":2}' '{"c":3}' >in
	status 0 ms-trace shrink --fails \
	    'grep -q c && exit 3; exit 4' in >out
	same out '{"c":0}'
	status 0 ms-trace shrink --fails \
	    'grep -q c || exit 127; grep -q . && exit 1; exit 1' in >out
	same out '{"c":0}'
	status 0 ms-trace shrink --fails \
	    'if grep -q c; then kill -9 $$; else exit 137; fi' in >out
	same out '{"c":0}'
}

@test "where the whole doesn't fail this is told" {
	echo '{"a":1}' >in
	status 1 ms-trace shrink --fails true in 2>err
	same err "ms-trace: true: it doesn't fail on the whole input"
	status 1 ms-trace shrink --fails ./none in 2>err
	same err "ms-trace: ./none: it can't be run (exit status 126 or 127)"
	status 1 ms-trace shrink --fails false --match x in 2>err
	same err "ms-trace: false: it doesn't say that on the whole input"
	status 1 ms-trace shrink --timeout 20ms --fails 'sleep 9' in 2>err
	grep -q 'runs longer than --timeout' err
	status 2 ms-trace shrink in 2>err
	grep -q 'which command' err
	status 2 ms-trace shrink --fails x --timeout never in 2>err
	status 3 ms-trace shrink --fails false none 2>err
}

@test "runs that take too long don't count" {
	printf '%s\n' '{"a":1}' '{"b":2}' >in
	status 0 ms-trace shrink --timeout 300ms --fails \
	    'grep -q b || sleep 9; exit 1' in >out
	same out '{"b":0}'
}

@test "standard input and several files are one input" {
	echo '{"a":1}' >one
	echo '{"b":2}' >two
	status 0 ms-trace shrink --fails 'grep -q b && exit 9' one two >out
	same out '{"b":0}'
	status 0 ms-trace shrink --fails 'grep -q b && exit 9' <two >out
	same out '{"b":0}'
}

@test "what is found still fails, and nothing in it can go by itself" {
	for seed in 1 2 3 4 5 6; do
		jq -nc --argjson s "$seed" 'range(12) | (. * $s * 7919) as $n
		    | {a: ($n % 5), b: {c: ($n % 7), d: [$n % 3, $n % 2]}}' >in
		cat >check <<-'EOF'
			n=$(jq -s 'map(select(.b.c? == 3 or .b.d?[0]? == 1))
			    | length' 2>/dev/null) || n=0
			[ "$n" -ge 2 ] && exit 7
			exit 0
		EOF
		sh check <in || [ $? -eq 7 ] || continue
		if sh check <in; then continue; fi
		status 0 ms-trace shrink --fails 'sh check' in >out
		status 7 sh check <out
		n=$(wc -l <out)
		for i in $(seq "$n"); do
			status 0 sh check < <(sed "${i}d" out)
		done
		jq -c '[paths]' out | head -n 1 >paths
		jq -c '.[]' paths | while read -r path; do
			head -n 1 out | jq -c "delpaths([$path])" >smaller
			tail -n +2 out >>smaller
			status 0 sh check <smaller
		done
	done
}
