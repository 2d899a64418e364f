#!/usr/bin/env bats
# Every builtin does what jq's manual says.
load helper

@test "each builtin gives what the manual says" {
	grep -v '^#' "$root/tests/builtins.txt" | cut -f 2- >cases
	[ "$(wc -l <cases)" -ge 200 ]
	"$root/tests/table.sh" <cases 2>err || {
		cat err >&2
		return 1
	}
}

@test "each builtin has a case" {
	ms-map --lineage off '{b: builtins[]}' <<<'{}' | jq -r .b | sort -u \
	    >there
	grep -v '^#' "$root/tests/builtins.txt" | cut -f 1 | sort -u >tested
	[ "$(wc -l <there)" -ge 190 ]
	diff -u there tested
}

@test "each builtin of ms-language(7) is there, and each has its place there" {
	ms-map --lineage off '{b: builtins[]}' <<<'{}' | jq -r .b |
	    cut -d / -f 1 | sort -u >there
	sed -n 's/^\.It Li //p' "$root/man/ms-language.7" |
	    sed 's/ , / /g' >items
	while read -r name; do
		grep -qE "(^| )\"?$name([ (\"]|\$)" items || {
			echo "$name is not in ms-language(7)" >&2
			return 1
		}
	done <there
}

# A line of the page such as "[3,1,2] | sort  # [1,2,3]" says what its
# program gives.
@test "each line of ms-language(7) gives what it says" {
	sed -n 's/\\&//g; s/\\e/\\/g; s/^\(.*[^ ]\)   *# \(.*\)$/\1\t\2/p' \
	    "$root/man/ms-language.7" >cases
	[ "$(wc -l <cases)" -ge 150 ]
	"$root/tests/table.sh" <cases 2>err || {
		cat err >&2
		return 1
	}
}
