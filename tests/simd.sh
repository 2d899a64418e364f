#!/usr/bin/env bash
# Run test files (the quick ones, where none is named) under each kernel of
# the scanner that this machine can run.  The last line sums up.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 1

build=${MS_BUILD:-build}
files=("$@")
if [ $# -eq 0 ]; then
	files=(tests/filter.bats tests/map.bats tests/json.bats
		tests/simd.bats)
fi
log=$(mktemp) || exit 1
trap 'rm -f "$log" "$log.now"' EXIT

for kernel in scalar sse4 avx2 avx512 neon; do
	if ! MS_SIMD=$kernel "$build/ms-filter" . </dev/null 2>/dev/null; then
		echo "== $kernel: not on this machine"
		continue
	fi
	echo "== $kernel"
	MS_TEST_SIMD=$kernel tests/check.sh "${files[@]}" >"$log.now"
	grep '^not ok' -A 10 "$log.now"
	tail -n 1 "$log.now" | tee -a "$log"
done

awk '
	{ passed += $1; failed += $3; skipped += $5 }
	END {
		printf "%d passed, %d failed", passed, failed
		if (skipped > 0)
			printf ", %d skipped", skipped
		print ""
		exit failed > 0 || NR == 0
	}' "$log"
