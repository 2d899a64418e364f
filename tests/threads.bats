#!/usr/bin/env bats
# What threads share, none of them changes.
load helper

# quiet COMMAND...: no two threads are at the same place of memory.
quiet() {
	command -v valgrind >/dev/null || skip "valgrind is missing"
	if is_asan; then
		skip "valgrind and ASan don't go together"
	fi
	valgrind -q --tool=helgrind --error-exitcode=99 "$@" >out 2>err || {
		cat err >&2
		return 1
	}
}

@test "constants that every thread sees are never changed in place" {
	seq 15000 | sed 's/.*/{"a":&}/' >in
	printf '[1,2]\n[3]\n' >s.json
	for i in {1..40}; do printf ',"k%d":[%d]' "$i" "$i"; done |
	    sed 's/^,\(.*\)/{\1}/' >o.json
	quiet ms-map -j 4 --lineage off --slurpfile s s.json \
	    --argjson o "$(<o.json)" '.r = [($s, $ARGS.positional, builtins)
	    + [.a, 6] | length] | .q = ($o + {z: .a} | .k7 += [1]) |
	    .t = ($o.k1, $s[0] | . + [.a?])' --args x y <in
	lines 30000 out
}

@test "threads share a table" {
	seq 15000 | sed 's/.*/{"ip":"&"}/' >in
	seq 3000 | sed 's/.*/&,{"a":1},"x&"/; 1i ip,a,b' >t.csv
	quiet ms-enrich -j 4 --lineage off -t t.csv -k .ip <in
	lines 15000 out
}

@test "where the stack is small, what recurses over a value gives the event up" {
	awk 'BEGIN { for (i = 0; i < 9000; i++) { o = o "{\"a\":"; c = c "}" }
		print "{\"x\":" o 1 c ",\"y\":" o 2 c "}"; print "{\"x\":1}" }' >in
	printf '%s\n' '.r = (.x < .y)' '[.x, .y] |= unique' \
	    '.r = (.x | tojson | length)' '.x |= (.. |= .)' \
	    'reduce range(9000) as $i (.; {a: .})' >programs
	while IFS= read -r program; do
		for j in 1 3; do
			status 1 sh -c 'ulimit -s 512 && exec "$@"' - \
			    ms-map -j "$j" --lineage off --max-depth 100000 \
			    "if .y then $program else . end" in >out 2>err
			same out '{"x":1}'
			grep -Eq '^ms-map: in:1: .* too deeply for th' err
		done
	done <programs
}
