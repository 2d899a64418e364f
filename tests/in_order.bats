#!/usr/bin/env bats
# Threads prepare and write; events are judged one after the other, in order.
load helper

export MS_NOW=2026-11-25T18:00:00.000000Z

# stream SEED: 400 KiB of events with lines among them that are none.
stream() {
	awk -v seed="$1" 'BEGIN {
		srand(seed)
		for (i = 0; i < 3500; i++) {
			r = int(rand() * 1000); k = int(rand() * 200)
			if (r < 4) print ""
			else if (r < 8) print "{\"k\":" k ",\"v\":"
			else if (r < 10) print "[1,2]"
			else if (r < 12) print "{\"ms.other\":" i "}"
			else if (r < 14) printf "{\"k\":1,\"_lineage\":%d}\n", i
			else if (r < 18)
				printf "{\"ms.time\":\"2026-11-25T10:%02d:%02dZ\"}\n",
				    i / 60 % 60, i % 60
			else if (r < 22) printf "{\"k\":%d,\"t\":\"when\"}\n", k
			else if (r < 26) printf "{\"k\":%d,\"t\":%d,\"v\":\"x\"}\n", k, i
			else if (r < 60)
				printf "{\"fold\":{\"n\":[%d,{\"a\":\"\\u00e9\"}]," \
				    "\"last\":1.50},\"k\":%d,\"t\":%d,\"v\":1}\n", i, k, i
			else if (r < 62) {
				printf "{\"k\":%d,\"t\":%d,\"v\":2,\"long\":\"", k, i
				for (j = 0; j < 3000; j++) printf "0123456789"
				print "\"}"
			} else if (r < 66) {
				for (j = 0; j < 600; j++) printf "{\"v\":"
				printf k
				for (j = 0; j < 600; j++) printf "}"
				print ""
			} else
				printf "{\"k\": %d,\"t\":%.1f,\"v\":%d,\"path\":\"/a/%d\"" \
				    ",\"deep\":{\"x\":[%d]}}\n", k, i + rand() * 9, r, k, r
		}
	}'
}

# same_always COMMAND...: it says and writes the same with any -j, and where
# nothing may be written later.  The files out, err, else and rejects are its.
same_always() {
	local j s
	for j in 1 2 4 once; do
		set -- "$@" -j "${j/once/2}"
		[ $j != once ] || set -- "$@" --max-memory 31M
		s=0
		"$@" --rejects "rejects.$j" in in2 >"out.$j" 2>"err.$j" || s=$?
		echo $s >"status.$j"
		touch else
		mv else "else.$j"
		cmp out.1 "out.$j"
		cmp err.1 "err.$j"
		cmp rejects.1 "rejects.$j"
		cmp else.1 "else.$j"
		cmp status.1 "status.$j"
	done
	[ -s out.1 ] || [ -s else.1 ]
	rm -f rejects.*
}

@test "a running fold is the same in any number of threads" {
	stream 1 >in
	stream 2 | ms-map --rejects /dev/null 'if .v == 1 then (., .) end' \
	    2>/dev/null >in2 || :
	same_always ms-fold --by .k '.n += $event.v | .last = $event.deep |
	    .id = $origin'
	same_always ms-fold --by .k --as .path '[.[-2:][], $event]'
	same_always ms-fold --by .k --as .deep.x 'if . == 3 then null else . + 1 end'
	same_always ms-fold --by .k --as ._lineage '. + 1'
	same_always ms-fold --lineage off --max-keys 50 --by .k '. + $event.v'
	same_always ms-fold --time .t --ttl 100s --by .k '. + $event.v'
	same_always ms-fold --max-line 700 '.s += "xxxxxx\($event.v)"'
	same_always ms-fold --max-depth 700 --by .k '.a = {a: .a}'
	same_always ms-fold --on-error pass --by .k '. + $event.v'
	same_always ms-fold --max-state 3000 --by .k '. + 1'
}

