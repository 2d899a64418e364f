import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.apache.flink.api.common.TaskInfo;

/**
 * The state of a pipeline's stages, as they append it below MS_STATE.
 *
 * <p>Each stage has a file there.  At a barrier it appends a line for each key
 * that has changed, then a mark with the barrier's name and the number of
 * those lines; at its start a mark that says whose state it is.  Here the last
 * line of each key is held, and both marks.
 *
 * <p>As Flink keeps it, the first line says which subtask's it is, and the
 * others are a file's name, a tab, and a line of that file.
 */
class PipelineState {
	final Path dir;

	private final String owner;
	private final Map<String, Stage> stages = new TreeMap<>();

	private static class Stage {
		final Map<String, String> byKey = new LinkedHashMap<>();
		String whose;
		String mark;
		int laid; /* bytes that a stage found there */

		List<String> lines() {
			List<String> lines = new ArrayList<>();

			if (whose != null)
				lines.add(whose);
			lines.addAll(byKey.values());
			if (mark != null)
				lines.add(Lines.counted(mark, byKey.size()));
			return lines;
		}
	}

	PipelineState(Path dir, TaskInfo task) {
		this.dir = dir;
		owner = "subtask " + task.getIndexOfThisSubtask() + " of "
				+ task.getNumberOfParallelSubtasks();
	}

	/** Put into the files what Flink has kept, before the stages start. */
	void lay(Iterable<String> kept) throws IOException {
		boolean first = true;

		for (String line : kept) {
			int tab = line.indexOf('\t');
			if (first != (tab < 0) || first && !line.equals(owner))
				throw new IOException("the stages' state was kept at another "
						+ "parallelism, and this is " + owner);
			if (!first)
				take(stages.computeIfAbsent(line.substring(0, tab),
						name -> new Stage()), line.substring(tab + 1));
			first = false;
		}
		for (Map.Entry<String, Stage> e : stages.entrySet()) {
			byte[] text = Lines.joined(e.getValue().lines());
			Files.write(dir.resolve(e.getKey()), text);
			e.getValue().laid = text.length;
		}
	}

	private static void take(Stage stage, String line) {
		String key = Lines.key(line);

		if (key == null && line.contains(",\"barrier\":"))
			stage.mark = line;
		else if (key == null)
			stage.whose = line;
		else if (Lines.forgotten(line, key))
			stage.byKey.remove(key);
		else
			stage.byKey.put(key, line);
	}

	/** What the stages have appended before the barrier of that name. */
	void collect(String barrier) throws IOException {
		try (DirectoryStream<Path> files = Files.newDirectoryStream(dir)) {
			for (Path file : files)
				collect(file, barrier);
		}
	}

	private void collect(Path file, String barrier) throws IOException {
		String name = file.getFileName().toString();
		Stage stage = stages.computeIfAbsent(name, n -> new Stage());
		List<String> lines = Lines.take(file, stage.laid);
		String last = lines.isEmpty() ? "" : lines.get(lines.size() - 1);
		long keys = lines.stream().filter(l -> Lines.key(l) != null).count();

		stage.laid = 0;
		if (!last.contains(",\"barrier\":\"" + barrier + "\","))
			throw new IOException("the state of " + name + " has no mark of "
					+ "the barrier: no stage of that name is in the pipeline");
		if (!last.equals(Lines.counted(last, keys)))
			throw new IOException("the state of " + name + " holds " + keys
					+ " lines, but its mark counts others: " + last);
		for (String line : lines)
			take(stage, line);
	}

	/** All of it, for Flink to keep; none where no stage has any. */
	List<String> lines() {
		List<String> all = new ArrayList<>();

		stages.forEach((name, stage) -> {
			for (String line : stage.lines())
				all.add(name + "\t" + line);
		});
		if (!all.isEmpty())
			all.add(0, owner);
		return all;
	}
}
