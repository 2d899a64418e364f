#!/usr/bin/env bats
# What ms(7) promises of every binary, held against every binary.
load helper

good='{"a":1}'

# --- events -----------------------------------------------------------

@test "an event that nobody touches comes out byte for byte" {
	cat >in <<'END'
{"n":1.10,"big":12345678901234567890,"huge":1e400,"e":1E+2,"z":-0,"zz":0.0}
{"s":"\u00e9\/\"\\\b\f\n\r\t","lone":"\ud800","nul":"\u0000","u":"é☃😀"}
{"b":1,"a":2,"b":3}
{ "x" : [ 1 , 2 ] ,	"y":{ } , "e":[ ], "":"" }
{}
END
	body() {
		status 0 "$cmd" --lineage off "${args[@]}" <in >out
		cmp in out
	}
	every body
}

@test "with lineage on, an event comes out byte for byte before its history" {
	cat >in <<'END'
{"n":1.10,"big":12345678901234567890,"huge":1e400}
{"s":"\u00e9\/","lone":"\ud800", "b":1,"a":2,"b":3}
END
	body() {
		status 0 "$cmd" "${args[@]}" <in >out
		sed 's/,"_lineage":\[{"op":.*}]}$/}/' out | cmp in -
		[ "$(grep -c '"_lineage":\[{"op":"' out)" -eq 2 ]
	}
	every body
}

@test "an empty input gives an empty output" {
	body() {
		status 0 "$cmd" "${args[@]}" </dev/null >out 2>err
		[ ! -s out ]
		[ ! -s err ]
	}
	every body
}

@test "a BOM, CRLF, blank lines and a missing last newline are no trouble" {
	printf '\357\273\277{"a":1}\r\n\r\n\n  \t \n{"a":2}\n{"a":3}' >in
	body() {
		status 0 "$cmd" --lineage off "${args[@]}" <in >out 2>err
		same out '{"a":1}' '{"a":2}' '{"a":3}'
		[ ! -s err ]
	}
	every body
}

@test "a BOM that isn't at the start of the input is rejected" {
	printf '{"a":1}\n\357\273\277{"a":2}\n' >in
	body() {
		status 1 "$cmd" --lineage off "${args[@]}" <in >out 2>err
		same out '{"a":1}'
		grep -q "^$cmd: standard input:2:1: " err
	}
	every body
}

@test "several files, and - for standard input, are read in their order" {
	echo '{"f":1}' >one
	echo '{"f":3}' >three
	body() {
		echo '{"f":2}' | status 0 "$cmd" --lineage off "${args[@]}" \
		    one - three >out
		same out '{"f":1}' '{"f":2}' '{"f":3}'
	}
	every body
}

@test "a file without a last newline doesn't run into the next one" {
	printf '{"f":1}' >one
	printf '{"f":2}' >two
	body() {
		status 0 "$cmd" --lineage off "${args[@]}" one two >out
		same out '{"f":1}' '{"f":2}'
	}
	every body
}

@test "lines that cross block borders come out whole" {
	awk 'BEGIN { for (i = 0; i < 3000; i++) {
		s = ""; for (j = 0; j < i % 97; j++) s = s "pad"
		printf "{\"i\":%d,\"s\":\"%s\",\"t\":[1,{\"u\":null}]}\n", i, s
	} }' >in
	body() {
		status 0 "$cmd" --lineage off "${args[@]}" <in >out
		cmp in out
		# ... and when they come in small pieces
		dd if=in bs=4099 status=none |
		    status 0 "$cmd" --lineage off "${args[@]}" >out
		cmp in out
	}
	every body
}

# --- rejects ----------------------------------------------------------

@test "broken JSON in the middle is told, and every good event is written" {
	printf '%s\n' '{"a":1}' '{"a":2' '{"a":3}' '{"a" 4}' '{"a":5}' >in
	body() {
		status 1 "$cmd" --lineage off "${args[@]}" in >out 2>err
		same out '{"a":1}' '{"a":3}' '{"a":5}'
		grep -q "^$cmd: in:2:7: ." err
		grep -q "^$cmd: in:4:6: ." err
		lines 2 err
	}
	every body
}

@test "JSON that is no object is rejected" {
	printf '%s\n' 1 '[]' '"a"' null true '{"a":1}' >in
	body() {
		status 1 "$cmd" --lineage off "${args[@]}" <in >out 2>err
		same out '{"a":1}'
		lines 5 err
	}
	every body
}

@test "a second value on a line makes it a reject" {
	printf '%s\n' '{"a":1}{"a":2}' '{"a":1} 2' '{"a":3}' >in
	body() {
		status 1 "$cmd" --lineage off "${args[@]}" <in >out 2>err
		same out '{"a":3}'
		lines 2 err
	}
	every body
}

@test "invalid UTF-8 is rejected wherever it stands" {
	printf '{"a":"\377"}\n{"\303(":1}\n{"a":"\355\240\200"}\n' >in
	printf '{"a":"\300\257"}\n{"a":"\364\220\200\200"}\n{"a":1}\n' >>in
	body() {
		status 1 "$cmd" --lineage off "${args[@]}" <in >out 2>err
		same out '{"a":1}'
		lines 5 err
	}
	every body
}

