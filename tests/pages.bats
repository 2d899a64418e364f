#!/usr/bin/env bats
# Every example in the man pages and the README prints what is shown.
load helper

shows() {
	examples_in "$1"
	status 0 "$root/tests/pages.sh" -c "$root/$1"
}

# A page without an example would pass without a look.
examples_in() {
	[ "$(grep -c '^\$ ' "$root/$1")" -ge 1 ] || {
		echo "$1 has no example" >&2
		return 1
	}
}

@test "the README prints what it shows" {
	shows README.md
}

@test "ms(7) prints what it shows" {
	shows man/ms.7
}

@test "ms-language(7) prints what it shows" {
	shows man/ms-language.7
}

@test "ms-lineage(5) prints what it shows" {
	shows man/ms-lineage.5
}

@test "ms-policy(5) prints what it shows" {
	shows man/ms-policy.5
}

@test "ms-cookbook(7) prints what it shows" {
	shows man/ms-cookbook.7
}

@test "ms-engines(7) prints what it shows" {
	shows man/ms-engines.7
}

@test "the recipes in ms-engines(7) are those that are tested" {
	sed 's/\\e/\\/g; s/\\&//g' "$root/man/ms-engines.7" | awk '
		/^\.Ed/ { name = "" }
		name == "" && last ~ /^\.Bd/ { text = ""; wanted = 2 }
		wanted && /^(#|\/\/) [A-Za-z_]+\.(py|sh|java)/ {
			name = $2
			sub(/:$/, "", name)
			printf "%s", text >name
		}
		wanted { text = text $0 "\n"; wanted-- }
		name != "" { print >name }
		{ last = $0 }'
	for file in "$root"/tests/engines/large/*.py \
	    "$root"/tests/examples/*.sh; do
		diff -u "$file" "${file##*/}"
	done
	diff -u "$root/tests/engines/redis_pipe.sh" redis_pipe.sh
	expand -i -t 4 "$root/tests/engines/flink/Pipe.java" | diff -u - Pipe.java
}

@test "the page of each command prints what it shows" {
	body() {
		shows "man/$cmd.1"
	}
	every body
}

@test "no page quotes within quotes, or glues a bracket to a word of the shell" {
	for page in "$root"/man/*; do
		mandoc -Tascii "$page" | col -bx | tr -s '\n ' ' ' >text
		lacks -E '\[\$[?{a-z]+ [-=]' text
		lacks -E '`[a-z.]+(=[a-z0-9_]+)?, `' text
	done
}

@test "an example that prints something else is found" {
	printf '%s\n' '```console' '$ echo one' two '```' >page.md
	run -1 "$root/tests/pages.sh" -c page.md
	printf '%s\n' '```console' '$ echo one' one '```' >page.md
	run -0 "$root/tests/pages.sh" -c page.md
}
