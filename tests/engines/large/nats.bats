#!/usr/bin/env bats
# A pipeline between two subjects of NATS JetStream, by the recipe of
# ms-engines(7).
load ../../helper
load common

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
	export PATH=${MS_BUILD:-$root/build}:$PATH:/usr/sbin
	command -v nats-server >/dev/null || skip "there is no nats-server"
	with_python nats-py
	export MS_LINEAGE=off
	unset MS_NOW
	cd "$BATS_TEST_TMPDIR" || return
	server_start
	topics
}

teardown() {
	end_jobs
	[ ! -s server ] || kill -9 "$(<server)" 2>/dev/null || :
}

# A free port the first time, and the same one again.
server_start() {
	nats-server -js -sd "$PWD/store" -a 127.0.0.1 -p "$(cat port 2>/dev/null ||
	    echo -1)" --ports_file_dir "$PWD" >>log 2>&1 3>&- 4>&- &
	echo $! >server
	disown
	until_true test -s "nats-server_$(<server).ports"
	url=$(jq -r '.nats[0]' "nats-server_$(<server).ports")
	echo "${url##*:}" >port
}

# ask PYTHON: with stream and nats at hand.
ask() {
	"$python" - "$url" <<-END
		import asyncio, nats, sys
		from nats.js.api import *
		async def main():
		    server = await nats.connect(sys.argv[1])
		    stream = server.jetstream()
		    ${1//$'\n'/$'\n'    }
		    await server.close()
		asyncio.run(main())
	END
}

topics() {
	ask 'await stream.add_stream(name="IN", subjects=["in"])
await stream.add_stream(name="OUT", subjects=["out", "out.dead"],
    duplicate_window=3600)
await stream.add_consumer("IN", ConsumerConfig(durable_name="c",
    ack_policy="explicit", ack_wait=2))'
}

# Each line of standard input is a message.
put() {
	cat >messages
	ask 'for line in open("messages", "rb").read().splitlines():
    await server.publish("in", line)
await server.flush()'
}

# held SUBJECT: what was written there.
held() {
	ask 'info = await stream.stream_info("OUT")
for n in range(1, info.state.last_seq + 1):
    message = await stream.get_msg("OUT", n)
    if message.subject == "'"$1"'":
        print(message.data.decode())'
}

# All is delivered, and acknowledged.
done_with() {
	[ "$(ask 'c = await stream.consumer_info("IN", "c")
print(c.num_pending + c.num_ack_pending)' 2>/dev/null)" = 0 ]
}

# What havoc does beside.
server_fault() {
	kill -9 "$(<server)"
	server_start
}

@test "NATS: exactly once, whatever is killed" {
	touch go busy faults
	seq "$EVENTS" | sed 's/.*/{"i":&}/' | put
	supervise "$python" "$recipes/nats_pipe.py" "$url" in out c \
	    "ms-filter '.i % 10 != 0' | ms-map .j=.i" 3>&- 4>&- &
	havoc 3>&- 4>&- &
	until_true done_with
	end_jobs
	held out | jq .i >got
	count
	[ "$lost" -eq 0 ]
	[ "$twice" -eq 0 ]
	[ "$(wc -l <faults)" -gt 3 ]
}

@test "NATS: the control, without ids, repeats: the test can fail" {
	touch go busy faults
	seq "$EVENTS" | sed 's/.*/{"i":&}/' | put
	sed 's/, headers=id//' "$recipes/nats_pipe.py" >control.py
	run ! cmp -s control.py "$recipes/nats_pipe.py"
	export PYTHONPATH=$recipes
	supervise "$python" control.py "$url" in out c \
	    "ms-filter '.i % 10 != 0' | ms-map .j=.i" 3>&- 4>&- &
	havoc 3>&- 4>&- &
	until_true done_with
	end_jobs
	held out | jq .i >got
	count
	[ "$twice" -gt 0 ]
}

@test "NATS: what is no event, is rejected, or kills the pipeline is a dead letter" {
	touch faults
	printf '%s\n' '{"i":1}' 'x' '{"i":"y"}' '{"i":7}' '{"ms.x":1}' '{"i":2}' \
	    $'\xff' | put
	"$python" "$recipes/nats_pipe.py" "$url" in out c \
	    'ms-map "if .i == 7 then . else ., .i += 1 end" |
	     while read -r e; do [[ $e != *:7* ]] || exit 9; echo "$e"; done' \
	    >>err 2>&1 3>&- 4>&- &
	echo $! >runner
	until_true done_with
	end_jobs
	held out >got
	same got '{"i":1}' '{"i":2}' '{"i":2}' '{"i":3}'
	held out.dead >got
	lines 5 got
	[ "$(jq -r .text got | grep -cxF -e x -e '{"i":7}' -e '{"ms.x":1}')" -eq 3 ]
	grep -qF '"base64": "/w=="' got
	grep -q '"error":".*cannot be added.*"event":{"i":"y"}' got
}

@test "NATS: a pipeline that can't work, or has state, ends with 2 and takes nothing" {
	put <<<'{"i":1}'
	for pipeline in 'ms-map .a=' 'ms-fold .+1' 'ms-fold -n x .+1 | cat' \
	    'head -n 1 >/dev/null'; do
		status 2 "$python" "$recipes/nats_pipe.py" "$url" in out c \
		    "$pipeline" 2>>err
	done
	run ! done_with
	grep -q '^ms-map: program:1:4: ' err
	[ "$(grep -c 'a stage has state' err)" -eq 2 ]
}
