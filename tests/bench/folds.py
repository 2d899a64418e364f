"""State over a stream, by what Python has for it.

folds.py duckdb SQL | bytewax running|window|unique FILE: JSON lines on standard
output; the nearest peers of ms-fold that folds.sh runs.
"""

import json
import sys
from datetime import datetime, timedelta, timezone


def duckdb(query):
    """The rows of a query as JSON lines."""
    import duckdb as db

    db.sql("SET threads = 1")
    db.sql(f"COPY ({query}) TO '/dev/stdout' (FORMAT json)")


def running(count, event):
    """How many events its key has had."""
    count = (count or 0) + 1
    return count, {**event, "n": count}


def unique(seen, event):
    """The first event of its key."""
    return True, None if seen else event


def windowed(op, events):
    """Count and sum by hour."""
    import bytewax.operators.windowing as win

    zero = datetime(1970, 1, 1, tzinfo=timezone.utc)
    clock = win.EventClock(
        ts_getter=lambda e: datetime.fromtimestamp(e["at"], timezone.utc),
        wait_for_system_duration=timedelta(0),
    )
    plan = win.TumblingWindower(align_to=zero, length=timedelta(hours=1))
    out = win.fold_window(
        "fold",
        events,
        clock,
        plan,
        lambda: (0, 0),
        lambda s, e: (s[0] + 1, s[1] + e["ms"]),
        lambda a, b: (a[0] + b[0], a[1] + b[1]),
    )
    return op.map("line", out.down, lambda kv: json.dumps([kv[0], kv[1]]))


def bytewax(task, path):
    """A dataflow of that task, in one worker."""
    import bytewax.operators as op
    from bytewax.connectors.files import FileSource
    from bytewax.connectors.stdio import StdOutSink
    from bytewax.dataflow import Dataflow
    from bytewax.testing import run_main

    flow = Dataflow("folds")
    lines = op.input("in", flow, FileSource(path, batch_size=1000))
    parsed = op.map("parse", lines, json.loads)
    keyed = op.key_on("key", parsed, lambda e: e["k"])
    if task == "window":
        out = windowed(op, keyed)
    else:
        step = running if task == "running" else unique
        told = op.stateful_map("state", keyed, step)
        some = op.filter("some", told, lambda kv: kv[1] is not None)
        out = op.map("line", some, lambda kv: json.dumps(kv[1]))
    op.output("out", out, StdOutSink())
    run_main(flow)


{"duckdb": duckdb, "bytewax": bytewax}[sys.argv[1]](*sys.argv[2:])
