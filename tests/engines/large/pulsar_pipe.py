# pulsar_pipe.py URL FROM TO NAME PIPELINE
import pulsar, sys
from pipeline import Pipeline, fail


def place(id, n):
    """A line's place in all that is made of the topic, which only grows."""
    parts = ((id.ledger_id(), 24), (id.entry_id(), 17),
             (max(id.batch_index(), 0), 12), (n, 10))
    number = 0
    for part, bits in parts:
        if part >= 1 << bits:
            fail(75, f"{part} doesn't fit into {bits} bits")
        number = number << bits | part
    return number


def main(url, source, sink, name, command):
    pipeline = Pipeline(command)
    client = pulsar.Client(
        url, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Warn))
    queue = client.subscribe(source, name, pulsar.ConsumerType.Failover,
        initial_position=pulsar.InitialPosition.Earliest)
    to = [client.create_producer(topic, name, send_timeout_millis=0,
              batching_enabled=False, block_if_queue_full=True)
          for topic in (sink, sink + "-dead")]
    there = [producer.last_sequence_id() for producer in to]
    results = []

    while True:
        batch, sent = [], 0
        results.clear()
        try:
            while len(batch) < 100:
                wait = 20 if batch else 1000
                batch.append(queue.receive(timeout_millis=wait))
        except pulsar.Timeout:
            pass
        for message in batch:
            for i, made in enumerate(pipeline.through(message.data())):
                for n, line in enumerate(made):
                    at = place(message.message_id(), n)
                    if at > there[i]:
                        sent += 1
                        to[i].send_async(
                            line, lambda result, _: results.append(result),
                            sequence_id=at)
        for producer in to:
            producer.flush()
        if results != [pulsar.Result.Ok] * sent:
            fail(75, f"not all was written: {set(results)}")
        if batch:
            queue.acknowledge_cumulative(batch[-1])


main(*sys.argv[1:])
