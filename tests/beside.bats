#!/usr/bin/env bats
# MS_STATE: state that is kept beside the stream, barrier by barrier.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	mkdir state
	export MS_STATE=state MS_NOW=2026-11-25T18:00:00Z
}

barrier() {
	printf '{"ms.barrier":"%s","n":%d}\n' "$1" "$2"
}

count() {
	ms-fold -n seen --lineage off --by .k --as .n '. + 1'
}

# Keys and values as the stage would read them; the last line of a key wins.
held() {
	jq -c -n '[inputs | select(has("key"))] | group_by(.key)[] | last |
	    select(.value) | [.key, .value]' "$1"
}

claim='{"stage":"seen","of":{"op":"fold","program":". + 1","key":".k","window":null}}'

@test "what has changed is appended before a barrier, one line a key" {
	{ printf '{"k":%s}\n' 1 2 1; barrier b1 3; barrier b2 0; } |
	    count | tail -n 2 >out
	same out '{"ms.barrier":"b1","n":3}' '{"ms.barrier":"b2","n":0}'
	same state/seen "$claim" \
	    '{"key":1,"value":2,"at":"2026-11-25T18:00:00Z"}' \
	    '{"key":2,"value":1,"at":"2026-11-25T18:00:00Z"}' \
	    '{"stage":"seen","barrier":"b1","n":2}' \
	    '{"stage":"seen","barrier":"b2","n":0}'
}

@test "a later stage goes on from the file, and a forgotten key stays so" {
	{ echo '{"k":1}'; barrier b1 1; } | count >out
	{ echo '{"k":1}'; barrier b2 1; } | count >out
	same out '{"k":1,"n":2}' '{"ms.barrier":"b2","n":1}'
	forget() {
		ms-fold --lineage off --by .k 'if . then null else 1 end'
	}
	{ echo '{"k":1}'; barrier b1 1; echo '{"k":1}'; barrier b2 1; } |
	    forget >out
	grep -q '{"key":1,"value":null}' state/fold-*
	[ -z "$(held state/fold-*)" ]
	{ echo '{"k":1}'; barrier b3 1; } | forget >out
	same out '{"k":1,"fold":1}' '{"ms.barrier":"b3","n":1}'
}

@test "killed between barriers, the state is that of the last barrier" {
	mkfifo in
	ms-fold -n seen --lineage off --by .k --as .n '. + 1' <in >out &
	pid=$!
	exec 5>in
	{ printf '{"k":%s}\n' 1 2 1; barrier b1 3; } >&5
	eventually grep -q b1 out
	printf '{"k":%s}\n' 1 1 2 3 >&5
	eventually grep -q '"k":3' out
	kill -9 $pid
	exec 5>&-
	wait $pid || true
	[ "$(held state/seen)" = "$(printf '[1,2]\n[2,1]')" ]
	# as if it had come further
	printf '{"key":1,"value":4}\n{"key":3,"va' >>state/seen
	{ printf '{"k":%s}\n' 1 1 2 3; barrier b2 4; } | count >out 2>err
	same out '{"k":1,"n":3}' '{"k":1,"n":4}' '{"k":2,"n":2}' \
	    '{"k":3,"n":1}' '{"ms.barrier":"b2","n":4}'
	grep -q 'state/seen: 2 lines behind the last mark were cut off' err
	[ "$(held state/seen)" = "$(printf '[1,4]\n[2,2]\n[3,1]')" ]
}

@test "MS_STATE_END=keep makes the end of the input a barrier too" {
	export MS_STATE_END=keep
	{ printf '{"k":%s}\n' 1 2 1; barrier b1 3; echo '{"k":2}'; } |
	    count >out 2>err
	[ ! -s err ]
	[ "$(held state/seen)" = "$(printf '[1,2]\n[2,2]')" ]
	[ "$(tail -n 1 state/seen)" = '{"stage":"seen","barrier":null,"n":1}' ]
	printf '{"k":%s}\n' 1 2 1 | ms-filter -n once --unique .k >out
	[ "$(tail -n 1 state/once | jq -c .barrier)" = null ]
	echo '{"k":1}' | ms-filter -n once --unique .k >out
	[ ! -s out ]
	# a signal is no end
	mkfifo in
	ms-fold -n seen --lineage off --by .k --as .n '. + 1' <in >out 2>err &
	pid=$!
	exec 5>in
	echo '{"k":1}' >&5
	eventually grep -q '"n":3' out
	kill $pid
	exec 5>&-
	wait $pid || true
	grep -q 'seen: 1 key changed behind the last barrier' err
	[ "$(held state/seen)" = "$(printf '[1,2]\n[2,2]')" ]
	MS_STATE_END=1 status 2 count <<<'{"k":1}' 2>err
	grep -q "MS_STATE_END: '1'" err
}

