#!/usr/bin/env bats
# Key files: what makes them, and what is refused.

load helper

@test "keygen makes a key that only its owner can read, and tells its id" {
	run -0 ms-trace keygen k
	[[ $output =~ ^[0-9a-f]{8}$ ]]
	[ "$(stat -c %a k)" = 600 ]
	[ "$(cut -d ' ' -f 3 k)" = "$output" ]
	(umask 0 && ms-trace keygen open)
	[ "$(stat -c %a open)" = 600 ]
}

@test "keygen --sign makes a pair, whose public half all may read" {
	run -0 ms-trace keygen --sign s
	[ "$(stat -c %a s)" = 600 ]
	[ "$(stat -c %a s.pub)" = 644 ]
	[ "$(cut -d ' ' -f 2,3 s)" = "sign $output" ]
	[ "$(cut -d ' ' -f 2,3 s.pub)" = "public $output" ]
}

@test "keygen overwrites no file, and leaves no half of a pair" {
	echo precious >k
	cp k s.pub
	run -3 ms-trace keygen k
	[[ $output == "ms-trace: k: exists already, and is left alone"* ]]
	run -3 ms-trace keygen --sign s
	[[ $output == "ms-trace: s.pub: exists already"* ]]
	[ ! -e s ]
	[ "$(cat k s.pub)" = $'precious\nprecious' ]
	run -3 ms-trace keygen none/k
	[[ $output == "ms-trace: none/k: No such file or directory" ]]
	run -2 ms-trace keygen
	run -2 ms-trace keygen a b
}

@test "no two keys are alike" {
	ms-trace keygen a >x
	ms-trace keygen b >y
	run ! cmp -s a b
	run ! cmp -s x y
}

@test "a key file that isn't there is told with how to have that kind of key" {
	run -2 ms-map --seal-key none . </dev/null
	[ "$output" = 'ms-map: none: No such file or directory; ms-trace keygen makes a key' ]
	run -2 ms-trace seal --sign none </dev/null
	[ "$output" = 'ms-trace: none: No such file or directory; ms-trace keygen --sign FILE makes a key' ]
	run -2 ms-trace verify --public none.pub </dev/null
	[ "$output" = 'ms-trace: none.pub: No such file or directory; who signs has it, as FILE.pub of ms-trace keygen' ]
	run -2 ms-map --seal-key '' . </dev/null
	[[ $output == *"the name of the key file is empty" ]]
}

@test "keygen that is killed while it writes leaves no key that is half there" {
	for sign in '' --sign; do
		# shellcheck disable=SC2086 # an option or none
		run ! sh -c "ulimit -c 0; ulimit -f 0; exec ms-trace keygen $sign k"
		[ "$status" -gt 128 ] # a signal, at its first write
		[ ! -e k ] && [ ! -e k.pub ]
		rm -f k.*
		# shellcheck disable=SC2086
		ms-trace keygen $sign k
		[ -s k ]
		[ "$(echo k*)" = "k${sign:+ k.pub}" ]
		rm k*
	done
}

@test "keygen that is killed leaves nothing at all where files may have no name" {
	local shm where=$PWD

	# tmpfs has such files; what the tests' own folder is on, nobody knows.
	if shm=$(mktemp -d /dev/shm/ms-XXXXXX); then
		where=$shm
	fi
	(
		cd "$where"
		for sign in '' --sign; do
			# shellcheck disable=SC2086 # an option or none
			run ! sh -c "ulimit -c 0; ulimit -f 0; exec ms-trace keygen $sign k"
			[ "$status" -gt 128 ]
			[ -z "$shm" ] || [ -z "$(ls -A)" ]
		done
	)
	[ -z "$shm" ] || rm -r "$shm"
}

@test "keygen makes keys where files must have a name, too" {
	"${CC:-cc}" -shared -fPIC -D_GNU_SOURCE -O1 -o fault.so "$root/tests/fault.c"
	for sign in '' --sign; do
		# shellcheck disable=SC2086 # an option or none
		run -0 env FAULT=linkat=eio LD_PRELOAD="$PWD/fault.so" \
		    ASAN_OPTIONS=verify_asan_link_order=0 ms-trace keygen $sign k
		[ "$(cut -d ' ' -f 3 k)" = "$output" ]
		[ "$(stat -c %a k)" = 600 ]
		[ "$(echo k*)" = "k${sign:+ k.pub}" ]
		rm k*
	done
}

@test "keygen follows no link to a file that isn't there" {
	ln -s elsewhere k
	run -3 ms-trace keygen k
	[[ $output == "ms-trace: k: exists already, and is left alone"* ]]
	[ ! -e elsewhere ]
}
