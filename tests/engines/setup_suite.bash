# The brokers that the files have started end with the last of these.
# shellcheck shell=bash
setup_suite() {
	export ENGINES=${BASH_SOURCE[0]%/*}
}

# BROKER_KEEP=1 leaves them to the next run
teardown_suite() {
	local dir

	for dir in "${BROKER_DIR:-$BATS_RUN_TMPDIR}"/broker*; do
		[ -n "${BROKER_KEEP-}" ] || [ ! -d "$dir" ] ||
		    BROKER_DIR=$dir "$ENGINES/broker.sh" clear
	done
}