@test "what an engine lays there counts as a whole, with marks or without" {
	printf '%s\n' '{"key":1,"value":7}' '{"key":2,"value":3}' \
	    '{"key":1,"value":8}' '{"key":2,"value":null}' >state/seen
	printf '{"k":%s}\n' 1 2 | count >out 2>err
	same out '{"k":1,"n":9}' '{"k":2,"n":1}'
	grep -q 'state/seen: 2 keys changed behind the last barrier' err
	printf '{"key":1,"value":7}\n{"key":2,' >state/seen
	status 3 count </dev/null 2>err
	grep -q 'state/seen: it ends within a line' err
	printf '{"key":1,"value":7}\n{"k":2}\n' >state/seen
	status 3 count </dev/null 2>err
	grep -q 'state/seen: line 2: a line of state needs a key' err
}

@test "a mark that counts other lines than stand before it is refused" {
	{ printf '{"k":%d}\n' 1 2; barrier b1 2; echo '{"k":3}'; barrier b2 1; } |
	    count >out
	count </dev/null # what was written so can be read
	cp state/seen whole
	sed -i '0,/^{"key"/{//d}' state/seen
	status 3 count </dev/null 2>err
	grep -q "state/seen: line .: the mark's n isn't the number of lines" err
	sed 's/"n":1/"n":"x"/' whole >state/seen
	status 3 count </dev/null 2>err
	grep -q 'state/seen: line .: its n is no number' err
	sed 's/,"n":[0-9]*//' whole >state/seen # one that says none
	count </dev/null
}

@test "a file that is taken away at a barrier goes on, empty" {
	mkfifo in
	count <in >out &
	exec 5>in
	{ echo '{"k":1}'; barrier b1 1; } >&5
	eventually grep -q b1 out
	: >state/seen
	{ echo '{"k":2}'; barrier b2 1; } >&5
	exec 5>&-
	wait $!
	same state/seen '{"key":2,"value":1,"at":"2026-11-25T18:00:00Z"}' \
	    '{"stage":"seen","barrier":"b2","n":1}'
}

@test "windows go on: stream time and what is open are kept" {
	minutes() {
		ms-fold -n w --lineage off --window 1m --time .t '.n += 1' "$@"
	}
	{ printf '{"t":%s}\n' 10 20 70; barrier b1 3; } | minutes >out
	same out '{"window":{"from":"1970-01-01T00:00:00Z","to":"1970-01-01T00:01:00Z"},"n":2}' \
	    '{"ms.barrier":"b1","n":1}'
	# the window that closed is late now, the open one goes on
	{ printf '{"t":%s}\n' 30 75 130; barrier b2 3; } |
	    ms-trace --source a | status 1 minutes >out 2>err
	grep -q 'after its window closed' err
	same out '{"window":{"from":"1970-01-01T00:01:00Z","to":"1970-01-01T00:02:00Z"},"n":2}' \
	    '{"ms.barrier":"b2","n":1}'
	{ barrier b3 0; } | minutes --close >out 2>err
	grep -q '"from":"1970-01-01T00:02:00Z"' out
}

@test "windows that --close closed at the end are gone from the state" {
	closing() {
		ms-fold -n w --lineage off --window 1m --time .t '.n += 1' \
		    --close
	}
	{ echo '{"t":10}'; barrier b1 1; } | closing >out
	lines 2 out
	tail -n 2 state/w >last
	same last '{"key":{"key":null,"from":"1970-01-01T00:00:00Z"},"value":null}' \
	    '{"stage":"w","barrier":null,"n":1,"time":"1970-01-01T00:01:00Z","order":1}'
	closing </dev/null >out
	[ ! -s out ]
	# without --close nothing changes at the end
	{ echo '{"t":70}'; barrier b2 1; } |
	    ms-fold -n w --lineage off --window 1m --time .t '.n += 1'
	tail -n 1 state/w | grep -q '"barrier":"b2","n":1'
}

