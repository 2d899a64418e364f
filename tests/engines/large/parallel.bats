#!/usr/bin/env bats
# Pipelines side by side under GNU parallel, as in ms-engines(7).
load ../../helper
load common

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
	export PATH=${MS_BUILD:-$root/build}:$PATH MS_LINEAGE=off
	command -v parallel >/dev/null || skip "there is no parallel"
	cd "$BATS_TEST_TMPDIR" || return
	seq "$EVENTS" | sed 's/.*/{"i":&}/' >in
	ms-filter '.i % 10 != 0' <in >want
	# each piece dies once, behind half of what it gives
	cat >once <<-'END'
		ms-filter '.i % 10 != 0' |
		    awk '{ print } NR == 100 && !system("mkdir died" int($0) \
		        substr($0, 6) " 2>/dev/null") { exit 9 }'
	END
}

@test "parallel: pieces that died are tried again, and the result is exact and in order" {
	parallel --pipe --keep-order --block 20k --retries 3 \
	    bash -o pipefail once <in >got
	cmp want got
	died=(died*)
	[ "${#died[@]}" -gt 3 ]
}

@test "parallel: the control, without --retries, loses or repeats: the test can fail" {
	run parallel --pipe --keep-order --block 20k bash -o pipefail once <in >got
	[ "$status" -ne 0 ]
	run ! cmp -s want got
}
