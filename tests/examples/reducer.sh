#!/usr/bin/env bash
# reducer.sh: the events of a key stand together, in order
set -o pipefail
cut -f 3- | ms-fold --lineage off --by .ip --as .seen '. + 1'
