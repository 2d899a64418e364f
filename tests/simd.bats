#!/usr/bin/env bats
# The scanner's kernels: each that the machine can run, and NEON's, built by
# a cross compiler, on an emulated machine.
load helper

# agree_on COMMAND...: run the fuzzer for a while.
agree_on() {
	local files=("$examples/access.ndjson")

	if [ -d "$shared/conformance/JSONTestSuite" ]; then
		mapfile -t -O 1 files < <(find \
		    "$shared/conformance/JSONTestSuite" -name '[yn]_*.json' |
		    sort)
	fi
	"$@" "${files[@]}"
}

# build_agree COMPILER [FLAG...]
build_agree() {
	"$@" -std=c17 -D_GNU_SOURCE -I"$root/lib" -O2 -o scan_agree \
	    "$root/tests/fuzz/scan_agree.c" "$root"/lib/json/*.c \
	    "$root/lib/base/utf8.c"
}

@test "all kernels of this machine list the same entries" {
	build_agree "${CC:-cc}"
	agree_on ./scan_agree -n 2000
}

@test "the NEON kernel agrees with plain C on an emulated machine" {
	for tool in aarch64-linux-gnu-gcc qemu-aarch64; do
		command -v $tool >/dev/null || skip "$tool is missing"
	done
	unset MS_SIMD # which may name a kernel that this machine has
	build_agree aarch64-linux-gnu-gcc -static ||
	    skip "the cross compiler can't build a static binary"
	agree_on qemu-aarch64 ./scan_agree -n 300
}

@test "MS_SIMD takes any kernel of this machine, and no other name" {
	for kernel in scalar sse4 avx2 avx512 neon; do
		MS_SIMD=$kernel ms-filter --lineage off . <"$examples/access.ndjson" \
		    >"$kernel" 2>err || continue
		cmp "$kernel" "$examples/access.ndjson"
	done
	[ -s scalar ]
	MS_SIMD=abacus run -3 --separate-stderr ms-filter . </dev/null
	[ "$output" = "" ]
}
