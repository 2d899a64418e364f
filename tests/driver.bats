#!/usr/bin/env bats
# The loop that all filters share: threads, outputs, signals, control lines.
load helper

@test "a program that recurses without end is told, whatever the stack" {
	echo '{"a":1}' >in
	for size in 1000 8192 512000 unlimited; do
		for j in 1 2; do
			run -1 sh -c 'ulimit -s "$0" || ulimit -Ss "$0"
			    exec ms-map -j "$1" "def f: [f]; f" in' "$size" $j
			[[ $output == *"recurses too deeply"* ]]
		done
	done
}
