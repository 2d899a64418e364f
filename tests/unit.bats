#!/usr/bin/env bats
# The layers below the commands, each by a program of its own: tests/unit/.
load helper

unit() {
	run -0 "$MS_BUILD/tests/unit/$1"
	echo "$output"
	lacks -q '^not ok' <<<"$output"
}

@test "arenas, buffers and their account do as their headers say" {
	unit memory_test
}

@test "JSON text becomes structure, under each kernel alike" {
	unit json_test
}

@test "values stay spans until they are changed" {
	unit value_test
}

@test "a history is written, found and taken back" {
	unit record_test
}

@test "a state does as a model of it" {
	unit state_test
}

@test "times and their texts are those of the C library" {
	unit instant_test
}

@test "keys find rows as a plain model does" {
	unit lookup_test
}

@test "a cache of answers does as a model of it" {
	unit cache_test
}

@test "events of two files are brought together in any order" {
	unit pairing_test
}

@test "each program of tests/unit is run" {
	for source in "$root"/tests/unit/*.c; do
		grep -q "unit $(basename "$source" .c)\$" \
		    "$BATS_TEST_FILENAME"
	done
}

@test "sums of events are the same, however the bytes come" {
	unit sum_test
}

@test "a record is taken back from an event that later stages changed" {
	unit retract_test
}

@test "patterns of ECMA-262 mean in PCRE2 what they meant" {
	unit ecma_test
}

@test "a page's texts and times are packed as they should be" {
	unit report_test
}

@test "records go through a pipeline as lines, and come back as records" {
	unit engine_test
}

@test "state is laid for stages, and taken from what they append" {
	unit stages_test
}