@test "NUL bytes are rejected, the stream goes on" {
	printf '{"a":"x\0y"}\n{"a":1}\n\0\n{"a":\0 2}\n{"a":3}\0\n' >in
	body() {
		status 1 "$cmd" --lineage off "${args[@]}" <in >out 2>err
		same out '{"a":1}'
		lines 4 err
	}
	every body
}

@test "raw control characters in strings are rejected" {
	printf '{"a":"x\ty"}\n{"a":"x\001y"}\n{"a":"\177"}\n' >in
	body() {
		status 1 "$cmd" --lineage off "${args[@]}" <in >out 2>err
		printf '{"a":"\177"}\n' | cmp - out
		lines 2 err
	}
	every body
}

@test "the first ten bad lines are told, the rest are counted" {
	{ yes '{"a":' | head -n 25; echo '{"a":1}'; } >in
	body() {
		status 1 "$cmd" --lineage off "${args[@]}" <in >out 2>err
		same out '{"a":1}'
		[ "$(grep -c "^$cmd: standard input:[0-9]*:6: " err)" -eq 10 ]
		lines 11 err
		tail -n 1 err | grep -Eq '(^|[^0-9])(15|25)([^0-9]|$)'
	}
	every body
}

@test "a 100 MB line is rejected, the stream goes on" {
	body() {
		{
			echo '{"a":1}'
			printf '{"a":"'
			filler 100000000
			printf '"}\n{"a":3}\n'
		} | status 1 "$cmd" --lineage off "${args[@]}" >out 2>err
		same out '{"a":1}' '{"a":3}'
		grep -q "^$cmd: standard input:2: *.*line" err
		lines 1 err
	}
	every body
}

@test "a 70 MB line passes with --max-line 128M" {
	{ printf '{"a":"'; filler 70000000; printf '"}\n'; } >in
	body() {
		status 0 "$cmd" --lineage off --max-line 128M "${args[@]}" \
		    <in >out
		cmp in out
	}
	every body
}

@test "--max-line counts bytes" {
	{ printf '{"a":"'; filler 92; printf '"}\n'; } >fits
	{ printf '{"a":"'; filler 94; printf '"}\n'; } >long
	cat long fits long >in
	body() {
		status 1 "$cmd" --lineage off --max-line 100 "${args[@]}" \
		    <in >out 2>err
		cmp fits out
		lines 2 err
		status 0 "$cmd" --lineage off --max-line 1K "${args[@]}" \
		    <in >out
		cmp in out
	}
	every body
}

@test "--max-line leaves room for a line's end that comes in two reads" {
	body() {
		status 0 faulty read=short "$cmd" --lineage off --max-line 7 \
		    "${args[@]}" <in >out 2>err
		cmp want out
	}
	# reads of 1 to 7 bytes, in turn, end at each place of a line
	for _ in {1..28}; do printf '{"a":1}\r\n'; done >in
	tr -d '\r' <in >want
	every body
}

@test "100,000 open brackets are rejected, the stream goes on" {
	{
		echo '{"a":1}'
		printf '{"a":'; head -c 100000 /dev/zero | tr '\0' '['; echo
		head -c 100000 /dev/zero | tr '\0' '{'; echo
		head -c 100000 /dev/zero | tr '\0' ']'; echo
		for _ in $(seq 5000); do printf '{"a":['; done; echo
		echo '{"a":2}'
	} >in
	body() {
		status 1 "$cmd" --lineage off "${args[@]}" <in >out 2>err
		same out '{"a":1}' '{"a":2}'
		lines 4 err
	}
	every body
}

@test "nesting of 1,000 levels passes, one more is rejected" {
	nest() {
		printf '{"a":'
		head -c "$1" /dev/zero | tr '\0' '['
		head -c "$1" /dev/zero | tr '\0' ']'
		echo '}'
	}
	nest 999 >fits
	{ nest 1000; cat fits; } >in
	body() {
		status 1 "$cmd" --lineage off "${args[@]}" <in >out 2>err
		cmp fits out
		lines 1 err
	}
	every body
}

@test "--max-depth sets the limit of nesting" {
	printf '%s\n' '{"a":[[1]]}' '{"a":[[[1]]]}' >in
	body() {
		status 1 "$cmd" --lineage off --max-depth 3 "${args[@]}" \
		    <in >out 2>err
		same out '{"a":[[1]]}'
	}
	every body
}

