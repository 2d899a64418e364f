#!/usr/bin/env bats
# The trail of what isn't passed on, and ms-trace account, which balances it.
load helper

# Ten events through three stages: the second turns some away, the third
# forks some, gives no output for one, and fails on one.
pipeline() {
	for i in 1 2 3 4 5 6 7 8 9; do
		echo "{\"n\":$i}"
	done >in
	echo '{"n":"x"}' >>in
	rm -f trail
	export MS_TRAIL=trail
	ms-trace in | "${@-cat}" | ms-filter -n odd '.n == "x" or .n % 2 == 1' |
	    ms-map -n vary 'if .n == 3 then empty
		elif .n == 5 then (., .m = 1, .m = 2) else .k = .n + 1 end' \
	    >out 2>err || true
	unset MS_TRAIL
}

@test "what isn't passed on is in the trail, with its history and why" {
	pipeline
	lines 6 out
	jq -c 'select(has("n"))' trail >events
	lines 6 events
	holds events '._lineage[-1].kept == false'
	jq -c '[.n, ._lineage[-1].op, ._lineage[-1].failed]' events | sort >got
	same got '["x","map","string (\"x\") and number (1) cannot be added (at program:2:54)"]' \
	    '[2,"filter",null]' '[3,"map",null]' '[4,"filter",null]' \
	    '[6,"filter",null]' '[8,"filter",null]'
	# as it was read, however far the program came
	holds events 'has("k") or has("m") | not'
	status 0 ms-trace verify events >/dev/null
}

@test "each stage says when it begins, and how many when it ends" {
	pipeline
	jq -c '."ms.trail" // empty | select(has("read") | not) |
	    [.v, .op, .stage, .started]' trail | sort >got
	same got "[1,\"filter\",\"odd\",\"$NOW\"]" \
	    "[1,\"map\",\"vary\",\"$NOW\"]" "[1,\"trace\",null,\"$NOW\"]"
	jq -c '."ms.trail" // empty | select(has("read")) | [.op, .read, .passed,
	    .written, .turned_away, .dropped, .rejected, .forks]' trail |
	    sort >got
	same got '["filter",10,6,6,4,0,0,0]' '["map",6,4,6,0,1,1,1]' \
	    '["trace",10,10,10,0,0,0,0]'
	# filters pass such a line on, readers pass over it
	grep -h '^{"ms.trail' trail >control
	status 0 ms-map '.a = 1' control >same
	cmp control same
	(unset MS_NOW && ms-filter --trail t true </dev/null)
	holds t '."ms.trail".pid > 0'
}

@test "a stage that is killed leaves no last line" {
	mkfifo pipe
	ms-filter --trail trail true <pipe >/dev/null &
	exec 9>pipe
	echo '{"a":1}' >&9
	eventually test -s trail
	kill -KILL $!
	wait $! || true
	exec 9>&-
	lines 1 trail
	echo '{"a":1}' >in
	ms-trace --trail trail in | ms-filter --trail trail true >out
	run -1 ms-trace account --trail trail out
	[ "$output" = '1 read: 1 out, 0 missing
  filter was killed: its last line is not in the trail' ]
	# where the inputs are known, the events themselves decide
	run -0 ms-trace account --trail trail --in in out
}

@test "a line that is no event is in the trail as a reject is" {
	printf '%s\n' '{"a":1}' '{"a":' '[1]' $'{"b":"\xff"}' >in
	ms-trace --trail trail in >out 2>/dev/null || true
	jq -c 'select(has("error")) | [.op, .source, .line, has("text"),
	    has("base64")]' trail >got
	same got '["trace","in",2,true,false]' '["trace","in",3,true,false]' \
	    '["trace","in",4,false,true]'
	run -0 ms-trace account --trail trail --in in out
	[[ $output == '4 read: 1 out, 3 rejected by trace ('*'; 2 other reasons), 0 missing' ]]
}

@test "an event without a history says in the trail where it comes from" {
	printf '%s\n' '{"a":1}' '{"a":2}' >in
	ms-filter --lineage off --trail trail '.a == 2' in >out
	jq -c 'select(has("a")) | ._lineage' trail >got
	jq -c '[.[] | [.op, .from, .kept]]' got >got2
	same got2 '[["filter",{"source":"in","line":1},false]]'
	# the event in the output has no id: it is only counted
	run -0 ms-trace account --trail trail --in in out
	[ "$output" = '2 read: 1 out, 1 turned away by filter, 0 missing' ]
}

