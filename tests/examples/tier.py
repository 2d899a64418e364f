import json, sys

TIERS = {"ada": {"tier": "gold"}, "bob": {"tier": "tin"}}

for line in sys.stdin:
    user = json.loads(line)
    answer = TIERS.get(user)
    # one line for each line, at once
    print(json.dumps(answer), flush=True)