@test "--rejects writes each bad line as an object that says it all" {
	printf '{"a":1}\n{"a":\nx\ty\0z\nb\377d\n' >in
	body() {
		rm -f rej
		status 1 "$cmd" --lineage off -n here --rejects rej \
		    "${args[@]}" in >out 2>err
		same out '{"a":1}'
		lines 3 rej
		holds rej ".op == \"${cmd#ms-}\" and .stage == \"here\" and
		    .at == \"$NOW\" and .source == \"in\" and
		    (.error | type == \"string\" and length > 0) and
		    (.column | type == \"number\" and . >= 1)"
		jq -c '[.line, .text, .base64]' rej >said
		same said '[2,"{\"a\":",null]' '[3,"x\ty\u0000z",null]' \
		    '[4,null,"Yv9k"]'
		grep -q "^$cmd: in:2:6: " err
	}
	every body
}

@test "a reject's members come in their order" {
	echo x >in
	body() {
		rm -f rej
		status 1 "$cmd" -n here --rejects rej "${args[@]}" in 2>err
		jq -c '[keys_unsorted[] | select(. != "rule")]' rej >got
		same got '["at","op","stage","source","line","column","error","text"]'
	}
	every body
}

@test "standard input is called - in rejects, standard input in messages" {
	body() {
		echo x | status 1 "$cmd" --rejects rej "${args[@]}" 2>err
		holds rej '.source == "-"'
		grep -q "^$cmd: standard input:1:1: " err
	}
	every body
}

@test "a rejects file replays to the lines as they were, byte for byte" {
	{
		printf '{"a":\nplain text "quoted" \\ back\n'
		printf 'tab\there\0nul\n\377\376 bad utf-8 \303\n'
		printf '  leading and trailing  \n[1,2]\n\001\002\003\n'
		printf '\303\251\342\230\203 text\n\ne\033[31m\n{"a":1}x\n'
		printf '\355\240\200\n"\\ud800\n'
	} >in
	grep -av '^$' in >want
	body() {
		rm -f rej
		status 1 "$cmd" --rejects rej "${args[@]}" <in >out 2>err
		[ ! -s out ]
		status 0 ms-trace replay rej >back
		cmp want back
		status 0 ms-trace replay <rej >back
		cmp want back
	}
	every body
}

@test "a file that can't be opened for --rejects ends with 3 at once" {
	body() {
		echo x | status 3 "$cmd" --rejects no/such/dir "${args[@]}" \
		    >out 2>err
		grep -q "^$cmd: no/such/dir: No such file" err
	}
	every body
}

@test "a rejects file on a full disk is told, and ends with 3" {
	body() {
		echo x | status 3 "$cmd" --rejects /dev/full "${args[@]}" \
		    >out 2>err
		grep -q "^$cmd: /dev/full: No space left" err
	}
	every body
}

@test "--on-error stop ends at the first reject with 1" {
	printf '%s\n' '{"a":1}' x '{"a":3}' >in
	body() {
		status 1 "$cmd" --lineage off --on-error stop "${args[@]}" \
		    <in >out 2>err
		same out '{"a":1}'
		grep -q "^$cmd: standard input:2:1: " err
	}
	every body
}

@test "--on-error reject is the default" {
	printf '%s\n' '{"a":1}' x '{"a":3}' >in
	body() {
		status 1 "$cmd" --on-error reject "${args[@]}" <in >out1 2>err1
		status 1 "$cmd" "${args[@]}" <in >out2 2>err2
		cmp out1 out2
		cmp err1 err2
		lines 2 out1
	}
	every body
}

@test "--on-error takes no other word" {
	body() {
		status 2 "$cmd" --on-error ignore "${args[@]}" </dev/null \
		    >out 2>err
		grep -q "^$cmd: .*ignore" err
	}
	every body
}

# --- input and output that fail ---------------------------------------

@test "a missing file is told, the others are read, and the exit is 3" {
	echo '{"a":1}' >in
	body() {
		status 3 "$cmd" --lineage off "${args[@]}" missing in \
		    >out 2>err
		same err "$cmd: missing: No such file or directory"
		same out '{"a":1}'
	}
	every body
}

@test "a directory as input is told, and the exit is 3" {
	mkdir dir
	body() {
		status 3 "$cmd" "${args[@]}" dir >out 2>err
		same err "$cmd: dir: Is a directory"
		[ ! -s out ]
	}
	every body
}

@test "a directory as standard input is told, and the exit is 3" {
	body() {
		status 3 "$cmd" "${args[@]}" <. >out 2>err
		same err "$cmd: standard input: Is a directory"
	}
	every body
}

@test "a failed write is told, and the exit is 3" {
	body() {
		status 3 "$cmd" "${args[@]}" <<<"$good" >/dev/full 2>err
		same err "$cmd: standard output: No space left on device"
	}
	every body
}

@test "a long output on a full disk ends soon, with 3" {
	body() {
		yes "$good" | status 3 within 60 "$cmd" "${args[@]}" \
		    >/dev/full 2>err
		same err "$cmd: standard output: No space left on device"
	}
	every body
}

@test "a closed standard output is told, and the exit is 3" {
	body() {
		status 3 "$cmd" "${args[@]}" <<<"$good" >&- 2>err
		grep -q "^$cmd: standard output: " err
	}
	every body
}

@test "a closed pipe ends the filter by SIGPIPE, without a word" {
	body() {
		run -0 bash -c 'yes "{\"a\":1}" |
		    { timeout 600 "$@" 2>err; echo $? >status; } |
		    head -n 1' - "$cmd" "${args[@]}"
		[ "${#lines[@]}" -eq 1 ]
		[ ! -s err ]
		[ "$(cat status)" -eq 141 ]
	}
	every body
}

@test "kill -9 of the stage before leaves the good events, and a reject" {
	body() {
		sh -c 'printf "{\"a\":1}\n{\"a\":2}\n{\"a\":"; kill -9 $$' |
		    status 1 "$cmd" --lineage off "${args[@]}" >out 2>err
		same out '{"a":1}' '{"a":2}'
		grep -q "^$cmd: standard input:3:6: " err
	}
	every body
}

@test "2,000 files go through with 40 file descriptors" {
	mkdir many
	for i in $(seq 2000); do echo "{\"a\":$i}" >"many/$i"; done
	body() {
		(ulimit -n 40; status 0 "$cmd" --lineage off "${args[@]}" \
		    many/* >out)
		lines 2000 out
	}
	every body
}

# --- usage ------------------------------------------------------------

@test "an unknown option is told, and the exit is 2" {
	body() {
		status 2 "$cmd" --no-such-option "${args[@]}" </dev/null \
		    >out 2>err
		grep -q "^$cmd: .*no-such-option" err
		[ ! -s out ]
		status 2 "$cmd" -? "${args[@]}" </dev/null >out 2>err
		grep -q "^usage: $cmd" err
	}
	every_command body
}

@test "an option that lacks its value is told, and the exit is 2" {
	body() {
		status 2 "$cmd" --max-line </dev/null >out 2>err
		grep -q "^$cmd: .*max-line" err
	}
	every body
}

@test "a size or count that is none is told, and the exit is 2" {
	body() {
		for option in --max-line=x --max-line=-1 --max-line=5Q \
		    --max-line=99999999999999999999 --max-depth=no \
		    --lineage=maybe -jx -j0 --lineage-cap=no; do
			status 2 "$cmd" "$option" "${args[@]}" </dev/null \
			    >out 2>err
			grep -q "^$cmd: " err
		done
	}
	every body
}

@test "--help goes to standard output and fits a terminal of 80 by 24" {
	body() {
		status 0 "$cmd" --help >out 2>err
		[ ! -s err ]
		grep -q "^usage: $cmd" out
		[ "$(wc -l <out)" -le 24 ]
		[ "$(wc -L <out)" -le 80 ]
		status 0 "$cmd" -h >short
		cmp out short
	}
	every_command body
}

@test "the usage line is the SYNOPSIS of the man page" {
	command -v mandoc >/dev/null || skip "mandoc is missing"
	body() {
		"$cmd" --help | sed -n 's/^usage: //p; s/^ *or: //p' >usage
		mandoc -T ascii -O width=300 "$root/man/$cmd.1" | col -b |
		    sed -n '/^SYNOPSIS/,/^DESCRIPTION/p' |
		    sed '1d;$d;/^$/d;s/^ *//' >synopsis
		tr -s ' \n' '  ' <usage >u
		tr -s ' \n' '  ' <synopsis >s
		diff -u s u
		[ -s s ]
	}
	every_command body
}

@test "every option that --help names is in the man page or in ms(7)" {
	body() {
		"$cmd" --help | grep -o -- '--[a-z][a-z-]*' | sort -u >options
		[ -s options ]
		sed 's/\\-/-/g' "$root/man/$cmd.1" "$root/man/ms.7" >pages
		while read -r option; do
			grep -Eq "Fl -${option#--}( |\$)" pages || {
				echo "$option is in no man page" >&2
				return 1
			}
		done <options
	}
	every_command body
}

@test "--version names the program and its version" {
	body() {
		status 0 "$cmd" --version >out
		grep -Eq "^$cmd .*[0-9]+\.[0-9]+" out
		lines 1 out
		status 0 "$cmd" -V >short
		cmp out short
	}
	every_command body
}

@test "--help on a full disk ends with 3" {
	body() {
		status 3 "$cmd" --help >/dev/full 2>err
	}
	every_command body
}

@test "-- ends the options" {
	echo "$good" >-x
	body() {
		if takes_program "$cmd"; then
			set -- "${options[@]}" -- "${args[-1]}" -x
		else
			set -- "${args[@]}" -- -x
		fi
		status 0 "$cmd" --lineage off "$@" >out
		same out "$good"
	}
	every body
}

@test "a program with a syntax error is shown with a caret, and exits 2" {
	body() {
		takes_program "$cmd" || return 0
		status 2 "$cmd" '.a | )b' <<<"$good" >out 2>err
		[ ! -s out ]
		grep -q "^$cmd: program:1:6: ." err
		sed -n '2,3p' err >caret
		same caret '    .a | )b' '         ^'
	}
	every body
}

@test "a syntax error in a file is shown with its file, line and caret" {
	printf '.a\n| )b\n' >prog
	body() {
		takes_program "$cmd" || return 0
		status 2 "$cmd" -f prog <<<"$good" >out 2>err
		grep -q "^$cmd: prog:2:3: ." err
		sed -n '2,3p' err >caret
		same caret '    | )b' '      ^'
	}
	every body
}

@test "an unknown function or variable doesn't compile" {
	body() {
		takes_program "$cmd" || return 0
		status 2 "$cmd" 'no_such_function' </dev/null >out 2>err
		grep -q "^$cmd: program:1:1: .*no_such_function" err
		status 2 "$cmd" '.a == $nowhere' </dev/null >out 2>err
		grep -q "^$cmd: program:1:7: .*nowhere" err
	}
	every body
}

@test "a missing program, or a program file that isn't there, exits 2" {
	body() {
		takes_program "$cmd" || return 0
		status 2 "$cmd" </dev/null >out 2>err
		grep -q "^usage: $cmd" err
		run "$cmd" -f no/such/file </dev/null
		[[ $status == [23] ]]
		[[ $output == *"no/such/file: No such file"* ]]
	}
	every body
}

@test "-f FILE reads the program, comments and newlines included" {
	printf '# what it does\n.\n' >prog
	printf '\xEF\xBB\xBF.' >bom
	body() {
		takes_program "$cmd" || return 0
		status 0 "$cmd" --lineage off "${options[@]}" -f prog \
		    <<<"$good" >out
		same out "$good"
		status 0 "$cmd" --lineage off "${options[@]}" -f bom \
		    <<<"$good" >out
		same out "$good"
	}
	every body
}

@test "a program that fails names its line, and the stream goes on" {
	printf '%s\n' '{"a":{}}' '{"a":1}' '{"a":{}}' >in
	body() {
		takes_program "$cmd" || return 0
		[ "$cmd" != ms-fold ] || return 0 # its input is the state
		rm -f rej
		status 1 "$cmd" --lineage off --rejects rej \
		    'select(.a.b == null)' in >out 2>err
		same out '{"a":{}}' '{"a":{}}'
		grep -q "^$cmd: in:2: .*index number" err
		holds rej '.event == {"a":1} and .line == 2'
		holds rej '.rule == "select(.a.b == null)"'
		status 0 ms-trace replay rej >back
		same back '{"a":1}'
	}
	every body
}

@test "--arg and --argjson give a program its variables" {
	body() {
		takes_program "$cmd" || return 0
		echo '{"a":"x","b":[1.0]}' | status 0 "$cmd" --lineage off \
		    --arg s x --argjson j '[1]' \
		    'select(.a == $s and .b == $j)' >out
		lines 1 out
		status 2 "$cmd" --argjson j '[1' . </dev/null >out 2>err
		grep -q "^$cmd: .*j" err
	}
	every body
}

# --- latency ----------------------------------------------------------

@test "an event of a trickle is there before the next one is sent" {
	body() {
		rm -f in out
		mkfifo in out
		"$cmd" --lineage off "${args[@]}" <in >out 3>&- &
		pid=$!
		exec {w}<>in {r}<>out
		for i in 1 2 3; do
			echo "{\"a\":$i}" >&"$w"
			read -t 600 -r line <&"$r"
			[ "$line" = "{\"a\":$i}" ]
		done
		exec {w}>&-
		wait "$pid"
		exec {r}<&-
	}
	every body
}

@test "an event of a trickle is there at once with -j 2 as well" {
	body() {
		rm -f in out
		mkfifo in out
		"$cmd" -j 2 --lineage off "${args[@]}" <in >out 3>&- &
		pid=$!
		exec {w}<>in {r}<>out
		for i in 1 2 3; do
			echo "{\"a\":$i}" >&"$w"
			read -t 600 -r line <&"$r"
			[ "$line" = "{\"a\":$i}" ]
		done
		exec {w}>&-
		wait "$pid"
		exec {r}<&-
	}
	every body
}

@test "half a line waits, and what came before it doesn't" {
	body() {
		rm -f in out
		mkfifo in out
		"$cmd" --lineage off "${args[@]}" <in >out 3>&- &
		pid=$!
		exec {w}<>in {r}<>out
		printf '{"a":1}\n{"a":' >&"$w"
		read -t 600 -r line <&"$r"
		[ "$line" = '{"a":1}' ]
		printf '2}\n' >&"$w"
		read -t 600 -r line <&"$r"
		[ "$line" = '{"a":2}' ]
		exec {w}>&-
		wait "$pid"
		exec {r}<&-
	}
	every body
}

@test "a reject of a trickle is in its file before the next line is sent" {
	body() {
		rm -f in rej
		mkfifo in rej
		"$cmd" --rejects rej "${args[@]}" <in >out 2>err 3>&- &
		pid=$!
		exec {w}<>in {r}<>rej
		for i in 1 2; do
			echo "bad" >&"$w"
			read -t 600 -r line <&"$r"
			[[ $line == *"\"line\":$i,"* ]]
		done
		exec {w}>&-
		status 1 wait "$pid"
		exec {r}<&-
	}
	every body
}

# --- statistics -------------------------------------------------------

@test "--stats sums up on standard error, and leaves the output alone" {
	yes "$good" | head -n 1234 >in
	echo bad >>in
	body() {
		status 1 "$cmd" "${args[@]}" <in >plain 2>err
		status 1 "$cmd" --stats "${args[@]}" <in >out 2>err
		cmp plain out
		grep -q "^$cmd: .*[^0-9]1,\?23[45][^0-9]" err
	}
	every body
}

@test "SIGUSR1 prints the summary so far, and the stream goes on" {
	body() {
		rm -f in out err
		mkfifo in out err
		"$cmd" --lineage off "${args[@]}" <in >out 2>err 3>&- &
		pid=$!
		exec {w}<>in {r}<>out {e}<>err
		echo '{"a":1}' >&"$w"
		read -t 600 -r line <&"$r"
		kill -USR1 "$pid"
		read -t 600 -r line <&"$e"
		[[ $line == "$cmd: "* ]]
		echo '{"a":2}' >&"$w"
		read -t 600 -r line <&"$r"
		[ "$line" = '{"a":2}' ]
		exec {w}>&-
		wait "$pid"
		exec {r}<&- {e}<&-
	}
	every body
}

@test "--progress leaves the output alone" {
	yes "$good" | head -n 1000 >in
	body() {
		status 0 "$cmd" "${args[@]}" <in >plain
		status 0 "$cmd" --progress "${args[@]}" <in >out 2>err
		cmp plain out
	}
	every body
}

# --- barriers ---------------------------------------------------------

@test "a barrier goes through, behind everything before it" {
	cat >in <<'END'
{"a":1}
{"a":2}
{"ms.barrier":"slot-7-42","n":2}
{"a":3}
{"ms.barrier":"slot-7-43","n":1}
{"ms.barrier":"slot-7-44","n":0}
END
	body() {
		status 0 "$cmd" --lineage off "${args[@]}" <in >out
		cmp in out
	}
	every body
}

@test "a barrier gets no history" {
	echo '{"ms.barrier":"b","n":0}' >in
	body() {
		status 0 "$cmd" "${args[@]}" <in >out
		cmp in out
	}
	every body
}

@test "a barrier that counts other lines than came ends with 3" {
	printf '%s\n' '{"a":1}' '{"ms.barrier":"slot-7","n":2}' '{"a":2}' >in
	body() {
		status 3 "$cmd" --lineage off "${args[@]}" <in >out 2>err
		grep -q "^$cmd: .*lost lines before barrier .\?slot-7" err
		lacks -q ms.barrier out
	}
	every body
}

@test "a barrier counts rejected lines as read, and not as written" {
	printf '%s\n' '{"a":1}' bad '{"ms.barrier":"b","n":2}' >in
	body() {
		status 1 "$cmd" --lineage off --rejects rej "${args[@]}" \
		    <in >out 2>err
		same out '{"a":1}' '{"ms.barrier":"b","n":1}'
		lacks -q ms.barrier rej
	}
	every body
}

@test "a barrier comes out at once" {
	body() {
		rm -f in out
		mkfifo in out
		"$cmd" --lineage off "${args[@]}" <in >out 3>&- &
		pid=$!
		exec {w}<>in {r}<>out
		echo '{"ms.barrier":"b","n":0}' >&"$w"
		read -t 600 -r line <&"$r"
		[ "$line" = '{"ms.barrier":"b","n":0}' ]
		exec {w}>&-
		wait "$pid"
		exec {r}<&-
	}
	every body
}

@test "barriers keep their places with -j 2" {
	awk 'BEGIN { for (i = 1; i <= 3000; i++) {
		printf "{\"i\":%d}\n", i
		if (i % 100 == 0)
			printf "{\"ms.barrier\":\"b%d\",\"n\":100}\n", i
	} }' >in
	body() {
		status 0 "$cmd" -j 2 --lineage off "${args[@]}" <in >out
		cmp in out
	}
	every body
}

@test "a member ms.barrier that isn't the first makes no barrier" {
	echo '{"a":1,"ms.barrier":"b","n":7}' >in
	body() {
		status 0 "$cmd" --lineage off "${args[@]}" <in >out
		cmp in out
	}
	every body
}

# --- threads ----------------------------------------------------------

@test "an event that would come out as a barrier is rejected" {
	echo '{"_lineage":[],"ms.barrier":"x","n":0}' >in
	body() {
		status 1 "$cmd" "${args[@]}" <in >out 2>err
		[ ! -s out ]
		grep -q ":1: an event can't begin with ms.barrier" err
	}
	every body
	status 1 ms-filter --else turned false <in >out 2>err
	[ ! -s turned ]
	for sub in strip rewind; do
		status 1 ms-trace $sub <in >out 2>err
		[ ! -s out ]
	done
	echo '{"a":1,"ms.barrier":"x","n":0}' >in
	status 1 ms-map '., del(.a)' <in >out 2>err
	[ ! -s out ]
}

@test "-j 2 writes the same bytes as -j 1" {
	awk 'BEGIN { for (i = 0; i < 10000; i++)
		if (i % 500 == 499) print "{\"bad\":" i
		else printf "{\"i\":%d,\"s\":\"%x\",\"l\":[%d,null]}\n", i,
		    i * 7919, i % 13
	}' >in
	body() {
		status 1 "$cmd" -j 1 --rejects rej1 "${args[@]}" in >out1 2>err1
		status 1 "$cmd" -j 2 --rejects rej2 "${args[@]}" in >out2 2>err2
		cmp out1 out2
		cmp rej1 rej2
		cmp err1 err2
		lines 9980 out1
	}
	every body
}

