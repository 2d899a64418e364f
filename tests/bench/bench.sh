#!/usr/bin/env bash
# Measure the filters beside their peers.  README.md says how to read what
# comes out; `make bench` runs it.
#
#	BENCH_MB=200       size of the data
#	BENCH_PEER_MB=20   size of what a slow peer is measured with
#	BENCH_RUNS=3       runs of a pair, of which the median counts
#	BENCH_SAMPLE=5000  events whose outputs are compared by value
#	BENCH_PARTS='rows reading ...'   what is measured, as parts= below has it
#	JQ_MASTER= QJ= JQ= JAQ= GOJQ= MLR= PYTHON=   peers that aren't in PATH
set -u -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

build=${MS_BUILD:-$root/build}
mb=${BENCH_MB:-200}
peer_mb=${BENCH_PEER_MB:-20}
runs=${BENCH_RUNS:-3}
sample=${BENCH_SAMPLE:-5000}
parts=${BENCH_PARTS:-rows reading looking looking_beside folding validating sealing threads latency start_up draw}
work=$build/bench
data=$work/data-$mb
export PATH=$build:$PATH LC_ALL=C
unset MS_NOW MS_LINEAGE_KEY
mlr=${MLR:-mlr} python=${PYTHON:-python3}
failed=0

die() {
	echo "bench: $*" >&2
	exit 1
}

# --- what is measured ---------------------------------------------------

# Name, data, how much of it peers get, and what ours is.
tasks=(
	'status|A|part|ms-filter '"'.status >= 500'"
	'agent|A|part|ms-filter '"'.agent | test(\"Firefox/[0-9]+\")'"
	'login|G|part|ms-filter '"'.repository.owner.login == \"Codertocat\"'"
	'cost|A|part|ms-map '"'.cost = .bytes * 0.01 | del(.user)'"
	'gsub|A|part|ms-map '"'.path |= gsub(\"/+\"; \"/\")'"
	'shape|A|part|ms-map '"'{ip, status, path}'"
	'enrich|A|whole|enrich_ours'
	'four|A|part|four_ours'
)
# What reads histories, and the least MB/s that it must reach.
readers=('300|stats' '300|strip' '300|verify' '300|log --oneline' '150|rewind')
four=('select(.status < 500)' '.cost = .bytes * 0.01 | del(.user)'
	'.path |= gsub("/+"; "/")' 'select(.cost > 1)')

select='SELECT host, owner FROM hosts WHERE ip = :ip'

# How what a million rows know is looked up: name, file, command.
lookups=(
	'exact|million.csv|ms-enrich -t million.csv -k .seq --as .t'
	'cidr|networks.csv|ms-enrich -t networks.csv -k .ip=net --match cidr --as .t'
	'range|ranges.csv|ms-enrich -t ranges.csv -k .seq=from..to --match range --as .t'
	'as-of|periods.csv|ms-enrich -t periods.csv -k .ip --as-of .seq --valid since --as .t'
	'follow|million.csv|ms-enrich -t million.csv -k .seq --as .t --follow'
	"sql|hosts.db|ms-enrich --sql hosts.db '$select' --bind ip=.ip --as .t"
	"cached|hosts.db|ms-enrich --sql hosts.db '$select' --bind ip=.ip --as .t --cache 100K"
	'mmdb|networks.mmdb|ms-enrich --mmdb networks.mmdb -k .ip --as .t'
	'coproc|.|ms-enrich --coproc cat -k .ip --as .t'
	'one|.|ms-enrich --coproc cat -k .ip --as .t --in-flight 1'
)

