#!/bin/sh
# Shipments as they move: one that was too warm stays so, with the reading
# that proves it; and how many minutes it is late, by its plan.
cd "$(dirname "$0")" || exit

ms-trace readings.ndjson |
	ms-enrich -t plan.csv -k .shipment -k .place --as .plan --columns due,max |
	ms-fold -n judge --by .shipment --as .verdict '
		if .proof == null and $event.temp > $event.plan.max
			then .proof = $origin + {temp: $event.temp} else . end
		| .late = ([0, ($event.at | fromdate) - ($event.plan.due | fromdate)]
			| max / 60)' |
	ms-filter '.verdict.proof != null or .verdict.late > 0'
