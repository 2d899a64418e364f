#!/usr/bin/env bash
# redis_pipe.sh FROM TO GROUP NAME PIPELINE
set -u
from=$1 to=$2 group=$3 name=$4 pipeline=$5 after=0 n=0

take='local r = redis.call("XREADGROUP", "GROUP", ARGV[1], ARGV[2],
    "COUNT", ARGV[3], "STREAMS", KEYS[1], ARGV[4])
local out = {}
for _, entry in ipairs(r and r[1][2] or {}) do
  local fields, e = entry[2] or {}, ""
  for i = 1, #fields, 2 do
    if fields[i] == "e" then e = fields[i + 1] end
  end
  table.insert(out, "i" .. entry[1])
  if e:find("%S") and not e:find("\n") and
      not e:find("^%s*{%s*\"ms%.") then
    table.insert(out, "e" .. e)
  elseif entry[2] then
    table.insert(out, "d" .. cjson.encode({op = "redis",
        id = entry[1], error = "no event on one line", fields = fields}))
  end
end
table.insert(out, ".")
return out'

give='local lines = {}
for kind, line in ARGV[3]:gmatch("(.)([^\n]*)\n") do
  if kind == "i" and #redis.call("XPENDING", KEYS[1], ARGV[1],
      line, line, 1, ARGV[2]) == 0 then
    return redis.error_reply(line .. " is not ours any more")
  end
  table.insert(lines, {kind, line})
end
for _, l in ipairs(lines) do
  if l[1] == "i" then redis.call("XACK", KEYS[1], ARGV[1], l[2])
  else redis.call("XADD", KEYS[l[1] == "o" and 2 or 3], "*", "e", l[2])
  end
end'

stop() { echo "redis_pipe: $2"; exit "$1"; } >&2
cli() { ${REDIS_CLI:-redis-cli} -e "$@" || exit 75; }

dir=$(mktemp -d) || exit 75
export MS_REJECTS=$dir/rejects MS_STATE=$dir/state LC_ALL=C
mkdir "$MS_STATE" && mkfifo "$dir/in" "$dir/out" &&
  echo . >"$dir/batch" || exit 75
setsid bash -o pipefail -c "$pipeline" <"$dir/in" >"$dir/out" & pid=$!
disown # so that its end is not told
trap 'kill -9 -- "-$pid" 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 75' HUP INT TERM
exec 3>"$dir/in" 4<"$dir/out"

# The batch and a barrier go in; what is back before it is in lines.
through() {
  local barrier="{\"ms.barrier\":\"${dir##*.}-$((++n))\",\"n\":"

  : >"$MS_REJECTS" && sed -n 's/^e//p' "$dir/batch" >"$dir/events" ||
    exit 75
  { cat "$dir/events"; echo "$barrier$(wc -l <"$dir/events")}"; } >&3 &
  timeout "${PATIENCE:-60}" sed "/^$barrier/Q9; s/^/o/" \
    <&4 >"$dir/lines"
  [ $? -eq 9 ] || stop "$1" 'the pipeline ended, or hangs'
  [ -z "$(ls "$MS_STATE")" ] || stop 2 'a stage has state: not here'
}

through 2
(cli XGROUP CREATE "$from" "$group" 0 MKSTREAM) 2>&1 >/dev/null |
  grep -v BUSYGROUP >&2
while :; do
  # what it had taken when it was killed: 0; then what is new: >
  cli --raw EVAL "$take" 1 "$from" "$group" "$name" "${BATCH:-1000}" \
    "$after" >"$dir/batch"
  [ "$(tail -n 1 "$dir/batch")" = . ] || exit 75
  if [ "$(head -n 1 "$dir/batch")" = . ]; then
    [ "$after" = 0 ] || sleep 0.1
    after='>'
    continue
  fi
  through 75
  { sed 's/^/d/' "$MS_REJECTS" && sed -n '/^[id]/p' "$dir/batch"; } \
    >>"$dir/lines" || exit 75
  cli -x EVAL "$give" 3 "$from" "$to" "$to:dead" "$group" "$name" \
    <"$dir/lines" >/dev/null
done