@test "--unique keeps what it has seen, --rate doesn't" {
	unique() {
		ms-filter --lineage off --unique .k "$@"
	}
	{ printf '{"k":%s}\n' 1 2; barrier b1 2; } | unique >out
	{ printf '{"k":%s}\n' 1 2 3; barrier b2 3; } | unique >out
	same out '{"k":3}' '{"ms.barrier":"b2","n":1}'
	rm state/*
	within() {
		unique --within 10s --time .t --count-as .held
	}
	{ printf '{"k":1,"t":%s}\n' 1 2 3; barrier b1 3; } | within >out
	{ printf '{"k":1,"t":%s}\n' 4 12; barrier b2 2; } | within >out
	same out '{"k":1,"t":12,"held":3}' '{"ms.barrier":"b2","n":1}'
	rm state/*
	{ echo '{"k":1}'; barrier b1 1; } | ms-filter --rate 1/s >out
	[ -z "$(ls state)" ]
}

@test "what went to --else before the last barrier stays there" {
	unique() {
		ms-filter --lineage off -n u --unique .k --else else
	}
	{ printf '{"k":%s}\n' 1 1; barrier b1 2; } | unique >out
	{ printf '{"k":%s}\n' 1 2; barrier b2 2; } | unique >out
	same else '{"k":1}' '{"k":1}'
	same out '{"k":2}' '{"ms.barrier":"b2","n":1}'
}

@test "two stages of one name, and another stage's state, are refused" {
	mkfifo in
	count <in >out &
	exec 5>in
	{ barrier b1 0; } >&5
	eventually grep -q b1 out
	status 3 count </dev/null 2>err
	grep -q 'seen: another stage of that name' err
	exec 5>&-
	wait $!
	status 2 ms-fold -n seen --by .k '. + 2' </dev/null 2>err
	grep -q 'the state was made with the program . + 1, not . + 2' err
	status 2 ms-fold -n seen --by .j '. + 1' </dev/null 2>err
	grep -q 'with the key .k, not .j' err
	status 2 ms-filter -n seen --unique .k </dev/null 2>err
	grep -q 'with the op fold, not filter' err
	same state/seen "$claim" '{"stage":"seen","barrier":"b1","n":0}'
}

@test "a name that can't be a file's, and a directory that isn't there" {
	status 2 ms-fold -n a/b . </dev/null 2>err
	grep -q "MS_STATE keeps the state in a file of the stage's name" err
	status 2 ms-fold -n a --state s.db . </dev/null 2>err
	grep -q -e '--state and MS_STATE exclude each other' err
	MS_STATE=nowhere status 3 ms-fold -n a . </dev/null 2>err
	grep -q 'nowhere/a: No such file' err
	MS_STATE='' ms-fold -n a . </dev/null
}

@test "on a full disk the barrier isn't passed on, and the file is whole" {
	{ echo '{"k":1}'; barrier b1 1; } | count >out
	cp state/seen before
	{ seq -f '{"k":%.0f}' 1000; barrier b2 1000; } >in
	# SIGXFSZ is ignored, so that a write beyond the limit fails
	status 3 bash -c 'trap "" XFSZ; ulimit -f 4
	    ms-fold -n seen --lineage off --by .k --as .n ". + 1" in |
	    tail -n 1 >out; exit "${PIPESTATUS[0]}"' 2>err
	grep -q 'state/seen: File too large; the barrier' err
	same out '{"k":1000,"n":1}'
	{ cat before; echo "$claim"; } | cmp - state/seen
}

# A stage that begins anew at each barrier gives what one run does.
anew_or_not() {
	awk 'BEGIN { srand(3); for (i = 0; i < 400; i++) {
		printf "{\"k\":%d,\"t\":%d}\n", rand() * 40,
		    i / 2 + rand() * 20
		if (i % 50 == 49)
			printf "{\"ms.barrier\":\"b\",\"n\":50}\n" } }' >in
	rm -f state/*
	"$@" <in >want
	rm -f state/*
	for i in {0..7}; do
		sed -n "$((i * 51 + 1)),$((i * 51 + 51))p" in | "$@"
	done >out
	cmp want out
}

@test "what limits forget is the same whether or not the stage began anew" {
	for limit in '--max-keys 25' '--ttl 5s'; do
		# shellcheck disable=SC2086 # two words
		anew_or_not ms-fold --lineage off --by .k --time .t $limit '. + 1'
	done
	anew_or_not ms-filter --lineage off --unique .k --max-keys 25
	anew_or_not ms-filter --lineage off --unique .k --within 5s --time .t
}