# Who else does it; whole commands, loading included.
lookup_peers=(
	"exact|mlr|\$mlr --ijsonl --ojsonl join --ur -i csv -f million.csv -j seq"
	"exact|duckdb|\$python $here/peers.py duckdb \"SELECT a.*, t.name FROM
	    read_json_auto('A.ndjson') a LEFT JOIN 'million.csv' t USING (seq)\""
	"as-of|duckdb|\$python $here/peers.py duckdb \"SELECT a.*, p.price FROM
	    read_json_auto('A.ndjson') a ASOF LEFT JOIN 'periods.csv' p
	    ON a.ip = p.ip AND a.seq >= p.since\""
	"sql|sqlite3|\$python $here/peers.py sql hosts.db"
	"mmdb|maxminddb|\$python $here/peers.py mmdb networks.mmdb"
)

# The same for a jq: TASK in $1, the jq's command in $jq.
jq_for() {
	case $1 in
	status) echo "$jq -c 'select(.status >= 500)'" ;;
	agent) echo "$jq -c 'select(.agent | test(\"Firefox/[0-9]+\"))'" ;;
	login)
		echo "$jq -c" \
		    "'select(.repository.owner.login == \"Codertocat\")'"
		;;
	cost) echo "$jq -c '.cost = .bytes * 0.01 | del(.user)'" ;;
	gsub) echo "$jq -c '.path |= gsub(\"/+\"; \"/\")'" ;;
	shape) echo "$jq -c '{ip, status, path}'" ;;
	enrich)
		echo "$jq -c --slurpfile t '$data/hosts.json'" \
		    "'\$t[0][.ip] as \$r" \
		    "| if \$r then .host = \$r else . end'"
		;;
	four)
		echo "$jq -c '${four[0]}' | $jq -c '${four[1]}'" \
		    "| $jq -c '${four[2]}' | $jq -c '${four[3]}'"
		;;
	esac
}

# Miller does some of them.
mlr_for() {
	local io='--ijsonl --ojsonl --no-auto-flatten --no-auto-unflatten'

	# shellcheck disable=SC2016 # these are Miller's variables
	case $1 in
	status) echo "$mlr $io filter '\$status >= 500'" ;;
	agent) echo "$mlr $io filter '\$agent =~ \"Firefox/[0-9]+\"'" ;;
	cost) echo "$mlr $io put '\$cost = \$bytes * 0.01; unset \$user'" ;;
	gsub) echo "$mlr $io put '\$path = gsub(\$path, \"/+\", \"/\")'" ;;
	esac
}

ours_for() {
	if [ "$1" = four_ours ]; then
		echo "ms-filter '.status < 500' | ms-map '${four[1]}'" \
		    "| ms-map '${four[2]}' | ms-filter '.cost > 1'"
	elif [ "$1" = enrich_ours ]; then
		echo "ms-enrich -t '$data/hosts.csv' -k .ip --as .host"
	else
		echo "$1"
	fi
}

# --- peers ----------------------------------------------------------------

peers=()

# peer NAME COMMAND: take the peer if it is there, say so if it isn't.
peer() {
	local path

	if [ -n "$2" ] && path=$(command -v "$2"); then
		peers+=("$1=$path")
		echo "peer: $1 is $("$path" --version 2>/dev/null |
			head -n 1) ($2)"
	else
		echo "peer: $1 is missing"
	fi
}

find_peers() {
	peer jq-master "${JQ_MASTER:-}"
	peer qj "${QJ:-qj}"
	peer jq "${JQ:-jq}"
	peer jaq "${JAQ:-jaq}"
	peer gojq "${GOJQ:-gojq}"
	peer mlr "${MLR:-mlr}"
}

