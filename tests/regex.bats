#!/usr/bin/env bats
# Patterns at work: what stands around them doesn't change what they match.
load helper

# gives PROGRAM EVENT OUTPUT
gives() {
	status 0 ms-map --lineage off "$1" <<<"$2" >out
	same out "$3"
}

@test "a pattern is the same after others were matched between its matches" {
	many='([range(80) as $i | "zz" | test("q\($i)")] | length)'
	gives ".r = (.s | gsub(\"a\"; $many | tostring))" '{"s":"aXaXa"}' \
	    '{"s":"aXaXa","r":"80X80X80"}'
	gives ".s |= [match(\"a\"; \"g\") | $many as \$n | .offset]" \
	    '{"s":"aXaXa"}' '{"s":[0,2,4]}'
	gives ".s |= [scan(\"(?<x>a)\") | $many]" '{"s":"aXaXa"}' \
	    '{"s":[80,80,80]}'
	gives ".s |= [capture(\"(?<x>a)\"; \"g\") | $many as \$n | .x]" \
	    '{"s":"aXaXa"}' '{"s":["a","a","a"]}'
	gives ".s |= [splits(\"X\") | $many as \$n | .]" '{"s":"aXaXa"}' \
	    '{"s":["a","a","a"]}'
}

@test "a match that has to wait for a processor is none that takes too long" {
	printf '{"s":"aac%sab"}\n' "$(filler 200000)" >in
	# between two looks at the clock ten seconds go by
	status 0 faulty clock=leap ms-map --lineage off \
	    '.s |= [test("x\\Gx"), test("a+(*PRUNE)b"),
	    (match("a+?b"; "l").offset)]' <in >out
	same out '{"s":[false,true,200003]}'
}

@test "more patterns at work at once than are kept" {
	gives 'def f($n): if $n == 0 then "." else
	    gsub("a|\($n)"; "a" | f($n - 1)) end; .s |= f(200)' \
	    '{"s":"aca"}' '{"s":".c."}'
}

@test "a verb means the same in a long text as in a short one" {
	for n in 10 990 1500 40000 2000000; do
		printf '{"s":"aac%sab"}\n' "$(filler $n)" >in
		status 0 ms-map --lineage off '.s |= [test("a+(*COMMIT)b"),
		    test("aac.{5,}(*SKIP)z|ab"), test("x\\Gx"),
		    test("a+(*PRUNE)b")]' <in >out
		same out '{"s":[false,false,false,true]}'
	done
}

@test "what can't be given back means the same in a long text as in a short one" {
	for n in 0 1 7 990 1500 40000; do
		printf '{"s":"aac%sa"}\n' "$(filler $n)" >in
		status 0 ms-map --lineage off '.s += "aaaab" | .n = (.s|length) |
		    .s |= [match("a+?(*PRUNE)b", "(?>a+?)b", "(?>a*|a?\\w)a{1,2}?",
		    "a+?(*THEN)$|b$"; "g").offset] |
		    .n as $n | {s: (.s | map($n - .))}' <in >out
		same out '{"s":[2,2,1]}'
	done
}
