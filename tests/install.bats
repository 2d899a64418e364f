#!/usr/bin/env bats
# What make promises.
load helper

# The build that is under test is what gets installed.
make_here() {
	status 0 env -u MAKEFLAGS -u MAKELEVEL make -s -C "$root" \
	    BUILD="$MS_BUILD" -o "$MS_BUILD/needs" "$@" >log 2>&1 || {
		cat log >&2
		return 1
	}
}

@test "make install installs binaries, man pages and nothing else" {
	make_here install PREFIX=/usr DESTDIR="$PWD/root" CFLAGS="${CFLAGS-}" \
	    -o all
	(cd root && find . -type f | sort) >got
	{
		for cmd in $(commands); do echo "./usr/bin/$cmd"; done
		for page in "$root"/man/*.[1-9]; do
			name=${page##*/}
			case " ${WITHOUT-} " in
			*" $(basename "${name#ms-}" .1) "*) continue ;;
			esac
			echo "./usr/share/man/man${name##*.}/$name"
		done
	} | sort >want
	diff -u want got
	for cmd in $(commands); do [ -x "root/usr/bin/$cmd" ]; done
}

@test "make uninstall removes just what make install installed" {
	mkdir -p root/usr/bin
	touch root/usr/bin/mine
	make_here install PREFIX=/usr DESTDIR="$PWD/root" -o all
	make_here uninstall PREFIX=/usr DESTDIR="$PWD/root"
	find root -type f >got
	same got root/usr/bin/mine
}

@test "make help lists the targets" {
	make_here help
	lacks -E ".{81}" log
	for target in all install uninstall clean demo check lint; do
		grep -q "^$target " log
	done
}

@test "make says plainly what to do where a library is missing" {
	cat >nothing <<'END'
#!/bin/sh
exit 1
END
	chmod +x nothing
	run -2 env -u MAKEFLAGS -u MAKELEVEL make -s -C "$root" BUILD="$PWD/b" \
	    CC="$PWD/nothing"
	[[ $output == *libpcre2-dev*libsodium-dev* ]]
	[[ $output == *"apt-get install"* ]]
	[[ $output == *"make deps"* ]]
}

@test "where there is no apt-get, needs.sh says what to install" {
	mkdir bin
	for tool in sh id mktemp cat rm; do
		ln -s "$(command -v "$tool")" bin
	done
	run -1 env PATH="$PWD/bin" CC=nocc bin/sh "$root/tests/needs.sh" \
	    --install build
	[[ $output == *"There is no apt-get"*libpcre2-dev* ]]
}

@test "make demo shows all filters, a history and the way back" {
	run -0 env MS_BUILD="$MS_BUILD" "$root/tests/demo.sh"
	for cmd in $(filters); do
		[[ $output == *"\$ "*"$cmd"* ]]
	done
	[[ $output == *"ms-trace log"* ]]
	[[ $output == *"ms-trace rewind"* ]]
	# the first state of the event is there, without a history
	first=$(sed -n 2p "$examples/access.ndjson")
	grep -qxF -- "$first" <<<"$output"
}

@test "make demo works on any events" {
	printf '%s\n' '{}' '{"a b":{"c":[1]}}' '{"x":"$(touch evil)"}' >odd
	printf '%s\n' '{"x":"a\u0027b","y":1.10,"z":null}' >one
	run -0 env MS_BUILD="$MS_BUILD" "$root/tests/demo.sh" odd
	[ ! -e evil ]
	run -0 env MS_BUILD="$MS_BUILD" "$root/tests/demo.sh" one
	[[ $output == *'{"x":"a\u0027b","y":1.10,"z":null}'* ]]
}

@test "make demo works on all of the real data" {
	[ -d "$shared/data" ] || skip "no ../shared/data"
	for file in "$shared"/data/*.ndjson; do
		run -0 env MS_BUILD="$MS_BUILD" "$root/tests/demo.sh" "$file"
	done
}

@test "make demo says so where the file isn't there" {
	run -1 env MS_BUILD="$MS_BUILD" "$root/tests/demo.sh" nowhere.ndjson
	[[ $output == *"nowhere.ndjson"* ]]
}

@test "what the build needs is looked for where CPPFLAGS say" {
	mkdir include
	mkdir include/librdkafka
	for header in pcre2 sodium jansson xxhash idn2 sqlite3 maxminddb \
	    librdkafka/rdkafka; do
		echo '#define found' >"include/$header.h"
	done
	cat >cc <<-'END'
		#!/bin/sh
		# A compiler that has no headers of its own but stdio.h.
		for word; do
			case $word in -I*) dir=${word#-I} ;; esac
		done
		name=$(sed -n 's/#include <\(.*\)>/\1/p')
		[ "$name" = stdio.h ] || [ -e "${dir-/none}/$name" ]
	END
	chmod +x cc
	status 1 env CC="$PWD/cc" "$root/tests/needs.sh" build 2>err
	status 0 env CC="$PWD/cc" CPPFLAGS="-I$PWD/include" \
	    "$root/tests/needs.sh" build
}

@test "WITHOUT=kafka neither needs librdkafka nor builds or installs ms-kafka" {
	make_here -n all WITHOUT=kafka
	run -1 grep -q -e ms-kafka -e rdkafka log
	make_here -n install WITHOUT=kafka DESTDIR="$PWD/root" -o all
	lacks -q ms-kafka log
	grep -q ms-trace log
	cat >cc <<-'END'
		#!/bin/sh
		[ "$(grep -c rdkafka)" -eq 0 ]
	END
	chmod +x cc
	status 1 env CC="$PWD/cc" "$root/tests/needs.sh" build 2>err
	grep -q librdkafka-dev err
	status 0 env CC="$PWD/cc" WITHOUT=kafka "$root/tests/needs.sh" build
}

@test "a static build says that it leaves ms-kafka out" {
	make_here -n LDFLAGS=-static BUILD="$PWD/static" all
	grep -q '^ms-kafka is left out of a static build' log
	lacks -q -- -lrdkafka log
	grep -q -- '-static .*ms-map' log
	make_here -n LDFLAGS=-static WITHOUT= BUILD="$PWD/static" all
	grep -q -- '-static .*-lrdkafka .*-lsasl2' log
	make_here -n BUILD="$PWD/static" all
	lacks -q "left out" log
}

@test "no name of ours is one of a library's that a static link meets" {
	nm -g --defined-only "$MS_BUILD/libms.a" |
	    awk 'NF == 3 { print $3 }' | sort -u >ours
	for library in pcre2-8 sodium jansson idn2 sqlite3 maxminddb m c; do
		file=$(${CC:-cc} -print-file-name="lib$library.a")
		[ -e "$file" ] || continue
		nm -g --defined-only "$file" 2>/dev/null |
		    awk 'NF == 3 { print $3 }' | sort -u | comm -12 - ours
	done >both
	[ ! -s both ]
}