@test "lines are numbered the same with -j 4, from file to file" {
	for f in a b c; do
		awk 'BEGIN { for (i = 1; i <= 20000; i++) {
			if (i == 7777) printf "%400000d\n", 0
			else if (i % 6000 == 5999) print "{\"bad\":" i
			else printf "{\"i\":%d,\"s\":\"%080d\"}\n", i, 0
		} }' >$f
	done
	truncate -s -1 b # the last line lacks its end
	: >empty
	for rule in '.line = $line' .; do
		for j in 1 4; do
			status 1 ms-map -j $j --lineage off --max-line 100k \
			    --rejects rej$j "$rule" a b empty c >out$j 2>err$j
		done
		cmp out1 out4
		cmp rej1 rej4
		cmp err1 err4
		lines 59988 out1
	done
	status 1 ms-map -j 4 --lineage off --max-line 1M \
	    'select(.i != $line)' a c >out 2>err
	[ ! -s out ]
}

@test "what a program makes of a window is written in parts with -j 2" {
	local n=2000

	is_asan && n=500 # the memory is for the other build
	yes '{"a":1}' | head -n $n >in
	for j in 1 2 8; do
		/usr/bin/time -f %M -o peak$j \
		    ms-map -j $j --lineage off '.i = range(1000)' in |
		    cksum >sum$j
	done
	cmp sum1 sum2
	cmp sum1 sum8
	is_asan || [ "$(<peak8)" -le 65536 ]
}

