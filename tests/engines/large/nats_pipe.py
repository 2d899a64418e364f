# nats_pipe.py SERVER FROM TO CONSUMER PIPELINE
import asyncio, nats, sys
from pipeline import Pipeline


async def main(server, source, sink, consumer, command):
    pipeline = Pipeline(command)
    stream = (await nats.connect(server)).jetstream()
    queue = await stream.pull_subscribe(source, consumer)
    while True:
        batch = []
        try:
            batch += await queue.fetch(1, timeout=1)
            batch += await queue.fetch(99, timeout=0.01)
        except asyncio.TimeoutError:
            pass
        sent = []
        for message in batch:
            place = message.metadata.sequence.stream
            for to, made in zip((sink, sink + ".dead"),
                                pipeline.through(message.data)):
                for n, line in enumerate(made):
                    id = {"Nats-Msg-Id": f"{source}:{place}:{to}:{n}"}
                    sent.append(stream.publish(to, line, headers=id))
        await asyncio.gather(*sent)
        for message in batch:
            await message.ack()


asyncio.run(main(*sys.argv[1:]))
