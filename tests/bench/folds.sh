# What the stream itself knows, beside others; bench.sh takes it in.
# shellcheck shell=bash disable=SC2034,SC2154 # work, data, python and more are bench.sh's
#
#	BENCH_FOLDS=200000    events, of a thousand keys
#
# Rows are of processor time, whole commands, one run each.

fold_events=${BENCH_FOLDS:-200000}

# Ten events a second, of keys that come back in another order.
make_folds() {
	folds=$data/F-$fold_events.ndjson
	[ ! -s "$folds" ] || return 0
	awk -v n="$fold_events" 'BEGIN {
		keys = 1000
		for (i = 0; i < n; i++)
			printf "{\"seq\":%d,\"k\":\"user-%d\",\"at\":%d,\"ms\":%d}\n",
			    i, (i * 7919) % keys, 1795000000 + int(i / 10), i % 997
	}' >"$folds.new" && mv "$folds.new" "$folds"
}

# Task, what does it, command.  Ours writes its lineage where it says so.
# shellcheck disable=SC2016 # programs
folders=(
	'running|ms-fold|ms-fold --lineage off --by .k --as .n ". + 1"'
	'running|ms-fold, lineage|ms-fold --by .k --as .n ". + 1"'
	'running|ms-fold, durable|rm -f "$work/state.db"*; ms-fold --lineage off --state "$work/state.db" --by .k --as .n ". + 1" "$folds"'
	'running|jq foreach|jq -cn "foreach inputs as \$e ({}; .[\$e.k] += 1; \$e + {n: .[\$e.k]})"'
	'running|mlr step|$mlr --ijsonl --ojsonl step -a counter -f seq -g k'
	'running|duckdb|$python "$here/folds.py" duckdb "SELECT *, count(*) OVER (PARTITION BY k ORDER BY seq) AS n FROM read_json_auto('"'"'$folds'"'"') ORDER BY seq"'
	'running|bytewax|$python "$here/folds.py" bytewax running "$folds"'
	'window|ms-fold|ms-fold --lineage off --by .k --time .at --window 1h ".n += 1 | .ms += \$event.ms"'
	'window|ms-fold, lineage|ms-fold --by .k --time .at --window 1h ".n += 1 | .ms += \$event.ms"'
	'window|jq reduce|jq -cn "reduce inputs as \$e ({}; .[\"\(\$e.k) \(\$e.at / 3600 | floor)\"] |= (.n += 1 | .ms += \$e.ms)) | to_entries[]"'
	'window|mlr stats1|$mlr --ijsonl --ojsonl put "\$h = \$at // 3600" then stats1 -a count,sum -f ms -g k,h'
	'window|duckdb|$python "$here/folds.py" duckdb "SELECT k, \"at\" // 3600 AS h, count(*) AS n, sum(ms) AS ms FROM read_json_auto('"'"'$folds'"'"') GROUP BY ALL"'
	'window|bytewax|$python "$here/folds.py" bytewax window "$folds"'
	'unique|ms-filter|ms-filter --lineage off --unique .k'
	'unique|ms-filter, lineage|ms-filter --unique .k'
	'unique|jq foreach|jq -cn "foreach inputs as \$e ({}; if .s[\$e.k] then .e = null else .s[\$e.k] = true | .e = \$e end; .e // empty)"'
	'unique|mlr head|$mlr --ijsonl --ojsonl head -n 1 -g k'
	'unique|mlr count-distinct|$mlr --ijsonl --ojsonl count-distinct -f k'
	'unique|duckdb|$python "$here/folds.py" duckdb "SELECT DISTINCT ON (k) * FROM read_json_auto('"'"'$folds'"'"') ORDER BY k, seq"'
	'unique|bytewax|$python "$here/folds.py" bytewax unique "$folds"'
)

# Is it there?
has_folder() {
	case $1 in
	ms-*) true ;;
	jq*) command -v jq ;;
	mlr*) command -v "$mlr" ;;
	*) "$python" -c "import $1" ;;
	esac >/dev/null 2>&1
}

folding() {
	local row task who what ns cpu peak

	make_folds || die "can't make the events"
	export folds work here mlr python
	printf '%-8s %-22s %10s %10s %8s\n' state by 'cpu ms' events/s MiB
	for row in "${folders[@]}"; do
		IFS='|' read -r -d '' task who what <<<"$row"
		if ! has_folder "$who"; then
			echo "$task: $who is missing"
			continue
		fi
		measure "$what" "$folds" "$last_cpu"
		awk -v t="$task" -v p="$who" -v c="$cpu" -v n="$fold_events" \
		    -v m="$peak" 'BEGIN {
			printf "%-8s %-22s %10.0f %10.0f %8.1f\n", t, p, c / 1e6,
			    n * 1e9 / c, m / 1024 }'
	done
}