# command_of PEER TASK: its command line, nothing where it can't do it.
command_of() {
	local jq=${1#*=} mlr=${1#*=}

	if [ "${1%%=*}" = mlr ]; then
		mlr_for "$2"
	elif [ "${1%%=*} $2" = 'gojq enrich' ]; then
		return # 5,000 events took it about ten minutes
	else
		jq_for "$2"
	fi
}

# --- measuring ------------------------------------------------------------

last_cpu=$(($(nproc) - 1))

# measure COMMAND INPUT CPUS: sets ns, peak, cpu.
measure() {
	local status

	read -r ns peak status cpu < <("$work/run" -c "$3" -i "$2" \
	    bash -c "$1" 2>>"$work/log")
	[ "${status:-1}" = 0 ] || die "exit status ${status:-none}: $1 <$2
$(tail -n 3 "$work/log")"
}

# The median of the numbers on standard input.
median() {
	sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

size() {
	stat -c %s "$1"
}

mbs() {
	awk -v n="$1" -v ns="$2" 'BEGIN { printf "%.2f\n", n * 1000 / ns }'
}

# agree OURS THEIRS INPUT: do both give the same events?
agree() {
	head -n "$sample" "$3" >"$work/sample"
	bash -c "$1" <"$work/sample" | ms-trace strip | jq -cS . >"$work/ours"
	bash -c "$2" <"$work/sample" | jq -cS . >"$work/theirs"
	[ -s "$work/ours" ] && cmp -s "$work/ours" "$work/theirs"
}

# pair TASK OURS PEER THEIRS FILE PART CPUS: one row of the table.
pair() {
	local ns peak cpu a b x y same=yes ours_peak=0 their_peak=0
	local events n_ours n_theirs

	agree "$2" "$4" "$6" || same=NO
	[ $same = yes ] || failed=1
	n_ours=$(size "$5")
	n_theirs=$(size "$6")
	: >"$work/pairs"
	for ((i = 0; i < runs; i++)); do
		measure "$2" "$5" "$7"
		a=$(mbs "$n_ours" "$ns")
		x=$(mbs "$n_ours" "$cpu")
		((peak > ours_peak)) && ours_peak=$peak
		measure "$4" "$6" "$7"
		b=$(mbs "$n_theirs" "$ns")
		y=$(mbs "$n_theirs" "$cpu")
		((peak > their_peak)) && their_peak=$peak
		echo "$a $b $x $y" >>"$work/pairs"
	done
	events=$(wc -l <"$5")
	awk -v t="$1" -v p="${3%%=*}" -v op="$ours_peak" -v tp="$their_peak" \
	    -v per="$(awk -v n="$n_ours" -v e="$events" \
		'BEGIN { print n / e }')" -v same="$same" \
	    -v a="$(awk '{ print $1 }' "$work/pairs" | median)" \
	    -v b="$(awk '{ print $2 }' "$work/pairs" | median)" \
	    -v r="$(awk '{ print $1 / $2 }' "$work/pairs" | median)" \
	    -v c="$(awk '{ print $3 / $4 }' "$work/pairs" | median)" '
		BEGIN {
			printf "%-8s %8.0f %10.0f %8.1f  %-10s %8.1f " \
			    "%8.1f %7.1f %7.1f  %s\n", t, a, a * 1e6 / per,
			    op / 1024, p, b, tp / 1024, r, c, same
		}' | tee -a "$work/table"
}

# The part of the data that slow peers get.
part_of() {
	local part="$1.part-$peer_mb"

	if [ "$peer_mb" -ge "$mb" ]; then
		echo "$1"
		return
	fi
	if [ ! -s "$part" ]; then
		head -c "$((peer_mb * 1000000))" "$1" | sed '$d' >"$part"
	fi
	echo "$part"
}

rows() {
	local task name letter how ours peer theirs file part cpus

	printf '%-8s %8s %10s %8s  %-10s %8s %8s %7s %7s  %s\n' task MB/s \
	    events/s MiB peer MB/s MiB ratio cpu agree
	for task in "${tasks[@]}"; do
		IFS='|' read -r name letter how _ <<<"$task"
		ours=${task#*|*|*|} # it may hold bars of its own
		ours=$(ours_for "$ours")
		file=$data/$letter.ndjson
		part=$file
		[ "$how" = whole ] || part=$(part_of "$file")
		cpus=$last_cpu
		if [ "$name" = four ] && [ "$last_cpu" -gt 0 ]; then
			cpus=$((last_cpu - 1)),$last_cpu
		fi
		for peer in "${peers[@]}"; do
			theirs=$(command_of "$peer" "$name")
			[ -n "$theirs" ] || continue
			pair "$name" "$ours" "$peer" "$theirs" "$file" \
			    "$part" "$cpus"
		done
	done
}

# --- the readers of histories ----------------------------------------------

# The whole log with a history of three records on each event.
with_histories() {
	local file=$data/H.ndjson

	if [ ! -s "$file" ]; then
		ms-trace "$data/A.ndjson" | ms-filter '.status < 600' |
		    ms-map '.cost = .bytes * 0.01 | del(.user)' \
		    >"$file.new" || die "can't make $file"
		mv "$file.new" "$file"
	fi
	cat "$file" >/dev/null # into the page cache
	echo "$file"
}

reading() {
	local reader file what goal ns peak most

	file=$(with_histories) || exit 1
	printf '%-24s %8s %8s %8s\n' 'histories, ms-trace' MB/s MiB goal
	for reader in "${readers[@]}"; do
		goal=${reader%%|*}
		what=${reader#*|}
		most=0
		: >"$work/pairs"
		for ((i = 0; i < runs; i++)); do
			measure "ms-trace $what" "$file" "$last_cpu"
			mbs "$(size "$file")" "$ns" >>"$work/pairs"
			((peak > most)) && most=$peak
		done
		awk -v t="$what" -v v="$(median <"$work/pairs")" \
		    -v m="$most" -v g="$goal" 'BEGIN {
			printf "%-24s %8.0f %8.1f %8s%s\n", t, v, m / 1024, g,
			    (v < g ? "  MISSED" : "")
		}'
	done
}

# --- tables ----------------------------------------------------------------

# Tables of a million rows: by number, of networks, ranges, and periods.
make_tables() {
	[ ! -s "$data/periods.csv" ] || return 0
	awk -v dir="$data" 'BEGIN {
		n = 1048576
		print "seq,name" >(dir "/million.csv")
		print "net,zone" >(dir "/networks.csv")
		print "from,to,band" >(dir "/ranges.csv")
		for (i = 0; i < n; i++) {
			print i ",name-" i >(dir "/million.csv")
			printf "%d.%d.%d.0/20,zone-%d\n", i / 4096,
			    i / 16 % 256, i % 16 * 16, i >(dir "/networks.csv")
			print i ".0," i ".9,band-" i >(dir "/ranges.csv")
		}
	}'
	if command -v sqlite3 >/dev/null; then
		sqlite3 "$data/hosts.db" ".import --csv $data/hosts.csv hosts" \
		    'CREATE UNIQUE INDEX by_ip ON hosts(ip)'
	fi
	if [ -x "$build/tests/mmdb_make" ]; then
		awk -F, 'NR > 1 { print $1 " {\"zone\":\"" $2 "\"}" }' \
		    "$data/networks.csv" |
		    "$build/tests/mmdb_make" >"$data/networks.mmdb"
	fi
	awk -F, -v last="$(wc -l <"$data/A.ndjson")" '
		NR == 1 { print "ip,price,since"; next }
		{
			for (i = 0; i < 10; i++)
				print $1 "," NR * i "," int(i * last / 10)
		}' "$data/hosts.csv" >"$data/new" &&
		mv "$data/new" "$data/periods.csv"
}

# The load alone, then what is looked up beside it.
looking() {
	local lookup name what load most ns peak file

	make_tables || die "can't make the tables"
	printf '%-8s %8s %8s %8s %10s\n' table 'MB' 'load s' MiB MB/s
	for lookup in "${lookups[@]}"; do
		IFS='|' read -r name file what <<<"$lookup"
		if [ ! -e "$data/$file" ]; then
			echo "$name: skipped, what makes $file is missing"
			continue
		fi
		what="cd '$data' && $what"
		measure "$what" /dev/null "$last_cpu"
		load=$ns
		most=$peak
		: >"$work/pairs"
		for ((i = 0; i < runs; i++)); do
			measure "$what" "$data/A.ndjson" "$last_cpu"
			mbs "$(size "$data/A.ndjson")" $((ns - load)) \
			    >>"$work/pairs"
		done
		awk -v t="$name" -v v="$(median <"$work/pairs")" -v m="$most" \
		    -v l="$load" -v s="$(size "$data/$file")" 'BEGIN {
			printf "%-8s %8.1f %8.2f %8.1f %10.0f\n", t, s / 1e6,
			    l / 1e9, m / 1024, v
		}'
	done
}

# Ours and theirs, with the load, on all of A.
looking_beside() {
	local row name who what ours ns peak theirs

	printf '%-8s %8s  %-10s %8s %7s\n' table MB/s peer MB/s ratio
	for row in "${lookup_peers[@]}"; do
		IFS='|' read -r -d '' name who what <<<"$row"
		what=$(eval "echo \"${what//\"/\\\"}\"")
		case $who in
		mlr) command -v "$mlr" >/dev/null ;;
		*) "$python" -c "import $who" 2>/dev/null ;;
		esac || {
			echo "$name: $who is missing"
			continue
		}
		for ours in "${lookups[@]}"; do
			[ "${ours%%|*}" != "$name" ] || break
		done
		measure "cd '$data' && ${ours#*|*|}" "$data/A.ndjson" "$last_cpu"
		ours=$ns
		measure "cd '$data' && $what" "$data/A.ndjson" "$last_cpu"
		awk -v t="$name" -v p="$who" -v a="$ours" -v b="$ns" \
		    -v n="$(size "$data/A.ndjson")" 'BEGIN {
			printf "%-8s %8.1f  %-10s %8.1f %7.1f\n", t,
			    n * 1000 / a, p, n * 1000 / b, b / a }'
	done
}

