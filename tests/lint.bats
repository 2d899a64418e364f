#!/usr/bin/env bats
# The house style, as far as tools can hold it.
load helper

setup() {
	cd "$root" || return
}

need() {
	command -v "$1" >/dev/null || skip "$1 is missing"
}

@test "clang-format would change nothing" {
	need clang-format
	find cmd lib tests -name '*.[ch]' -print0 |
	    xargs -0 clang-format --dry-run -Werror
}

@test "gcc finds nothing to warn about" {
	need gcc
	make -s -j 2 CC=gcc CFLAGS='-O2 -Werror' BUILD="$BATS_TEST_TMPDIR/gcc" \
	    objects
}

@test "clang finds nothing to warn about" {
	need clang
	make -s -j 2 CC=clang CFLAGS='-fsyntax-only -Werror' \
	    BUILD="$BATS_TEST_TMPDIR/clang" objects
}

@test "mandoc -Tlint finds nothing in the man pages" {
	need mandoc
	mandoc -Tlint -Wwarning man/*.[1-9]
}

@test "shellcheck finds nothing in the scripts" {
	need shellcheck
	shellcheck -x -e SC2317 tests/*.sh tests/engines/*.sh tests/engines/*/*.sh \
	    tests/examples/*.sh tests/*.bash tests/engines/*/*.bash \
	    .ci/run
}

@test "shellcheck finds nothing in the tests" {
	need shellcheck
	# bodies called by name, programs in single quotes, bats's variables
	shellcheck -x -e SC2317,SC2016,SC2154,SC2094,SC2030,SC2031 tests/*.bats tests/engines/*.bats \
	    tests/engines/*/*.bats
}

@test "no test waits for all jobs, since the watch over it is one of them" {
	lacks -rnE '\bwait( *$| *[;|&]| %)' --include=*.bats \
	    --include=*.bash tests
}

@test "no test takes a file that isn't there for one that lacks a line" {
	lacks -rnE 'run [!] (e|f)?grep' --include=*.bats --include=*.bash tests
}

@test "no line of C is wider than 80 columns" {
	run ! sh -c 'find cmd lib tests -name "*.[ch]" -exec cat {} + |
	    expand -t 8 | grep -nE "^.{81}"'
}

@test "nothing below lib exits or prints to standard output" {
	lacks -nE '\b(exit|printf|puts|putchar) *\(' lib/*/*.c lib/*/*/*.c
}

@test "nothing below lib is static and changes" {
	lacks -nE '^static [^(]*[a-z_]+(\[[^]]*\])*( = .*)?;$' \
	    <(grep -hE '^static ' lib/*/*.c lib/*/*/*.c | grep -v const)
}

@test "every command has its man page, and every page its command" {
	for cmd in $(commands); do
		[ -e "man/$cmd.1" ]
	done
	for page in man/ms-*.1; do
		name=${page##*/}
		[ -e "cmd/${name%.1}.c" ] || [ -d "cmd/${name%.1}" ]
	done
}

@test "no file names a path of somebody's machine" {
	lacks -rnE '/home/|/tmp/|/work/' cmd lib man tests Makefile \
	    README.md .ci --include='*' --exclude=lint.bats
}

@test "no folder includes one that stands below it, and there is no circle" {
	tests/structure.sh layers
}

@test "no two files have the same name" {
	tests/structure.sh names
}

@test "every function that a header declares has a contract" {
	tests/structure.sh contracts
}

@test "every global of the library has a prefix that its folder knows" {
	need nm
	tests/structure.sh globals "$MS_BUILD/libms.a"
}
