#!/usr/bin/env bash
# Run the whole suite against the binaries in $MS_BUILD.  The last line is
# N passed, N failed (and N skipped, where some were) alone on a line.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 1

log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

# Tests wait more than they work: four of them keep a core busy.
jobs=()
if command -v parallel >/dev/null; then
	jobs=(--jobs $((4 * $(nproc))))
fi
# A test that hangs is a test that failed.  Whoever starts this may ignore
# signals (nohup does): the tests begin with none ignored.
export BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-900}
env --default-signal bats --tap "${jobs[@]}" "${@:-tests}" 2>&1 | tee "$log"
ended=$?

# What the plan promised and no line tells of counts as failed.
awk -v ended="$ended" '
	/^1\.\.[0-9]+$/ { plan += substr($0, 4) }
	/^ok .* # skip/ { skipped++; next }
	/^ok / { passed++ }
	/^not ok / { failed++ }
	END {
		lost = plan - passed - failed - skipped
		if (lost > 0)
			failed += lost
		if (ended != 0 && failed == 0 || plan == 0)
			failed++
		printf "%d passed, %d failed", passed, failed
		if (skipped > 0)
			printf ", %d skipped", skipped
		print ""
		exit failed > 0
	}' "$log"