# --- schemas -----------------------------------------------------------------

# shellcheck source=tests/bench/folds.sh
. "$here/folds.sh"
# shellcheck source=tests/bench/validators.sh
. "$here/validators.sh"

# What a seal costs: the processor's time by event, with a key and without.
sealing() {
	local what row goal in events ns peak cpu plain sealed key=$work/seal.key

	[ -e "$key" ] || ms-trace keygen "$key" >/dev/null || die "no key"
	ms-trace "$data/A.ndjson" >"$work/plain" || die "no histories"
	ms-trace --seal-key "$key" "$data/A.ndjson" >"$work/sealed" ||
	    die "no seals"
	events=$(wc -l <"$work/plain")
	printf '%-48s %8s %8s %6s\n' "a seal, us an event" without with goal
	for row in "2|ms-trace|" "2|ms-filter|'.status > 0'" \
	    "3|ms-map|'.cost = .bytes * 0.01 | del(.user)'"; do
		IFS='|' read -r goal what row <<<"$row"
		: >"$work/pairs"
		for ((i = 0; i < runs; i++)); do
			in=$work/plain
			[ "$what" = ms-trace ] && in=$data/A.ndjson
			measure "$what $row" "$in" "$last_cpu"
			plain=$cpu
			[ "$what" = ms-trace ] || in=$work/sealed
			measure "$what --seal-key '$key' $row" "$in" "$last_cpu"
			sealed=$cpu
			awk -v p="$plain" -v s="$sealed" -v n="$events" \
			    'BEGIN { print p / n / 1e3, s / n / 1e3 }' \
			    >>"$work/pairs"
		done
		awk -v t="$what $row" -v g="$goal" \
		    -v p="$(awk '{ print $1 }' "$work/pairs" | median)" \
		    -v s="$(awk '{ print $2 }' "$work/pairs" | median)" 'BEGIN {
			printf "%-48s %8.2f %8.2f %6s%s\n", t, p, s, "+" g,
			    (s - p > g ? "  MISSED" : "")
		}'
	done
	rm -f "$work/plain" "$work/sealed"
}

