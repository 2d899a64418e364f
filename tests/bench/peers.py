"""What tables and databases know of events, by what Python has for it.

peers.py duckdb SQL | sql DB | mmdb FILE: events on standard input, what is
found on standard output; the nearest peers of ms-enrich that bench.sh runs.
"""

import json
import sys


def duckdb(query):
    """The rows of a query as JSON lines."""
    import duckdb as db

    db.sql(f"COPY ({query}) TO '/dev/stdout' (FORMAT json)")


def sql(path):
    """Each event with the row of its ip."""
    import sqlite3

    find = "SELECT host, owner FROM hosts WHERE ip = ?"
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    for line in sys.stdin:
        event = json.loads(line)
        row = database.execute(find, (event["ip"],)).fetchone()
        if row:
            event["t"] = {"host": row[0], "owner": row[1]}
        print(json.dumps(event))


def mmdb(path):
    """Each event with what a MaxMind database has of its ip."""
    import maxminddb

    database = maxminddb.open_database(path)
    for line in sys.stdin:
        event = json.loads(line)
        event["t"] = database.get(event["ip"])
        print(json.dumps(event))


{"duckdb": duckdb, "sql": sql, "mmdb": mmdb}[sys.argv[1]](sys.argv[2])
