#!/bin/sh
# Orders beyond the limits that were valid when they came, by the quote,
# the user's exposure and the user's pace at that moment.
cd "$(dirname "$0")" || exit

ms-trace events.ndjson |
	ms-fold -n market --by .symbol --as .quote \
		'if $event.type == "quote" then $event | {bid, ask} else . end' |
	ms-filter '.type == "order"' |
	ms-map -n worth '.worth = .qty * .quote.ask' |
	ms-fold -n behaviour --by .user --as .user_now '
		($event.at | fromdate) as $now
		| .exposure += $event.worth
		| .minute = [.minute[]?, $now | select(. > $now - 60)]' |
	ms-enrich -t limits.csv -k .user --as-of .at --valid since --as .limit |
	ms-map -n alert '.alert = [
		(select(.user_now.exposure > .limit.exposure) | "exposure"),
		(select((.user_now.minute | length) > .limit.per_minute) | "pace")]' |
	ms-filter -n alerts '.alert != []'
