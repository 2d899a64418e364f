#!/usr/bin/env bash
# Make the pictures of ms-trace report's page that the README shows, anew:
# a pipeline over made-up events, its page, and a browser that looks at it.
#
#   pictures.sh        needs what tests/page.bats needs; see tests/needs.sh
set -eu -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
export MS_BUILD=${MS_BUILD:-$here/../build}
PATH=$MS_BUILD:$PATH
unset MS_NOW MS_LINEAGE MS_TRAIL MS_REJECTS
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Requests to a shop, in three gusts: events.sh FIRST LAST
requests() {
	awk -v first="$1" -v last="$2" 'BEGIN {
		srand(last)
		split("/ /orders /cart /search?q=lamp /search?q=red+chair " \
		    "/search?C=M;O=D /images/logo.png /style.css " \
		    "/images/lamp.jpg /favicon.ico", path, " ")
		split("Firefox/145.0 Chrome/142.0 Safari/26.1 curl/8.14", agent, " ")
		for (i = first; i <= last; i++)
			printf "{\"seq\":%d,\"ip\":\"192.0.2.%d\",\"user\":\"%s\"," \
			    "\"method\":\"%s\",\"path\":\"%s\",\"status\":%d," \
			    "\"bytes\":%d,\"agent\":\"%s\"}\n", i,
			    10 + int(rand() ^ 3 * 60), rand() < .2 ? "ada" : "-",
			    rand() < .1 ? "POST" : "GET",
			    path[1 + int(rand() * 10)],
			    rand() < .06 ? 500 : rand() < .1 ? 404 : 200,
			    200 + int(rand() ^ 3 * 90000), agent[1 + int(rand() * 4)]
	}'
}

# A source that takes its time: so many events, then a pause.
slowly() {
	for ((i = $1; i <= $2; i += $3)); do
		requests "$i" $((i + $3 - 1 < $2 ? i + $3 - 1 : $2))
		sleep "0.0$((i * 7 % 9))"
	done
}

{
	echo 'ip,network,owner,rate'
	for ((i = 10; i < 46; i++)); do
		echo "192.0.2.$i,transit-$((i % 5)),$( ((i % 3)) || echo acme),0.0$((i % 4 + 1))"
	done
} >networks.csv

mkfifo shop.ndjson old.ndjson
slowly 4001 5200 40 >old.ndjson &
slowly 1 4000 100 >shop.ndjson &
ms-trace old.ndjson shop.ndjson |
    ms-filter -n pages --else assets.ndjson '.path | test("\\.(png|jpg|css|ico)$") | not' |
    ms-enrich -n networks -t networks.csv -k .ip --columns network,owner,rate |
    ms-map -n price '.cost = .bytes / 1000 * (.networks.rate // 0.02) | del(.user)' |
    ms-map -n query --rejects bad.ndjson 'if .path | contains("?") then
  .query = (.path | split("?")[1] | split("&") | map(split("=") | {(.[0]): .[1]}) | add)
  | if .query.C then error("a listing sorted by \(.query.C) is no page") else . end
  | .path |= split("?")[0]
else . end' 2>/dev/null |
    ms-filter -n billable '.cost >= 0.02' >out.ndjson ||
    [ $? -eq 1 ] # some are rejected, as they should be
ms-trace report -o page.html out.ndjson assets.ndjson bad.ndjson

HOME=$work node "$here/pictures.mjs" "$(command -v chromium)" page.html \
    "$here/pictures"
ls -l "$here"/pictures/*.png