@test "what --else gets is passed on, and not in the trail" {
	pipeline
	ms-trace in | ms-filter --trail t2 --else rest '.n == 2' >two
	lacks -q '"kept"' t2
	run -0 ms-trace account --in in --trail t2 two rest
	[ "$output" = '10 read: 1 out, 9 turned away by filter, 0 missing' ]
}

@test "a trail is refused where lines of another kind go" {
	echo '{"a":1}' >in
	run -3 ms-filter --trail - true in
	[[ $output == *"the trail goes to a file that the output goes to too" ]]
	run -3 ms-filter --trail rest --else rest true in
	[[ $output == *"the trail goes to a file that --else goes to too" ]]
	run -3 ms-filter --trail in true in
	[[ $output == *"in: is an input as well" ]]
	run -3 ms-filter --trail no/such true in
	[[ $output == *"no/such: No such file or directory" ]]
	status 3 ms-filter --trail /dev/full false in 2>err
	grep -q '/dev/full: No space left on device' err
}

@test "readers of histories leave the trail alone" {
	echo '{"a":1}' | ms-filter true >in
	MS_TRAIL=trail ms-trace log in >/dev/null
	MS_TRAIL=trail ms-trace verify in >/dev/null
	[ ! -e trail ]
}

@test "a command that is tried out leaves the trail alone" {
	echo '{"a":1}' >in
	ms-filter true in | ms-map -n m '.b = 1' >out
	MS_TRAIL=trail ms-trace test --stage m out -- ms-map '.b = 1'
	[ ! -e trail ]
}

@test "threads and spills lose nothing of the trail" {
	awk 'BEGIN { for (i = 0; i < 30000; i++)
		print "{\"n\":" i ",\"fill\":\"0123456789abcdef0123456789\"}" }' \
	    >in
	ms-trace --trail trail in |
	    ms-filter --trail trail -j 3 -n few '.n % 100 == 0' |
	    ms-map --trail trail 'if .n % 200 == 0 then (., .) else . end' >out
	run -0 ms-trace account --trail trail --in in out
	[ "$output" = '30,000 read: 300 out, 29,700 turned away by filter few, 0 missing' ]
	run -0 ms-trace account --trail trail out
	[ "$output" = '30,000 read: 300 out, 29,700 turned away by filter few, 0 missing' ]
}

@test "the books of a pipeline are balanced" {
	pipeline
	want='10 read: 4 out, 4 turned away by filter odd, 1 given no output by map vary, 1 rejected by map vary (string ("x") and number (1) cannot be added (at program:2:54)), 0 missing'
	for order in '--in in out --trail trail' 'out --trail trail' \
	    '--trail trail out --in ./in' '--in in=./in --trail trail out'; do
		echo "$order"
		# shellcheck disable=SC2086 # these are words
		if [[ $order == *' ./in' ]]; then
			run -1 ms-trace account $order
			[[ ${lines[0]} == *', 10 missing' ]]
			[[ $output == *'not in --in, or twice: in:1'* ]]
		else
			run -0 ms-trace account $order
			[ "$output" = "$want" ]
		fi
	done
	cat out trail | shuf --random-source=<(yes) | ms-trace account --in in >told
	same told "$want"
}

@test "what is missing is named" {
	pipeline
	grep -v '"n":7' out >less
	grep -v '"n":4' trail >lost
	run -1 ms-trace account --in in --trail lost less
	[ "${lines[0]}" = '10 read: 3 out, 3 turned away by filter odd, 1 given no output by map vary, 1 rejected by map vary (string ("x") and number (1) cannot be added (at program:2:54)), 2 missing' ]
	[ "${lines[1]}" = '  missing: in:4' ]
	[ "${lines[2]}" = '  missing: in:7' ]
	run -1 ms-trace account --trail lost less
	[[ ${lines[0]} == '10 read: '*', 2 missing' ]]
	status 1 ms-trace account --json --in in --trail lost less >data
	holds data '.balanced == false and .read == 10 and .missing == 2 and
	    (.missing_at | sort) == ["in:4","in:7"] and .in_part == []'
	status 1 ms-trace account --in in /dev/null >told
	lines 11 told
	status 1 ms-trace account --in <(cat in in) /dev/null >told
	tail -n 1 told >last
	same last '  and 10 more'
}

