# What the tests of ms-kafka --changelog share.
# shellcheck shell=bash disable=SC2034,SC2154 # the test files use and set them
load kafka

# topics PARTITIONS [SETTING...]: those that a test reads, writes and keeps
# state in; settings are the changelog's.
topics() {
	local partitions=$1

	shift
	mkdir tmp
	export TMPDIR=$PWD/tmp
	log=log$n
	broker topic "$from" "$partitions"
	broker topic "$to" "$partitions"
	broker topic "$log" "$partitions" cleanup.policy=compact "$@"
	# shellcheck disable=SC2034
	always=(--changelog "$log" --strip)
}

# Records of the topic that is read, as KEY, a tab, VALUE.
feed() {
	put -t "$from" "$@"
}

# Events of users that count up: users USER...
users() {
	printf '%s\n' "$@" | awk '{ printf "%s\t{\"u\":\"%s\"}\n", $1, $1 }'
}

count='ms-fold -n seen --by .u --as .seen ". + 1"'

# What is in the changelog, the last one of each key.
kept() {
	get "$log" '%k\t%s\n' | jq -Rnc '
	    reduce (inputs | split("\t")) as [$k, $v] ({}; .[$k] = $v) |
	    to_entries[] | select(.key | fromjson | length == 2) |
	    [(.key | fromjson[1]), (.value | fromjson? | .value) // null]' |
	    sort
}

is_kept() {
	[ -n "$(kept)" ]
}
