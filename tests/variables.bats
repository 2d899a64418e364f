#!/usr/bin/env bats
# What the command line hands to programs.
load helper

@test "--slurpfile gives an array of all JSON texts of a file" {
	printf '\357\273\2771 "a]\\"" [2,\n3]{"x":\n1}null\n' >values
	status 0 ms-map --lineage off --slurpfile v values '{v: $v}' \
	    <<<'{}' >out
	same out '{"v":[1,"a]\"",[2, 3],{"x": 1},null]}'
	: >empty
	same <(ms-map --lineage off --slurpfile v empty '{$v}' <<<'{}') \
	    '{"v":[]}'
}

@test "an event stays on its line, whatever JSON came from outside" {
	status 0 ms-map --lineage off --argjson j $'[1,\n2]' \
	    '{$j, f: ("[1,\n2]" | fromjson)}' <<<'{}' >out
	lines 1 out
	holds out '.j == [1, 2] and .f == [1, 2]'
}

@test "--slurpfile tells file, line and column of what is wrong" {
	printf '[1]\n [1,}\n' >values
	status 2 ms-map --slurpfile v values . <<<'{}' 2>err
	same err "ms-map: --slurpfile v: values:2:5: expected a value"
	for text in '[1' '"a' '{"a":1' 'tru' '1]' '}' 'a b'; do
		printf '%s' "$text" >values
		status 2 ms-map --slurpfile v values . <<<'{}' 2>err
		grep -q '^ms-map: --slurpfile v: values:1:' err
	done
	status 2 ms-map --slurpfile v missing . <<<'{}' 2>err
	same err "ms-map: missing: No such file or directory"
}

@test "--rawfile gives a file as a string" {
	printf 'a\n"b"\n\377' >text
	status 0 ms-map --lineage off --rawfile t text '{$t}' <<<'{}' >out
	same out '{"t":"a\n\"b\"\n�"}'
}

@test "--args and --jsonargs make the rest positional" {
	status 0 ms-map --lineage off '{p: $ARGS.positional}' --args a b \
	    --jsonargs 1 '{"c":2}' --args -- -d --jsonargs <<<'{}' >out
	same out '{"p":["a","b",1,{"c":2},"-d","--jsonargs"]}'
	status 0 ms-map --lineage off --args '{p: $ARGS.positional}' a \
	    <<<'{}' >out
	same out '{"p":["a"]}'
	echo '{"x":1}' >in
	status 0 ms-map --lineage off '.p = $ARGS.positional' in --args a >out
	same out '{"x":1,"p":["a"]}'
	status 2 ms-map --jsonargs . '[1' <<<'{}' 2>err
	grep -q '^ms-map: --jsonargs: column 3: ' err
}

@test "what has a name is in \$ARGS.named, the first of a name counting" {
	echo 7 >f
	status 0 ms-map --lineage off --arg a x --argjson b '[1.0]' \
	    --slurpfile c f --rawfile d f --arg a y '$ARGS.named' <<<'{}' >out
	same out '{"a":"x","b":[1.0],"c":[7],"d":"7\n"}'
	same <(ms-map --lineage off '$ARGS' <<<'{}') \
	    '{"positional":[],"named":{}}'
}

@test "an option that lacks its value, and a bad name, are wrong usage" {
	for option in --arg --argjson --slurpfile --rawfile; do
		status 2 ms-map . "$option" x 2>err
		grep -q "^ms-map: $option needs a name and a" err
		status 2 ms-map . "$option" 'a-b' 1 2>err
		grep -q "^ms-map: 'a-b' can't be a variable's name" err
	done
}

@test "with -f the first argument is an input, wherever -f stands" {
	echo '.y = 1' >program
	echo '{"x":1}' >in
	same <(ms-map --lineage off in -f program) '{"x":1,"y":1}'
	same <(ms-map --lineage off -f program -- in) '{"x":1,"y":1}'
	same <(ms-map --lineage off -f program - <in) '{"x":1,"y":1}'
}

@test "an error says where in the program it arose" {
	told() {
		status 1 ms-map "$1" <<<'{"n":"x","l":[1,"a"]}' >out 2>err
		same err "ms-map: standard input:1: $2"
	}
	told '.n += 1' 'string ("x") and number (1) cannot be added (at program:1:4)'
	told '.l | map(. + 1)' \
	    'string ("a") and number (1) cannot be added (at program:1:12)'
	told $'.b = 1 |\n  .n.c' \
	    'Cannot index string with string ("c") (at program:2:5)'
	told 'def f: .n | keys; f' 'string ("x") has no keys (at program:1:13)'
	told '{a: (.n | sort_by(.x))}' \
	    'Cannot iterate over string ("x") (at program:1:11)'
	told 'error("boom")' boom
	told 'try error("x") catch error' x
	echo '."é" | .n | keys' >file
	status 1 ms-map -f file <<<'{"é":{"n":1}}' >out 2>err
	grep -q '(at file:1:13)$' err
}
