#!/usr/bin/env bash
# Print a man page or README with its examples run anew.
#
#   pages.sh FILE        print FILE with the output that its commands give
#   pages.sh -c FILE     say how FILE differs from that
#
# An example is a block (.Bd -literal to .Ed, or ```console to ```) whose
# first line starts with "$ ".  Lines that start so are commands, run in
# a copy of tests/examples with the time standing still; a command whose
# last line ends with \ or in the middle of something goes on in the next
# one.  What follows up to the next command is its output.
set -u
here=$(cd "$(dirname "$0")" && pwd)
export MS_NOW=2026-11-22T14:39:44.123456Z LC_ALL=C.UTF-8
export PATH=${MS_BUILD:-$here/../build}:$PATH
unset MS_LINEAGE_KEY NO_COLOR COLUMNS

if [ "${1-}" = -c ]; then
	"$0" "$2" | diff -u "$2" -
	exit
fi
page=$1
case $page in
*.[1-9])
	opens='.Bd -literal*'
	closes=.Ed
	;;
*)
	opens='```console'
	closes='```'
	;;
esac

# What mdoc writes for the characters that it would take for its own.
escaped() {
	case $page in
	*.[1-9]) sed "s/\\\\/\\\\e/g; s/^[.']/\\\\\\&&/" ;;
	*) cat ;;
	esac
}

plain() {
	case $page in
	*.[1-9]) sed 's/\\e/\\/g; s/\\&//g' ;;
	*) cat ;;
	esac
}

# A busy machine takes its time to start what answers, which is told.
unhurried() {
	sed '/^ms-enrich: .*: no answer for 5 s, and events wait for one: /d'
}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cp -r "$here/examples/." "$work" || exit 1

state=text # text, first (line of a block), example, other (block)
command=
while IFS= read -r line; do
	if [ "$state" = first ]; then
		state=other
		[[ $line == '$ '* ]] && state=example
	fi
	# shellcheck disable=SC2254 # a pattern is what it is
	case $line in
	$opens) state=first ;;
	"$closes") state=text ;;
	esac
	if [ "$state" != example ]; then
		printf '%s\n' "$line"
		command=
		continue
	fi
	bare=$(plain <<<"$line")
	if [ -n "$command" ]; then
		command+=$'\n'$bare
	elif [[ $bare == '$ '* ]]; then
		command=${bare#??}
	else
		continue # old output
	fi
	printf '%s\n' "$line"
	# A command goes on while a quote or a pipe is open.
	if [[ $bare == *\\ ]] || ! bash -n <<<"$command" 2>/dev/null; then
		continue
	fi
	(cd "$work" && bash -c "$command") 2>&1 | unhurried | escaped
	command=
done <"$page"
