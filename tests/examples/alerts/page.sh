#!/bin/sh
# One page in ten minutes for each host and alert, which says how many were
# held back since the last one; those go to held.ndjson.
cd "$(dirname "$0")" || exit

ms-trace alerts.ndjson |
	ms-filter -n quiet --unique '[.host, .alert]' --within 10m --time .at \
		--count-as .held --else "${1-/dev/null}"