@test "too little memory is told and exits 3, with histories too" {
	is_asan && skip "ASan wants all the address space"
	yes '{"a":1}' | head -n 100000 >in
	for limit in 6100 8000 12400 100000; do
		run bash -c 'ulimit -v $0 && exec "$@" >/dev/null' "$limit" \
		    ms-map .b=1 in
		[[ $status == 0 || $output == *[Mm]emory* ||
		    $output == *shared\ librar* ]]
		[[ $status == [0123] || $status == 12[67] ]]
	done
}

@test "an event that there is no memory for isn't told to pass a limit" {
	is_asan && skip "ASan wants all the address space"
	printf '{"a":1}\n{"a":2}\n' >in
	run bash -c 'ulimit -v 200000 && ms-map "if .a == 1
	    then .i = [range(20000000)] else . end" --lineage off in'
	[ "$status" -eq 1 ]
	[[ $output == *"in:1: the event needs more memory than there is"* ]]
	[[ $output == *'{"a":2}' ]]
}

@test "a kernel that isn't there is told with threads as well" {
	status 3 env MS_SIMD=nope "$MS_BUILD/ms-filter" -j 2 . </dev/null 2>err
	grep -q 'MS_SIMD' err
}

@test "nothing behind a wrong barrier is written anywhere" {
	{ printf '%s\n' '{"i":1}' '{"bad"' '{"ms.barrier":"x","n":9}'
	    for ((i = 0; i < 2000; i++)); do
		    printf '{"i":2}\n{"bad"\n'
	    done; } >in
	for j in 1 2; do
		rm -f bad
		status 3 ms-filter -j $j --lineage off --else other \
		    --rejects bad false <in >out 2>err
		[ ! -s out ]
		same other '{"i":1}'
		lines 1 bad
		[ "$(grep -c ': expected' err)" -eq 1 ]
		lacks -q 'more lines' err
	done
}

