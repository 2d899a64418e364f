del(.pieces) | .lines |= map(.quantity = .qty | del(.qty))
