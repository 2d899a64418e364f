# RFC 6902 as an outsider applies it: no test, and no notice of "before".

def tokens:
  if . == "" then []
  else .[1:] | if . == "" then [""] else split("/") end
    | map(gsub("~1"; "/") | gsub("~0"; "~"))
  end;

# The path in . that a pointer means.
def place($pointer):
  reduce ($pointer | tokens[]) as $t ({doc: ., path: []};
    (if .doc | type == "array"
     then if $t == "-" then .doc | length else $t | tonumber end
     else $t end) as $k
    | .path += [$k]
    | .doc |= (if type == "array" or type == "object" then .[$k] else null end))
  | .path;

def there($path):
  if $path == [] then true
  else getpath($path[:-1]) | has($path[-1]) end;

def apply_one($op):
  if $op.op == "move" or $op.op == "copy" then
    place($op.from) as $f
    | if there($f) | not then error("no such place: \($op.from)")
      elif $op.op == "move" and ($op.path | startswith($op.from + "/"))
      then error("moved into itself") else . end
    | getpath($f) as $value
    | if $op.op == "move" then delpaths([$f]) else . end
    | apply_one({op: "add", path: $op.path, value: $value})
  else
  place($op.path) as $p
  | if $op.op == "add" then
      if $p == [] then $op.value
      elif getpath($p[:-1]) | type == "array" then
        setpath($p[:-1]; getpath($p[:-1])
          | .[:$p[-1]] + [$op.value] + .[$p[-1]:])
      else setpath($p; $op.value) end
    elif there($p) | not then error("no such place: \($op.path)")
    elif $op.op == "remove" then delpaths([$p])
    elif $op.op == "replace" then
      if $p == [] then $op.value else setpath($p; $op.value) end
    else error("unexpected operation: \($op.op)") end
  end;

def apply($patch): reduce $patch[] as $op (.; apply_one($op));

# The event as its first stage received it.
(._lineage // []) as $history
| del(._lineage)
| reduce ($history | reverse | .[]) as $record (.; apply($record.undo // []))