# --- threads, latency, start-up --------------------------------------------

threads() {
	local what ns peak one two cpus in=$data/A.ndjson

	if [ "$last_cpu" -eq 0 ]; then
		echo "threads: skipped, there is one processor only"
		return
	fi
	cpus=$((last_cpu - 1)),$last_cpu
	printf '%-48s %9s %12s\n' "times -j 1" "-j 2" "two at once"
	for what in "ms-filter '.status >= 500'" "ms-filter ." \
	    "ms-map '.cost = .bytes * 0.01 | del(.user)'"; do
		: >"$work/pairs"
		for ((i = 0; i < runs * 3; i++)); do
			measure "$what -j 1" "$in" "$cpus"
			one=$ns
			measure "$what -j 2" "$in" "$cpus"
			two=$ns
			# What the machine has to give: two that share nothing.
			measure "$what '$in' & $what '$in' && wait \$!" \
			    /dev/null "$cpus"
			awk -v a="$one" -v b="$two" -v c="$ns" \
			    'BEGIN { print a / b, 2 * a / c }' >>"$work/pairs"
		done
		printf '%-48s %9.2f %12.2f\n' "$what" \
		    "$(awk '{ print $1 }' "$work/pairs" | median)" \
		    "$(awk '{ print $2 }' "$work/pairs" | median)"
	done
}

