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
