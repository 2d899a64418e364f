#!/usr/bin/env bats
# jq's own tests, where they are there: see jq_cases.sh.
load helper

# conforms FILE PERCENT: as many of its blocks agree, and those that don't
# are the ones that are listed.
conforms() {
	local file=$shared/conformance/jq/$1 agree skipped all

	[ -e "$file" ] || skip "there is no ../shared/conformance/jq/$1"
	"$root/tests/jq_cases.sh" "$file" >verdicts
	awk -F '\t' '$1 == "differs" { print $2 "\t" $3 }' verdicts |
	    sort >differ
	grep "^$1:" "$root/tests/jq_differences.txt" | cut -f 1,2 |
	    sort >listed || :
	diff -u listed differ
	all=$(wc -l <verdicts)
	agree=$(grep -c '^agrees' verdicts)
	skipped=$(grep -c '^skipped' verdicts) || :
	echo "# $1: $agree of $((all - skipped)) blocks agree," \
	    "$skipped use modules or other inputs" >&3
	[ "$all" -gt 0 ]
	[ $((agree * 100)) -ge $(((all - skipped) * $2)) ]
}

@test "jq.test agrees in 97 of 100 blocks, and differs where it is said" {
	conforms jq.test 97
}

@test "onig.test agrees in 90 of 100 blocks, and differs where it is said" {
	conforms onig.test 90
}

@test "base64.test agrees" {
	conforms base64.test 100
}

@test "uri.test agrees" {
	conforms uri.test 100
}

@test "every difference is listed with a reason" {
	awk -F '\t' '/^#/ { next } NF != 3 || $3 == "" { bad = 1; print }
	    END { exit bad }' "$root/tests/jq_differences.txt"
}
