#!/usr/bin/env bash
# mapper.sh: events that begin with what they are sorted by
set -o pipefail
ms-filter --lineage off '.status < 500' |
    jq -r '"\(.ip)\t\(.ts)\t\(tojson)"'
