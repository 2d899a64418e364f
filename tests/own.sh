#!/usr/bin/env bash
# Run test files (those of the language, where none is named) on a build that
# poisons handles when they are given away: see lib/value/ownership.h.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 1

files=("$@")
if [ $# -eq 0 ]; then
	files=(tests/language.bats tests/builtins.bats)
fi
exec tests/check.sh "${files[@]}"
