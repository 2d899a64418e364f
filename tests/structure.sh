#!/usr/bin/env bash
# What the house's order can be held to without reading it:
#
#   structure.sh layers    no folder includes one that stands below it in the
#                          table of lib/README.md, and no two include each
#                          other; cmd/ includes from all, and is included
#                          by nobody
#   structure.sh names     no two files have the same name
#   structure.sh globals LIBRARY
#                          every global of the library starts with the name
#                          of a file, of a folder, or of a struct or enum
#                          that its own folder knows, and none is a
#                          function of the C library
#
#   structure.sh contracts
#                          every function that a header declares has a
#                          contract: a comment in its paragraph
#
# Each breach is a line on standard output; 1 where there is one.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 2

# The folders in order, the lowest first: "base", "lang/syntax", ...
# shellcheck disable=SC2016 # the quotes are of the table
order() {
	sed -n 's/^| `\([a-z/]*\)\/` .*/\1/p' lib/README.md
}

includes() {
	grep -rHoE '^#include "[^"]+"' lib cmd --include='*.[ch]'
}

layers() {
	awk '
		function folder(path) {
			sub(/^lib\//, "", path)
			return path ~ /\// ? substr(path, 1, match(path, \
			    /\/[^\/]*$/) - 1) : ""
		}
		NR == FNR { rank[$1] = ++n; next }
		{
			split($0, part, /:#include "/)
			sub(/"$/, "", part[2])
			from = folder(part[1])
			# a file beside it in cmd/ is named without a folder
			to = folder(part[2])
			if (part[1] ~ /^cmd\//) {
				if (to != "" && !(to in rank))
					bad[part[1] " includes " part[2] \
					    ", whose folder is in no layer"]
				next
			}
			if (!(from in rank))
				bad[part[1] " is in no layer of lib/README.md"]
			else if (!(to in rank))
				bad[part[1] " includes " part[2] \
				    ", whose folder is in no layer"]
			else if (rank[to] > rank[from])
				bad[part[1] " includes " part[2] ", but " to \
				    " stands above " from]
		}
		END {
			if (n < 10)
				bad["lib/README.md has no table of layers"]
			for (b in bad) {
				print b
				wrong = 1
			}
			exit wrong
		}' <(order) <(includes)
}

names() {
	find lib cmd -name '*.[ch]' -printf '%f\n' | sort | uniq -d |
	    sed 's/^/two files are named /' | grep . && return 1
	return 0
}

# shellcheck disable=SC2016 # the quotes are of awk
contracts() {
	find lib cmd -name '*.h' -print0 | xargs -0 awk '
		BEGIN {
			RS = ""
			FS = "\n"
		}
		/^[a-z]/ && !/\/\*/ && /^[a-z][^{;=]*\(/ {
			print FILENAME ": no contract: " $1
			wrong = 1
		}
		END { exit wrong }'
}

# Lines of "FOLDER WORD": what a global of that folder may start with.
words() {
	local file folder

	find lib -name '*.[ch]' | while read -r file; do
		folder=${file%/*}
		{
			printf '%s\n' "${file##*/}" "${folder##*/}" |
			    sed -E 's/\..*//; s/_.*//'
			sed -nE \
			    's/^(struct|enum) ([a-z0-9]+)[a-z0-9_]*.*/\2/p' \
			    "$file"
		} | sed "s|^|$folder |"
	done | sort -u
}

# Lines of "FOLDER FILE", without its ending.
files() {
	find lib -name '*.c' -printf '%h %f\n' | sed 's/\.c$//'
}

# The functions of the C library, which none of ours may replace.
theirs() {
	local libc

	libc=$("${CC:-cc}" -print-file-name=libc.so.6)
	if [ -f "$libc" ]; then
		nm -D --defined-only "$libc" | sed 's/.* //; s/@.*//'
	fi
}

globals() {
	# what the compiler adds (ASan, say) starts with two underscores
	nm -A --defined-only "$1" | grep -v ' __' | awk '
		FILENAME == ARGV[1] { known[$1, $2] = 1; next }
		FILENAME == ARGV[2] { folder[$2] = $1; next }
		FILENAME == ARGV[3] { theirs[$1] = 1; next }
		$2 ~ /^[TDBRVWC]$/ || $3 ~ /^[TDBRVWC]$/ {
			file = $1
			sub(/^[^:]*:/, "", file)
			sub(/\.o:.*/, "", file)
			word = tolower($NF)
			sub(/_.*/, "", word)
			n++
			if (!((folder[file], word) in known))
				bad[$NF " (" file ".c) has no prefix that " \
				    folder[file] " knows"]
			if ($NF in theirs)
				bad[$NF " (" file ".c) is a function of the " \
				    "C library"]
		}
		END {
			if (n == 0)
				bad["no global was seen"]
			for (b in bad) {
				print b
				wrong = 1
			}
			exit wrong
		}' <(words) <(files) <(theirs) -
}

case ${1-} in
layers | names | contracts) "$1" ;;
globals) globals "$2" ;;
*)
	echo "usage: structure.sh layers|names|contracts|globals LIBRARY" >&2
	exit 2
	;;
esac