@test "of a line that is too long nothing is kept, however it comes" {
	{ printf '{"a":"%s' "$(filler 900)"
	    printf '%s"}\n{"a":1}\n' "$(filler 500)"; } >in
	status 1 ms-map --max-line 1K --rejects one . <in >out
	status 1 faulty read=short ms-map --max-line 1K --rejects two . <in >out
	cmp one two
	holds one '(has("text") or has("event")) | not'
}

# --- lineage ----------------------------------------------------------

@test "a stage appends its record, with its name and the time" {
	body() {
		status 0 "$cmd" -n here "${args[@]}" <<<"$good" >out
		holds out "._lineage | length == 1"
		holds out "._lineage[0] | .op == \"${cmd#ms-}\" and
		    .stage == \"here\" and .at == \"$NOW\""
		holds out '._lineage[0] | has("undo") | not'
		status 0 "$cmd" "${args[@]}" <out >again
		holds again '._lineage | length == 2 and
		    (.[1] | has("stage") | not)'
	}
	every body
}

@test "an object without members gets its history as its only member" {
	body() {
		status 0 "$cmd" "${args[@]}" <<<'{}' >out
		grep -q '^{"_lineage":\[{"op":"' out
		echo '{"_lineage":[]}' | status 0 "$cmd" "${args[@]}" >out2
		cmp out out2
	}
	every body
}

