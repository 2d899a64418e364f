import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource.NumberSequenceSplit;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;

/**
 * A job for tests: made events, keyed by user, through a pipeline into files
 * that are committed with checkpoints.
 *
 * <p>usage: Job [--NAME=VALUE...] PIPELINE [[--NAME=VALUE...] PIPELINE...]
 *
 * <p>The names are those of the fields.  Jobs run one after the other; where
 * one fails, its causes are told, and the exit status is 1.
 */
public class Job {
	private long events = 1000;
	private double rate = 0; /* a second; 0: as fast as they go */
	private String out = "out"; /* holds lines/, rejects/ and checkpoints/ */
	private String from = ""; /* a checkpoint */
	private int parallelism = 2;
	private int restarts = 0;
	private long deadline = 60;
	private double faults = 0; /* a second, as long as it runs */
	private boolean drained = true;
	private boolean odd = false; /* some events are none */
	private String gate = ""; /* a file that must be there, or it hardly ends */

	/** Makes the next line fail its task; one JVM holds all of them. */
	private static final AtomicBoolean FAIL = new AtomicBoolean();

	/** Whether enough faults have hit, so that it may end. */
	private static final AtomicBoolean HIT = new AtomicBoolean();

	/** How many lines have come out of pipelines. */
	private static final AtomicLong PASSED = new AtomicLong();

	/** The control: what the child holds at a checkpoint is nobody's. */
	private static class Undrained extends PipelineOperator {
		private static final long serialVersionUID = 1;

		Undrained(String pipeline, long deadline) {
			super(pipeline, deadline);
		}

		@Override
		public void prepareSnapshotPreBarrier(long checkpoint) {
		}
	}

	/** Passes lines on, until it is told to fail. */
	private static class Fragile implements MapFunction<String, String> {
		private static final long serialVersionUID = 1;

		@Override
		public String map(String line) {
			if (FAIL.getAndSet(false))
				throw new IllegalStateException("a task that fails");
			PASSED.incrementAndGet();
			return line;
		}
	}

	public static void main(String[] args) {
		Deque<String> words = new ArrayDeque<>(Arrays.asList(args));
		boolean failed = false;

		while (!words.isEmpty()) {
			Job job = new Job();
			while (words.peek().startsWith("--"))
				job.set(words.remove());
			try {
				job.run(words.remove());
			} catch (Exception e) {
				failed = true;
				for (Throwable t = e; t != null; t = t.getCause())
					System.err.println(job.out + ": " + t.getMessage());
			}
		}
		System.exit(failed ? 1 : 0);
	}

	private void set(String option) {
		String[] pair = option.split("=", 2);

		switch (pair[0]) {
		case "--events" -> events = Long.parseLong(pair[1]);
		case "--rate" -> rate = Double.parseDouble(pair[1]);
		case "--out" -> out = pair[1];
		case "--from" -> from = pair[1];
		case "--parallelism" -> parallelism = Integer.parseInt(pair[1]);
		case "--restarts" -> restarts = Integer.parseInt(pair[1]);
		case "--deadline" -> deadline = Long.parseLong(pair[1]);
		case "--faults" -> faults = Double.parseDouble(pair[1]);
		case "--undrained" -> drained = false;
		case "--odd" -> odd = true;
		case "--gate" -> gate = pair[1];
		default -> throw new IllegalArgumentException(option);
		}
	}

	private Configuration configuration() {
		Configuration c = new Configuration();

		c.setString("execution.checkpointing.interval", "200ms");
		c.setString("execution.checkpointing.dir", uri("checkpoints"));
		c.setString(
				"execution.checkpointing.externalized-checkpoint-retention",
				"RETAIN_ON_CANCELLATION");
		c.setString("restart-strategy.type",
				restarts > 0 ? "fixed-delay" : "none");
		c.setString("restart-strategy.fixed-delay.attempts", "" + restarts);
		c.setString("restart-strategy.fixed-delay.delay", "20ms");
		c.setString("taskmanager.memory.network.min", "16mb");
		c.setString("taskmanager.memory.network.max", "16mb");
		if (!from.isEmpty())
			c.setString("execution.state-recovery.path",
					Path.of(from).toUri().toString());
		return c;
	}

