.lines |= map(.qty = .quantity | del(.quantity))
| .pieces = ([.lines[].qty] | add // 0)