@test "--lineage slim leaves out rule and undo" {
	body() {
		status 0 "$cmd" --lineage slim "${args[@]}" <<<"$good" >out
		holds out "._lineage[0].op == \"${cmd#ms-}\""
		holds out '._lineage[0] | (has("rule") or has("undo")) | not'
	}
	every body
}

@test "--lineage off writes no record, and leaves a history alone" {
	echo '{"a":1,"_lineage":[{"op":"x","at":"then", "more":1.0}]}' >in
	body() {
		status 0 "$cmd" --lineage off "${args[@]}" <in >out
		cmp in out
	}
	every body
}

@test "a history is the last member, wherever it was" {
	echo '{"a":1,"_lineage":[{"op":"x"}],"b":2}' >in
	body() {
		status 0 "$cmd" "${args[@]}" <in >out
		grep -q '^{"a":1,"b":2,"_lineage":\[{"op":"x"},{"op":"' out
	}
	every body
}

@test "older records are kept byte for byte" {
	echo '{"a":1,"_lineage":[{ "op":"x","n":1.10,"s":"\u00e9" },{}]}' >in
	body() {
		status 0 "$cmd" "${args[@]}" <in >out
		grep -qF '"_lineage":[{ "op":"x","n":1.10,"s":"\u00e9" },{},{"op"' \
		    out
	}
	every body
}

@test "a _lineage that is no array of objects makes the event a reject" {
	printf '%s\n' '{"_lineage":1}' '{"_lineage":{}}' '{"_lineage":[1]}' \
	    '{"_lineage":[{},"x"]}' '{"_lineage":null}' '{"a":1}' >in
	body() {
		status 1 "$cmd" "${args[@]}" <in >out 2>err
		lines 1 out
		lines 5 err
	}
	every body
}

