#!/usr/bin/env bash
# Run one of jq's own test files on ms-map.
#
#   jq_cases.sh FILE
#
# prints a line for each block: agrees, differs or skipped; the file's name
# and line; the program.  Tabs stand between them.
#
# A block is a program, its input, and its outputs up to a blank line; or
# %%FAIL, a program that must not compile, and the message.  The input goes
# in as {"in": INPUT}, the outputs come out as {"out": [OUTPUT...]}, which jq
# compares with those that are wanted, as values.
set -u
name=${1##*/}
between=$'\x1f'

# kind, line, program, input, wanted outputs: one line a block
blocks() {
	awk -v S="$between" '
	/^[ \t]*$/ || /^#/ { next }
	/^%%FAIL/ {
		getline
		print "wrong" S NR S $0 S S
		while ((getline line) > 0 && line !~ /^[ \t]*$/)
			;
		next
	}
	{
		program = $0
		at = NR
		getline input
		sub(/^\357\273\277/, "", input)
		wanted = ""
		while ((getline line) > 0 && line !~ /^[ \t]*$/ && line !~ /^#/)
			wanted = wanted (wanted == "" ? "" : ",") line
		print "right" S at S program S input S "[" wanted "]"
	}' "$1"
}

# Modules, and other inputs than the event, are not for a filter.
other='(^|[^A-Za-z0-9_$."])(import|include|input|inputs|modulemeta'
other+='|get_search_list)($|[^A-Za-z0-9_:])'

while IFS=$between read -r kind line program input wanted; do
	place="$name:$line"
	wrapped="{out: [.in | ($program"$'\n)]}'
	if [[ $kind == right && $program =~ $other ]]; then
		printf 'skipped%s%s%s%s\n' "$between" "$place" "$between" \
		    "$program"
	elif [ "$kind" = wrong ]; then
		ms-map "$wrapped" </dev/null >/dev/null 2>&1
		printf 'wrong%s%s%s%s%s%d\n' "$between" "$place" "$between" \
		    "$program" "$between" $?
	else
		got=$(ms-map --lineage off "$wrapped" 2>/dev/null \
		    <<<"{\"in\":$input}")
		printf 'right%s%s%s%s%s%s%s%s\n' "$between" "$place" \
		    "$between" "$program" "$between" "$got" "$between" "$wanted"
	fi
done < <(blocks "$1") | jq -Rr '
    split("\u001f") | [
	if .[0] == "skipped" then "skipped"
	elif .[0] == "wrong" then
	    if .[3] == "2" then "agrees" else "differs" end
	elif (try ((.[3] | fromjson | .out) == (.[4] | fromjson))
	    catch false) then "agrees"
	else "differs" end] + .[1:3] | join("\t")'
