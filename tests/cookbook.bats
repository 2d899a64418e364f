#!/usr/bin/env bats
# The worked examples of ms-cookbook(7): what each of them is for.

load helper

@test "an order is judged by the quote, the pace and the limit of its moment" {
	"$examples/trading/alert.sh" >out
	holds out '.quote.ask == 104'
	[ "$(jq -c '[.user, .limit.exposure, .alert]' out)" = \
		'["ada",40000,["exposure"]]
["bob",10000,["pace"]]' ]
}

@test "the offer for a click has seen the click itself" {
	"$examples/clicks/offer.sh" >out
	[ "$(jq -r '.user + " " + .best' out | tr '\n' ';')" = \
		'ada tea;bob cups;ada pots;ada pots;bob tea;' ]
	echo '{"user":"eve","category":"cups"}' | "$examples/clicks/offer.sh" - >one
	holds one '.offer == "two cups for one"'
}

@test "a shipment that was too warm stays so, and the proof is the reading" {
	"$examples/cold-chain/watch.sh" >out
	holds out '.shipment == "V-18" or .verdict.proof.line == 3'
	[ "$(jq -c '.verdict.late' out | tr '\n' ' ')" = '0 30 0 80 ' ]
	sed -n 3p "$examples/cold-chain/readings.ndjson" >proof
	holds proof '.temp == 8.4'
}

@test "a minute's metrics correct themselves, and are whole" {
	"$examples/tenants/metrics.sh" >out
	[ "$(jq -c 'select(._lineage[0].rev == 2) | [.tenant, .n, .errors]' out)" = '["zeta",2,1]' ]
	(cd "$examples/tenants" && ms-trace requests.ndjson) |
		status 0 ms-trace of out >/dev/null
}

@test "an alert that passes says how many were held back" {
	"$examples/alerts/page.sh" "$PWD/held" >out
	[ "$(jq -c '[.host, .held]' out | tr '\n' ' ')" = '["db-1",null] ["web-2",null] ["db-1",3] ' ]
	lines 3 held
}