@test "a fork is whole when all of its parts are found, each once" {
	pipeline
	grep '"n":5' out >parts
	for lost in 1 2 3; do
		{ grep -v '"n":5' out; sed "${lost}d" parts; } >less
		run -1 ms-trace account --in in --trail trail less
		[[ ${lines[0]} == *', 1 in part or twice, 0 missing' ]]
		[ "${lines[1]}" = '  in part or twice: in:5' ]
		run -1 ms-trace account --trail trail less
		# one of the others in its place doesn't make it whole
		{ cat less; sed "$((lost % 3 + 1))!d" parts; } >twice
		run -1 ms-trace account --in in --trail trail twice
	done
	# forks of forks, whose parts go different ways
	ms-trace in | ms-map --trail t2 '., .' 2>/dev/null |
	    ms-map --trail t2 '., .x = 1, .x = 2' |
	    ms-filter --trail t2 '.x != 1' >forked
	run -0 ms-trace account --in in --trail t2 forked
	[ "${lines[0]}" = '10 read: 10 out, 0 missing' ]
	[ "${lines[1]}" = "  of 10 that are out, a part isn't" ]
	sed 17d forked >less
	run -1 ms-trace account --in in --trail t2 less
	[[ ${lines[0]} == '10 read: 9 out, 1 in part or twice, 0 missing' ]]
}

@test "events that got lost between two stages are told, without inputs too" {
	pipeline sed '/"n":6/d;/"n":7/d'
	run -1 ms-trace account --trail trail out
	[[ ${lines[0]} == '10 read: '*', 2 missing' ]]
	[ "${lines[1]}" = '  2 got lost between trace and filter odd' ]
	pipeline sed 5p
	run -1 ms-trace account --in in --trail trail out
	[[ $output == *'not in --in, or twice: in:5'* ]]
	run -1 ms-trace account --trail trail out
	[[ ${lines[0]} == *', 1 more than were read' ]]
}

@test "what a result was made of counts as out" {
	for i in 1 2 3 4 5 6; do
		echo "{\"t\":$((i * 10)),\"n\":$i}"
	done >in
	ms-trace --trail trail in | ms-filter --trail trail '.n != 4' |
	    ms-fold --trail trail --time .t --window 30s '.sum += $event.n' \
		>out
	run -0 ms-trace account --in in --trail trail out
	[ "$output" = '6 read: 0 out, 5 in results, 1 turned away by filter, 0 missing' ]
	sed 1d out >less
	run -1 ms-trace account --in in --trail trail less
	[[ ${lines[1]} == '  missing: in:'* ]]
}

@test "a result that doesn't name all its lines is told beside what is missing" {
	seq 1 400 | sed 's/.*/{"n":&}/' >in
	ms-trace --trail trail in | ms-filter --trail trail '.n % 2 == 0' |
	    ms-fold --trail trail --window all '.sum += $event.n' >out
	run -1 ms-trace account --in in --trail trail out
	[[ $output == *"  some of these may be in 1 results that don't name"* ]]
}

@test "account wants files that it can read" {
	pipeline
	run -3 ms-trace account --trail none out
	[[ $output == *'none: No such file or directory' ]]
	run -2 ms-trace account --trail - --in in - <out
	[[ $output == *'only one file is standard input'* ]]
	echo '{"a":' >bad
	run -1 ms-trace account --trail bad --in in out
	[[ $output == *'bad:1: not JSON'* ]]
	# what is known from nothing isn't said to be balanced
	run -1 ms-trace account out
	[[ ${lines[1]} == *'is known from --in, or from a --trail' ]]
	# a command's own standard input
	run -0 ms-trace account --in in --trail trail <out
}

@test "stats and graph count what the trail holds" {
	pipeline
	ms-trace stats --color=never out trail >told
	for line in '4 turned away' '1 dropped' '1 rejected'; do
		grep -qx "$line" told
	done
	grep -q '^OUT  *6 ' told
	ms-trace stats --json out trail >data
	holds data '[.stages[] | [.op, .events, .turned_away, .rejected]] ==
	    [["trace",12,0,null],["filter",12,4,null],["map",8,2,1]]'
	ms-trace graph -T mermaid out trail >drawn
	grep -q 'turned away<br>4 events' drawn
	grep -q 'rejected<br>1 event"' drawn
	grep -q 'dropped<br>1 event"' drawn
}

@test "a result that says to be of more lines than events holds none of them" {
	printf '%s\n' '{"n":1}' '{"n":2}' >in
	cat >out <<'END'
{"n":2,"_lineage":[{"op":"fold","id":"b32d34e4-2ffc-85a1-80b7-270f8cf5f9b0","of":{"n":2,"lines":{"in":[[1,9000000000000000000]]}}}]}
END
	run -1 ms-trace account --in in out
	[[ $output == *'2 read: '*', 2 missing'* ]]
}
