# ms-schema check beside other validators of JSON Schema; bench.sh takes it in.
# shellcheck shell=bash disable=SC2154 # work, data, python and more are bench.sh's
#
#	SOURCEMETA= JSONSCHEMA_RS= CHECK_JSONSCHEMA= PYTHON= NODE=
#
# name the peers that aren't in PATH; NODE_PATH is where node finds ajv.

# The eleven members of an event of the access log; what webhooks are like.
make_schemas() {
	[ ! -s "$data/G.schema.json" ] || return 0
	cat >"$data/A.schema.json" <<-'JSON'
		{"$schema": "https://json-schema.org/draft/2020-12/schema",
		 "type": "object",
		 "required": ["seq", "ip", "ts", "method", "path", "status"],
		 "properties": {
		  "seq": {"type": "integer", "minimum": 0},
		  "ip": {"type": "string"}, "user": {"type": "string"},
		  "ts": {"type": "string", "minLength": 20},
		  "method": {"type": "string", "maxLength": 10},
		  "path": {"type": "string"}, "proto": {"type": "string"},
		  "status": {"type": "integer", "minimum": 100, "maximum": 599},
		  "bytes": {"type": "integer", "minimum": 0},
		  "referer": {"type": "string"}, "agent": {"type": "string"}},
		 "additionalProperties": false}
	JSON
	ms-schema infer "$data/G.ndjson" >"$data/G.new" &&
		mv "$data/G.new" "$data/G.schema.json"
}

# One array of the events and a schema of it, for those who read no lines.
make_array() {
	local file=$1 schema=$2

	[ ! -s "$file.array.json" ] || return 0
	jq '{"$schema", type: "array", items: .}' "$schema" >"$file.schema.json"
	{
		echo '['
		sed '$!s/$/,/' "$file"
		echo ']'
	} >"$file.array.json"
}

# shellcheck disable=SC2016 # a program of JavaScript
ajv_program='
const Ajv = require("ajv/dist/2020"), fs = require("fs");
const valid = new Ajv({strict: false, logger: false})
	.compile(JSON.parse(fs.readFileSync(process.argv[1], "utf8")));
require("readline").createInterface({input: process.stdin})
	.on("line", line => { if (!valid(JSON.parse(line))) process.exitCode = 1; });
'
python_program='
import json, sys
import jsonschema
valid = jsonschema.Draft202012Validator(json.load(open(sys.argv[1]))).is_valid
sys.exit(not all([valid(json.loads(line)) for line in sys.stdin]))
'

# Name, what tells that it is there, and its command: the events are at
# standard input and in $part, and their array is in $part.array.json.
validators() {
	local node=${NODE:-node}
	local sourcemeta=${SOURCEMETA:-jsonschema}
	local check=${CHECK_JSONSCHEMA:-check-jsonschema}
	local rust=${JSONSCHEMA_RS:-jsonschema-cli}

	printf '%s|%s|%s\n' \
	    sourcemeta "$sourcemeta version" \
	    "cp \$part \$part.jsonl; $sourcemeta validate --fast \$schema \$part.jsonl" \
	    ajv "$node -e 'require(\"ajv/dist/2020\")'" \
	    "$node -e '\$ajv_program' \$schema" \
	    jsonschema-rs "$rust --version" \
	    "$rust validate \$part.schema.json -i \$part.array.json" \
	    jsonschema "$python -c 'import jsonschema'" \
	    "$python -c '\$python_program' \$schema" \
	    check-jsonschema "$check --version" \
	    "$check --schemafile \$part.schema.json \$part.array.json"
}

# validate LETTER PEER COMMAND: a row of the table, runs in turn.
validate() {
	local file=$data/$1.ndjson schema=$data/$1.schema.json part theirs
	local ns cpu peak a x most=0 their_most=0

	part=$(part_of "$file")
	make_array "$part" "$schema"
	theirs=${3//\$ajv_program/$ajv_program}
	theirs=${theirs//\$python_program/$python_program}
	theirs=${theirs//\$part/$part}
	theirs=${theirs//\$schema/$schema}
	: >"$work/pairs"
	for ((i = 0; i < runs; i++)); do
		measure "ms-schema check -s '$schema'" "$file" "$last_cpu"
		a=$(mbs "$(size "$file")" "$ns")
		x=$(mbs "$(size "$file")" "$cpu")
		((peak > most)) && most=$peak
		measure "$theirs" "$part" "$last_cpu"
		((peak > their_most)) && their_most=$peak
		echo "$a $(mbs "$(size "$part")" "$ns") $x" \
		    "$(mbs "$(size "$part")" "$cpu")" >>"$work/pairs"
	done
	awk -v t="$1" -v p="$2" -v om="$most" -v tm="$their_most" \
	    -v a="$(awk '{ print $1 }' "$work/pairs" | median)" \
	    -v b="$(awk '{ print $2 }' "$work/pairs" | median)" \
	    -v r="$(awk '{ print $1 / $2 }' "$work/pairs" | median)" \
	    -v x="$(awk '{ print $3 }' "$work/pairs" | median)" \
	    -v c="$(awk '{ print $3 / $4 }' "$work/pairs" | median)" 'BEGIN {
		printf "check %s %9.0f %8.1f  %-16s %8.1f %8.1f %7.1f %7.1f%s\n",
		    t, a, om / 1024, p, b, tm / 1024, r, c,
		    x < 500 ? "  MISSED" : ""
	}'
}

validating() {
	local name there command letter

	make_schemas || die "can't make the schemas"
	printf '%-7s %9s %8s  %-16s %8s %8s %7s %7s\n' schema MB/s MiB peer \
	    MB/s MiB ratio cpu
	while IFS='|' read -r name there command; do
		if ! bash -c "$there" >/dev/null 2>&1; then
			echo "peer: $name is missing"
			continue
		fi
		for letter in A G; do
			validate "$letter" "$name" "$command"
		done
	done < <(validators)
}
