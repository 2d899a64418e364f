#!/bin/sh
# What the shop offers on the page that a click opens: by all clicks of the
# user up to this one.
cd "$(dirname "$0")" || exit

ms-fold --by .user --as .liked '.[$event.category] += 1' "${1-clicks.ndjson}" |
	ms-map -n best '.best = (.liked | to_entries | max_by(.value).key)' |
	ms-enrich -t offers.csv -k .best=category --merge --columns offer