	private String uri(String name) {
		return Path.of(out, name).toAbsolutePath().toUri().toString();
	}

	private static String event(long i, boolean odd) {
		if (odd && i % 10 == 0)
			return i % 20 == 0 ? "{\"ms.barrier\":\"x\",\"n\":0}" : "{\"i\":";
		return "{\"i\":" + i + ",\"user\":\"u" + i % 7 + "\"}";
	}

	/**
	 * The second half of the numbers of each of two subtasks is slow until
	 * what the job is there for has happened.
	 */
	private static long paced(long i, long half, boolean faulty, String gate)
			throws InterruptedException {
		boolean open = (!faulty || HIT.get())
				&& (gate.isEmpty() || Files.exists(Path.of(gate)));

		if (i % half >= half / 2 && !open)
			Thread.sleep(100);
		return i;
	}

	private DataStream<String> source(StreamExecutionEnvironment env) {
		boolean odd = this.odd;
		boolean faulty = faults > 0;
		long half = Math.max(events / 2, 1);
		String gate = this.gate;
		RateLimiterStrategy<NumberSequenceSplit> limit = rate > 0
				? RateLimiterStrategy.perSecond(rate)
				: RateLimiterStrategy.noOp();

		return env.fromSource(
				new DataGeneratorSource<>(
						i -> event(paced(i, half, faulty, gate), odd), events,
						limit, Types.STRING),
				WatermarkStrategy.noWatermarks(), "events").uid("events");
	}

	private FileSink<String> sink(String name) {
		return FileSink.<String>forRowFormat(
				new org.apache.flink.core.fs.Path(uri(name)),
				new SimpleStringEncoder<>())
				.withRollingPolicy(OnCheckpointRollingPolicy.build()).build();
	}

	private void run(String pipeline) throws Exception {
		StreamExecutionEnvironment env = StreamExecutionEnvironment
				.createLocalEnvironment(parallelism, configuration());
		SingleOutputStreamOperator<String> lines = source(env)
				.keyBy(line -> line.substring(line.lastIndexOf(':')))
				.transform("pipeline", Types.STRING,
						drained ? new PipelineOperator(pipeline, deadline)
								: new Undrained(pipeline, deadline))
				.uid("pipeline");

		lines.map(new Fragile()).sinkTo(sink("lines")).uid("lines");
		lines.getSideOutput(PipelineOperator.REJECTS)
				.sinkTo(sink("rejects")).uid("rejects");
		if (faults > 0) {
			Thread havoc = new Thread(this::havoc);
			havoc.setDaemon(true);
			havoc.start();
		}
		env.execute();
	}

	/**
	 * The processes of the pipelines, which are there once the job runs; not
	 * what java itself starts others by.
	 */
	private static List<ProcessHandle> children() {
		return ProcessHandle.current().descendants()
				.filter(h -> h.info().command().orElse("")
						.matches(".*/(bash|ms-[a-z]+)"))
				.toList();
	}

	/**
	 * Kills two of the pipelines' processes, then fails a task, and so on.
	 * The first of the two waits until lines have passed, so that it hits work
	 * on a slow machine, too.  It ends, since the job might get no further
	 * between two faults there.
	 */
	private void havoc() {
		Random random = new Random();
		double seconds = 5 * events / rate;
		long until = 0;
		long passed = 0;
		int killed = 0;
		int tasks = 0;

		while (until == 0 || System.nanoTime() < until) {
			try {
				Thread.sleep((long) (random.nextDouble() * 2000 / faults));
			} catch (InterruptedException e) {
				return;
			}
			List<ProcessHandle> all = children();
			if (all.isEmpty() || killed == 0 && PASSED.get() == passed)
				continue;
			passed = PASSED.get();
			if (until == 0)
				until = System.nanoTime() + (long) (seconds * 1e9);
			if (killed == 2) {
				FAIL.set(true);
				System.out.println("task");
				killed = 0;
				HIT.set(++tasks >= 2);
			} else if (all.get(random.nextInt(all.size())).destroyForcibly()) {
				System.out.println("child");
				killed++;
			}
		}
		HIT.set(true);
	}
}
