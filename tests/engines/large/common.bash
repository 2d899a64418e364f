# What the tests of the large engines share: Python with the packages that a
# recipe needs, a supervisor, and somebody who kills.
# shellcheck shell=bash

# shellcheck disable=SC2034 # the tests use it
recipes=$BATS_TEST_DIRNAME
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mutstream
# How many events a test sends, every tenth of which goes no further.
EVENTS=${EVENTS:-20000}

# with_python PACKAGE...: $python has them, or the test is skipped.
with_python() {
	local package

	python=$cache/python-large/bin/python
	for package; do
		"$python" -m pip -q show "$package" >/dev/null 2>&1 && continue
		mkdir -p "$cache"
		{
			[ -x "$python" ] || python3 -m venv "$cache/python-large"
			"$python" -m pip -q install "$package"
		} >&2 || skip "pip can't get $package"
	done
}

until_true() {
	for _ in $(seq 3000); do
		! "$@" || return 0
		sleep 0.1
	done
	return 1
}

# supervise COMMAND...: start it again as often as it ends, while the file go
# is there.
supervise() {
	while [ -e go ]; do
		"$@" >>err 2>&1 3>&- 4>&- &
		echo $! >runner
		wait $! || sleep 0.1
	done 2>/dev/null
}

# A stage of the runner.
stage() {
	pgrep -g "$(pgrep -P "$(<runner)" bash)" ms- 2>/dev/null | shuf -n 1
}

works() {
	[ -n "$(stage)" ]
}

# While the file busy is there, kill the runner, a stage or the server at random
# moments after the pipeline has been started.
havoc() {
	while [ -e busy ]; do
		works || {
			sleep 0.1
			continue
		}
		sleep "0.$((RANDOM % 8))"
		case $((RANDOM % 9)) in
		0) server_fault && echo server ;;
		[1-5]) kill -9 "$(<runner)" && echo runner ;;
		*) kill -9 "$(stage)" && echo stage ;;
		esac >>faults 2>/dev/null || :
	done
}

# Count which of the numbers in got are lost, and which are there twice.
count() {
	sort got >sorted
	seq "$EVENTS" | awk '$1 % 10' | sort >want
	lost=$(comm -23 want <(uniq sorted) | wc -l)
	twice=$(uniq -d sorted | wc -l)
	echo "# $BATS_TEST_DESCRIPTION: $lost lost, $twice twice;" \
	    "$(sort faults | uniq -c | xargs)" >&3
	[ -z "$(comm -13 want <(uniq sorted))" ]
}

end_jobs() {
	local pid

	rm -f go busy
	for pid in $(jobs -p); do kill -9 "$pid" 2>/dev/null || :; done
	[ ! -s runner ] || kill -9 "$(<runner)" 2>/dev/null || :
}