@test "MS_LINEAGE_KEY names the member" {
	export MS_LINEAGE_KEY=journey
	echo '{"a":1,"_lineage":7}' >in
	body() {
		status 0 "$cmd" "${args[@]}" <in >out
		grep -q '^{"a":1,"_lineage":7,"journey":\[{"op":"' out
	}
	every body
}

@test "an MS_NOW that is no time is told, and the exit is 2" {
	export MS_NOW=yesterday
	body() {
		status 2 "$cmd" "${args[@]}" <<<"$good" >out 2>err
		grep -q "^$cmd: .*MS_NOW" err
	}
	every body
}

@test "without MS_NOW a record tells the time in UTC with microseconds" {
	unset MS_NOW
	body() {
		before=$(date -u +%FT%H:%M:%S)
		status 0 "$cmd" "${args[@]}" <<<"$good" >out
		at=$(jq -r '._lineage[0].at' out)
		[[ $at =~ ^[0-9-]{10}T[0-9:]{8}\.[0-9]{6}Z$ ]]
		[[ ! $at < $before ]]
		[[ ! $at > $(date -u -d '+2 seconds' +%FT%H:%M:%S) ]]
	}
	every body
}

# --- faults -----------------------------------------------------------

@test "short reads, short writes and EINTR lose nothing" {
	awk 'BEGIN { for (i = 0; i < 400; i++)
		printf "{\"i\":%d,\"s\":\"abcdefghijklmnop\"}\n", i }' >in
	body() {
		for what in read=short write=short read=eintr write=eintr; do
			status 0 faulty "$what" "$cmd" --lineage off \
			    "${args[@]}" <in >out
			cmp in out
		done
	}
	every body
}

@test "a read that fails in the middle is told, and the exit is 3" {
	awk 'BEGIN { for (i = 0; i < 100000; i++)
		printf "{\"i\":%d,\"s\":\"abcdefghijklmnop\"}\n", i }' >in
	body() {
		status 3 faulty read=eio:2 "$cmd" --lineage off "${args[@]}" \
		    <in >out 2>err
		same err "$cmd: standard input: Input/output error"
		# what came before it isn't lost, but for the line it broke
		[ -s out ]
		head -n "$(wc -l <out)" in | cmp - out
	}
	every body
}

@test "a write that fails in the middle is told, and the exit is 3" {
	awk 'BEGIN { for (i = 0; i < 200000; i++)
		printf "{\"i\":%d,\"s\":\"abcdefghijklmnop\"}\n", i }' >in
	body() {
		status 3 faulty write=eio:2 "$cmd" --lineage off "${args[@]}" \
		    <in >out 2>err
		grep -q "^$cmd: standard output: Input/output error" err
		lines 1 err
	}
	every body
}

@test "a close that fails is told, and the exit is 3" {
	body() {
		status 3 faulty close=eio "$cmd" "${args[@]}" <<<"$good" \
		    >out 2>err
		same err "$cmd: standard output: Input/output error"
	}
	every body
}

@test "an input that would block is waited for" {
	nonblock='fcntl(STDIN, F_SETFL, O_NONBLOCK) or die; exec @ARGV'
	body() {
		rm -f in out
		mkfifo in out
		perl -MFcntl -e "$nonblock" "$cmd" --lineage off "${args[@]}" \
		    <in >out 3>&- &
		pid=$!
		exec {w}<>in {r}<>out
		for i in 1 2; do
			echo "{\"a\":$i}" >&"$w"
			read -t 600 -r line <&"$r"
			[ "$line" = "{\"a\":$i}" ]
		done
		exec {w}>&-
		wait "$pid"
		exec {r}<&-
	}
	every body
}

# --- memory -----------------------------------------------------------

@test "8 MB are enough for 200 MB of events" {
	is_asan && skip "ASan takes memory of its own"
	[ -x /usr/bin/time ] || skip "/usr/bin/time is missing"
	line='{"ip":"83.149.9.216","user":"-","path":"/images/a.png"'
	line+=',"status":200,"bytes":203023,"agent":"Mozilla/5.0 (X11)"}'
	body() {
		set +o pipefail
		yes "$line" | head -c 200000000 |
		    /usr/bin/time -f %M -o peak "$cmd" "${args[@]}" \
		    >/dev/null 2>err || [ $? -eq 1 ]
		echo "peak of $cmd: $(tail -n 1 peak) KiB"
		[ "$(tail -n 1 peak)" -le 8192 ]
	}
	every body
}

@test "a barrier doesn't get into what is no stream of events" {
	ms-trace "$examples/access.ndjson" >events
	printf '{"ms.barrier":"b","n":%d}\n' "$(wc -l <events)" >>events
	ms-filter -c . events >out
	lines 1 out
	for reader in graph log show blame 'why .ip' diff stats 'export -T otlp'; do
		# shellcheck disable=SC2086 # a reader and its option
		status 0 ms-trace $reader events >out
		[ -s out ]
		lacks -q ms.barrier out
	done
	ms-trace strip events | tail -n 1 >last
	grep -q '^{"ms.barrier":"b","n":' last
}

@test "without a descriptor to take SIGUSR1 by, a filter says so and ends" {
	body() {
		status 3 faulty signalfd=eio "$cmd" "${args[@]}" \
		    <<<"$good" >out 2>err
		same err "$cmd: no descriptor to take SIGUSR1 by: Too many open files"
		[ ! -s out ]
	}
	every body
}
