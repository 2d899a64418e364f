#!/usr/bin/env bash
# Run programs from standard input, each a line: the program, a tab, and its
# outputs as they must come, with commas between.  The input is {}.  Says
# what comes differently, and exits with 1 then.
set -u
status=0

while IFS=$'\t' read -r program wanted; do
	got=$(ms-map --lineage off "{out: [$program"$'\n]}' <<<'{}')
	[ "$got" = "{\"out\":[$wanted]}" ] && continue
	printf 'program: %s\nwanted:  %s\ngot:     %s\n' "$program" \
	    "{\"out\":[$wanted]}" "$got"
	status=1
done
exit $status
