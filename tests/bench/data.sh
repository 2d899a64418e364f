#!/bin/sh
# Make the data that the bench works on.
#
#	data.sh DIRECTORY MB SEEDS
#
# DIRECTORY gets A.ndjson (an access log) and G.ndjson (webhooks, large and
# nested), each of MB megabytes: the events of SEEDS/access.ndjson and
# SEEDS/github.ndjson again and again, where these are there, else made up.
# Their first member, seq, is another in each event.  hosts.csv and
# hosts.json hold 100,000 rows by ip, among them most of the log's.
set -eu

dir=$1 mb=$2 seeds=$3
mkdir -p "$dir"

# grow FILE: its lines, numbered anew, until there are enough of them.
grow() {
	awk -v limit="$((mb * 1000000))" '
		{ sub(/^{"seq":[0-9]+,/, "{"); rest[NR] = substr($0, 2) }
		END {
			for (n = 0; size < limit; n++) {
				event = "{\"seq\":" n "," rest[n % NR + 1]
				size += length(event) + 1
				print event
			}
		}' "$1"
}

make_access() {
	awk 'BEGIN {
		srand(1)
		split("Firefox/115.0 Firefox/3.6 Chrome/120.0 curl/8.5", agent)
		split("200 200 200 200 301 304 404 500 502", status)
		split("/ //blog//tags /orders/17 /images/logo.png", path)
		for (n = 0; n < 10000; n++) {
			printf "{\"ip\":\"10.0.%d.%d\",\"user\":\"-\",",
			    rand() * 32, rand() * 256
			printf "\"ts\":\"17/May/2015:10:05:03 +0000\","
			printf "\"method\":\"GET\",\"path\":\"%s\",",
			    path[int(rand() * 4) + 1]
			printf "\"proto\":\"HTTP/1.1\",\"status\":%d,",
			    status[int(rand() * 9) + 1]
			printf "\"bytes\":%d,\"referer\":\"-\",",
			    rand() * 200000
			printf "\"agent\":\"Mozilla/5.0 (X11; Linux) %s\"}\n",
			    agent[int(rand() * 4) + 1]
		}
	}'
}

make_github() {
	awk 'BEGIN {
		srand(2)
		for (n = 0; n < 300; n++) {
			printf "{\"event\":\"push\",\"commits\":["
			for (i = 0; i < 30; i++)
				printf "%s{\"id\":\"%08x\",\"message\":\"Fix " \
				    "the \\\"%d\\\" case\",\"added\":[\"src/%d" \
				    ".c\",\"doc/%d.md\"],\"distinct\":true," \
				    "\"author\":{\"name\":\"n%d\",\"email\":" \
				    "null}}", (i > 0 ? "," : ""), rand() * 1e9,
				    i, i, n, i
			printf "],\"repository\":{\"id\":%d,\"owner\":{" \
			    "\"login\":\"%s\",\"id\":%d},\"private\":false}}\n",
			    n, (rand() < 0.6 ? "Codertocat" : "octo-org"), n
		}
	}'
}

# Keys of the log first, then others up to 100,000 rows.
make_hosts() {
	awk -F'"ip":"' '
		function row(ip) {
			print ip ",host-" n ",team-" n % 97 "," n % 100
			n++
		}
		BEGIN { print "ip,host,owner,cost" }
		NF > 1 {
			ip = $2
			sub(/".*/, "", ip)
			if (!seen[ip]++ && length(seen) % 10 != 0)
				row(ip)
		}
		END {
			for (i = 0; n < 100000; i++)
				row("172." 16 + int(i / 65536) "." \
				    int(i / 256) % 256 "." i % 256)
		}' "$1"
}

hosts_as_json() {
	awk -F, '
		NR == 1 { printf "{"; next }
		{
			printf "%s\"%s\":{\"ip\":\"%s\",\"host\":\"%s\"," \
			    "\"owner\":\"%s\",\"cost\":%s}",
			    (NR > 2 ? ",\n" : ""), $1, $1, $2, $3, $4
		}
		END { print "}" }' "$1"
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
for seed in access github; do
	if [ -r "$seeds/$seed.ndjson" ]; then
		cp "$seeds/$seed.ndjson" "$tmp/$seed"
	else
		echo "there is no $seeds/$seed.ndjson: made up instead" >&2
		"make_$seed" >"$tmp/$seed"
	fi
done
make_hosts "$tmp/access" >"$dir/hosts.csv"
hosts_as_json "$dir/hosts.csv" >"$dir/hosts.json"
grow "$tmp/access" >"$dir/A.ndjson"
grow "$tmp/github" >"$dir/G.ndjson"
