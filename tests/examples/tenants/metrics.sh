#!/bin/sh
# Requests, errors and times by tenant and minute.  An event that comes late
# makes its minute anew, as revision 2 of the same result.
cd "$(dirname "$0")" || exit

ms-trace requests.ndjson |
	ms-fold -n metrics --by .tenant --time .at --window 1m --keep 1h '
		.n += 1
		| .errors += if $event.status >= 500 then 1 else 0 end
		| .max_ms = ([.max_ms, $event.ms] | max)'
