import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;

/**
 * A shell pipeline of NDJSON filters as one operator of Flink.
 *
 * <p>Lines go to the child's standard input; a thread reads what comes back
 * into a queue.  The task's own thread empties it, since only that one may
 * emit.  Before each checkpoint a barrier goes through the pipeline, and what
 * comes back before it is emitted: so the child holds no event that a
 * checkpoint would have to keep, and its state is what it had appended below
 * MS_STATE by then, which is kept in Flink's state.
 *
 * <p>The surprising rule: this must happen in prepareSnapshotPreBarrier().
 * When snapshotState() is called, Flink's own barrier has gone downstream, and
 * lines emitted there would be lost with the next failure.
 *
 * <p>Each subtask has a pipeline and the state of it.  So the stream is keyed
 * by what the stages' state is kept by, and the parallelism stays: a
 * checkpoint with state is refused where it has changed.
 */
public class PipelineOperator extends AbstractStreamOperator<String>
		implements OneInputStreamOperator<String, String> {
	/** Lines that a stage rejected, or that couldn't be sent, as JSON. */
	public static final OutputTag<String> REJECTS =
			new OutputTag<>("ms.rejects", Types.STRING);

	private static final long serialVersionUID = 1;
	/** The reader's last word; compared by identity. */
	private static final String END = new String("end");
	private static final String PING = "{\"ms.ping\":\"";
	private static final long TICK = 50; /* ms */
	private static final long PATIENCE = 500; /* ms, between pings */
	private static final long ENDING = 10; /* s, for all stages to end */
	private static final int TOLD = 8; /* lines of standard error */

	private final String pipeline;
	private final long deadline;

	private transient ListState<String> kept;
	private transient PipelineState state;
	private transient Path dir;
	private transient Process child;
	private transient OutputStream in;
	private transient LinkedBlockingQueue<String> back;
	private transient Deque<String> messages;
	private transient Thread errors;
	private transient String nonce;
	private transient long lines; /* sent since the last barrier */
	private transient long barriers;
	private transient boolean ticking;
	private transient boolean sent; /* since the last tick */
	private transient boolean ended;

	public PipelineOperator(String pipeline) {
		this(pipeline, 60);
	}

	/** A barrier that isn't back within so many seconds fails the task. */
	public PipelineOperator(String pipeline, long deadline) {
		this.pipeline = pipeline;
		this.deadline = deadline;
	}

	@Override
	public void initializeState(StateInitializationContext context)
			throws Exception {
		super.initializeState(context);
		kept = context.getOperatorStateStore().getListState(
				new ListStateDescriptor<>("ms.state", Types.STRING));
	}

	@Override
	public void open() throws Exception {
		super.open();
		dir = Files.createTempDirectory("ms-flink");
		state = new PipelineState(Files.createDirectory(dir.resolve("state")),
				getRuntimeContext().getTaskInfo());
		try {
			state.lay(kept.get());
		} catch (IOException e) {
			throw hopeless(e);
		}
		Files.createFile(dir.resolve("rejects"));
		start();
		/* A pipeline that can't work says so before any event is read. */
		drain();
	}

	private void start() throws IOException {
		/* A session of its own, so that it can be killed as a whole. */
		ProcessBuilder builder = new ProcessBuilder(
				"setsid", "bash", "-o", "pipefail", "-c", pipeline);

		builder.environment().put("MS_STATE", state.dir.toString());
		builder.environment().put("MS_REJECTS",
				dir.resolve("rejects").toString());
		child = builder.start();
		in = new BufferedOutputStream(child.getOutputStream(), 1 << 16);
		back = new LinkedBlockingQueue<>();
		messages = new ArrayDeque<>();
		nonce = Long.toHexString(new SecureRandom().nextLong());
		/* A write that blocks goes on when the task is cancelled. */
		getContainingTask().getCancelables().registerCloseable(this::kill);
		thread(() -> readOutput(child.getInputStream(), back));
		errors = thread(() -> readErrors(child.getErrorStream()));
	}

	private static Thread thread(Runnable task) {
		Thread thread = new Thread(task, "pipeline");

		thread.setDaemon(true);
		thread.start();
		return thread;
	}

	private static void readOutput(
			InputStream stream, LinkedBlockingQueue<String> back) {
		try {
			Lines.each(stream, back::add);
		} catch (IOException e) {
			/* END tells it. */
		}
		back.add(END);
	}

	private void readErrors(InputStream stream) {
		try {
			Lines.each(stream, this::told);
		} catch (IOException e) {
			/* It is closed with the child. */
		}
	}

	private void told(String line) {
		LOG.warn("{}", line);
		synchronized (messages) {
			messages.add(line);
			if (messages.size() > TOLD)
				messages.remove();
		}
	}

	@Override
	public void processElement(StreamRecord<String> record) throws Exception {
		String line = record.getValue();
		String unfit = Lines.unfit(line);

		if (unfit != null) {
			reject(Lines.rejected(unfit, line));
			return;
		}
		send(line);
		lines++;
		sent = true;
		emitReady();
		if (!ticking)
			tick();
	}

	private void send(String line) throws Exception {
		try {
			in.write(line.getBytes(StandardCharsets.UTF_8));
			in.write('\n');
		} catch (IOException e) {
			throw failure("it ended", e);
		}
	}

	private void flush() throws Exception {
		try {
			in.flush();
		} catch (IOException e) {
			throw failure("it ended", e);
		}
	}

	/** Where few events come, results don't wait for the next checkpoint. */
	private void tick() {
		long at = getProcessingTimeService().getCurrentProcessingTime() + TICK;

		ticking = true;
		getProcessingTimeService().registerTimer(at, time -> {
			ticking = false;
			if (ended)
				return;
			flush();
			emitReady();
			/* What was just flushed is back a tick later. */
			if (sent)
				tick();
			sent = false;
		});
	}

	private void emitReady() throws Exception {
		for (String line; (line = back.poll()) != null;)
			emit(line);
	}

	private void emit(String line) throws Exception {
		if (line == END)
			throw failure("it ended", null);
		if (!line.startsWith(PING + nonce))
			output.collect(new StreamRecord<>(line));
	}

	private void reject(String line) {
		output.collect(REJECTS, new StreamRecord<>(line));
	}

	@Override
	public void prepareSnapshotPreBarrier(long checkpoint) throws Exception {
		if (!ended)
			drain();
	}

	/** All that was sent comes back, is emitted, and its state is known. */
	private void drain() throws Exception {
		String name = "flink-" + nonce + "-" + ++barriers;
		String start = "{\"ms.barrier\":\"" + name + "\",\"n\":";
		long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(deadline);

		send(start + lines + "}");
		flush();
		lines = 0;
		for (;;) {
			String line = back.poll(PATIENCE, TimeUnit.MILLISECONDS);
			if (line == null && System.nanoTime() > until)
				throw new IOException("the pipeline `" + pipeline
						+ "': a barrier isn't back within " + deadline
						+ " s: does each stage pass control lines on?");
			if (line == null) {
				ping();
				continue;
			}
			if (line.startsWith(start))
				break;
			emit(line);
		}
		try {
			state.collect(name);
		} catch (IOException e) {
			throw barriers == 1 ? hopeless(e) : e;
		}
		for (String line : Lines.take(dir.resolve("rejects"), 0))
			reject(line);
	}

	/**
	 * A stage that waits for input doesn't notice that the next one has ended,
	 * and the shell holds the output open until all have: so write something.
	 */
	private void ping() throws Exception {
		send(PING + nonce + "\"}");
		flush();
		lines++;
	}

	@Override
	public void snapshotState(StateSnapshotContext context) throws Exception {
		super.snapshotState(context);
		kept.update(state.lines());
	}

	/** The input has ended: what stages give at its end is theirs to say. */
	@Override
	public void finish() throws Exception {
		drain();
		in.close();
		for (String line; (line = back.take()) != END;)
			emit(line);
		ended = true;
		int status = child.waitFor();
		if (status != 0 && status != 1)
			throw failure("it failed at its end", null);
		for (String line : Lines.take(dir.resolve("rejects"), 0))
			reject(line);
		super.finish();
	}

	/** Why it ended, with the last words of its stages. */
	private Exception failure(String what, Throwable cause)
			throws InterruptedException {
		String status = "";
		List<String> told;

		/* Stages before the one that ended wait for their input's end. */
		thread(this::closeInput);
		if (child.waitFor(ENDING, TimeUnit.SECONDS)) {
			status = " with status " + child.exitValue();
			errors.join(TimeUnit.SECONDS.toMillis(ENDING));
		}
		synchronized (messages) {
			told = new ArrayList<>(messages);
		}
		String text = "the pipeline `" + pipeline + "': " + what + status
				+ (told.isEmpty() ? "" : ": " + String.join("; ", told));
		/* A slip of usage, or of the shell's. */
		if (barriers == 1 && status.matches(" with status (2|126|127)"))
			return hopeless(new IOException(text, cause));
		return new IOException(text, cause);
	}

	private void closeInput() {
		try {
			in.close();
		} catch (IOException e) {
			/* Nobody reads any more. */
		}
	}

	/** What doesn't mend itself by being tried again. */
	private static Exception hopeless(IOException e) {
		return new SuppressRestartsException(e);
	}

	@Override
	public void close() throws Exception {
		if (child != null) {
			if (!ended) {
				kill();
				child.waitFor();
			}
		}
		ended = true;
		if (dir != null)
			Lines.remove(dir);
		super.close();
	}

	/** What fails while a task is cleaned up ends its task manager. */
	private void kill() {
		try {
			new ProcessBuilder("kill", "-9", "--", "-" + child.pid())
					.redirectErrorStream(true).start();
		} catch (IOException e) {
			child.descendants().forEach(ProcessHandle::destroyForcibly);
			child.destroyForcibly();
		}
	}
}