@test "the first error stops all threads where it is told to" {
	stream 3 >in
	cp in in2
	same_always ms-fold --on-error stop --by .k '. + 1'
	same_always ms-fold --on-error stop --max-keys 3 --by .k \
	    'if . == 8 then error("eight") else . + 1 end' \
	    --max-line 1000000
	same_always ms-filter --on-error stop --unique .k
	seq 6000 | sed 's/.*/{"k":&}/' >in
	same_always ms-fold --on-error stop --max-keys 30 --by .k \
	    'if $event.k == 4321 then error("no") else . + 1 end'
}

@test "windows are the same in any number of threads" {
	stream 4 >in
	stream 5 | ms-map -n m --rejects /dev/null . 2>/dev/null >in2 || :
	same_always ms-fold --by .k --time .t --window 1m --late 2s --keep 1m \
	    '.n += 1 | .sum += $event.v'
	same_always ms-fold --by .k --time .t --window 1m/20s --late-to else '. + 1'
	same_always ms-fold --by .k --time .t --window session:5s --late 3s \
	    '. + $event.v'
	same_always ms-fold --by .k --window count:7 '. + 1'
	same_always ms-fold --by .k --window all --on-error pass '. + $event.v'
}

@test "what ms-filter remembers is the same in any number of threads" {
	stream 6 >in
	stream 7 | ms-map --rejects /dev/null . 2>/dev/null >in2 || :
	same_always ms-filter --unique .k --else else
	same_always ms-filter --unique .k --else -
	same_always ms-filter --unique .k --time .t --within 20s --count-as .held
	same_always ms-filter --unique .k --time .t --within 20s \
	    --count-as .deep.held --max-keys 40
	same_always ms-filter --rate 1/m --by .k --time .t --else else
	echo '.v > 500 or error("low")' >p
	same_always ms-filter -f p --unique .k -c
}

@test "a policy refuses the same events in any number of threads" {
	stream 8 >in
	sed 's/"path"/"email":"a@b.c","path"/; 900,$s/"email":"a@b.c",//' in >in2
	echo '{"forget":[".email"],"rules":[{"id":"P","protect":[".v"]}]}' >p.json
	same_always ms-fold --policy p.json --by .k '. + 1'
	grep -q a@b.c in2
	lacks -q a@b.c out.1
	same_always ms-fold --policy p.json --by .k --time .t --window 10s '. + 1'
	same_always ms-filter --policy p.json --unique .k
	lacks -q a@b.c out.1
}

# chop: the stream with a barrier behind each 500 lines.
chop() {
	awk '{ print } NR % 500 == 0 {
		printf "{\"ms.barrier\":%d,\"n\":500}\n", NR }'
}

@test "state beside the stream is that of its barrier in any number of threads" {
	for i in {1..4000}; do
		echo "{\"k\":$((i % 97)),\"v\":$i}"
	done | chop >in
	for j in 1 4; do
		mkdir "d$j" "u$j"
		MS_STATE=d$j ms-fold -n f -j $j --by .k '.n += $event.v' \
		    <in >"out.$j"
		MS_STATE=u$j ms-filter -n f -j $j --unique .v in >"u.$j"
	done
	cmp out.1 out.4
	diff -r d1 d4
	cmp u.1 u.4
	diff -r u1 u4
	[ "$(grep -c barrier d1/f)" = 8 ]
}

@test "a state file holds the same whatever number of threads made it" {
	seq 6000 | awk '{ printf "{\"k\":%d,\"v\":%d}\n", $1 % 97, $1 }' >in
	for j in 1 4; do
		ms-fold --state s$j -j $j --by .k '.n += $event.v' in >"out.$j"
		ms-fold --state s$j --by .k --dump '.n += $event.v' >"dump.$j"
		status 0 ms-fold --state s$j -j $j --by .k '.n += $event.v' in \
		    >"again.$j" 2>err
	done
	cmp out.1 out.4
	cmp dump.1 dump.4
	lines 98 dump.4
	cmp again.1 again.4
}