latency() {
	local what took

	printf '%-40s %8s %8s %8s\n' "1,000 events/s through" median 99% most
	for what in cat 'ms-filter .' "ms-map '.a = 1'" 'ms-filter -j 2 .' \
	    "${peers[0]:+${peers[0]#*=} --unbuffered -c .}"; do
		[ -n "$what" ] || continue
		took=$(eval "$work/trickle $what") || die "no latency: $what"
		# shellcheck disable=SC2086 # three numbers
		printf '%-40s %8s %8s %8s us\n' "${what##*/}" $took
	done
}

start_up() {
	local what ns

	echo "start-up on empty input:"
	for what in cat 'ms-filter .' 'ms-map .' "${peers[0]:+${peers[0]#*=} .}"
	do
		[ -n "$what" ] || continue
		# shellcheck disable=SC2086 # words of a command
		read -r ns _ < <("$work/run" -c "$last_cpu" -n 200 $what)
		printf '%-40s %8.2f ms\n' "${what##*/}" \
		    "$(awk -v n="$ns" 'BEGIN { print n / 1e6 }')"
	done
}

# --- the picture -------------------------------------------------------------

draw() {
	if ! command -v gnuplot >/dev/null; then
		echo "picture: skipped, gnuplot is missing (gnuplot-nox)"
		return
	fi
	# One peer is enough to look at: the first.
	awk -v peer="${peers[0]%%=*}" '$5 == peer {
		printf "%s %s %s %.0fx\n", $1, $2, $6, $9 }' "$work/table" \
	    >"$work/table.dat"
	gnuplot -e "out='$work/bench.svg'; table='$work/table.dat'" \
	    -e "peer='${peers[0]%%=*}'" \
	    "$here/bench.gp" && echo "picture: $work/bench.svg"
}

# --- all of it ----------------------------------------------------------------

mkdir -p "$work" || die "can't make $work"
: >"$work/table"
: >"$work/log"
for helper in run trickle; do
	${CC:-cc} -O2 -std=c17 -D_GNU_SOURCE -o "$work/$helper" \
	    "$here/$helper.c" || die "can't build $helper"
done
command -v jq >/dev/null || die "jq is missing; it compares the outputs"
if [ ! -e "$data/complete" ]; then
	"$here/data.sh" "$data" "$mb" "${BENCH_SEEDS:-$root/../shared/data}" ||
	    die "can't make the data"
	touch "$data/complete"
fi
echo "on: $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)," \
    "$(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
find_peers
[ "${#peers[@]}" -gt 0 ] || die "there is no peer to measure beside"
cat "$data"/[AG].ndjson >/dev/null # into the page cache
for part in $parts; do
	echo
	"$part"
done
[ $failed -eq 0 ] || die "some outputs don't agree"
