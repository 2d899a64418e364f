import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Lines as the filters write them, and files of such lines. */
class Lines {
	private static final Pattern CONTROL =
			Pattern.compile("\\s*\\{\\s*\"ms\\.");
	/* Java takes a whole pair as one character of another kind. */
	private static final Pattern HALF = Pattern.compile("\\p{Cs}");
	private static final Pattern COUNT = Pattern.compile("\"n\":[0-9]+");
	private static final String KEY = "{\"key\":";

	/** Each line of a stream, also a last one that has no end. */
	static void each(InputStream stream, Consumer<String> take)
			throws IOException {
		ByteArrayOutputStream line = new ByteArrayOutputStream();
		byte[] block = new byte[1 << 16];

		/* A reader of Java's would end lines at a CR, which JSON may hold. */
		for (int n; (n = stream.read(block)) >= 0;) {
			int from = 0;
			for (int i = 0; i < n; i++) {
				if (block[i] != '\n')
					continue;
				line.write(block, from, i - from);
				take.accept(line.toString(StandardCharsets.UTF_8));
				line.reset();
				from = i + 1;
			}
			line.write(block, from, n - from);
		}
		if (line.size() > 0)
			take.accept(line.toString(StandardCharsets.UTF_8));
	}

	/** Why a line can't be sent through a pipeline; else null. */
	static String unfit(String line) {
		if (line.isBlank())
			return "a blank line is no event";
		if (line.indexOf('\n') >= 0)
			return "an event stands on one line";
		if (CONTROL.matcher(line).lookingAt())
			return "an event can't be a control line";
		if (HALF.matcher(line).find())
			return "half of a surrogate pair is no character";
		return null;
	}

	static String rejected(String error, String text) {
		StringBuilder line = new StringBuilder("{\"op\":\"flink\",\"error\":\"");

		line.append(error).append("\",\"text\":\"");
		for (char c : text.toCharArray()) {
			if (c < ' ' || c == '"' || c == '\\' || Character.isSurrogate(c))
				line.append(String.format("\\u%04x", (int) c));
			else
				line.append(c);
		}
		return line.append("\"}").toString();
	}

	/** The JSON of a state line's key; null where the line is a mark. */
	static String key(String line) {
		int depth = 0;

		if (!line.startsWith(KEY))
			return null;
		for (int i = KEY.length(); i < line.length(); i++) {
			char c = line.charAt(i);
			if (c == '"')
				i = behindString(line, i);
			else if (c == '{' || c == '[')
				depth++;
			else if (c == '}' || c == ']')
				depth--;
			else if (c == ',' && depth == 0)
				return line.substring(KEY.length(), i);
		}
		return null;
	}

	/** Where the string that starts at i ends. */
	private static int behindString(String line, int i) {
		for (i++; i < line.length() && line.charAt(i) != '"'; i++) {
			if (line.charAt(i) == '\\')
				i++;
		}
		return i;
	}

	static boolean forgotten(String line, String key) {
		return line.startsWith(",\"value\":null", KEY.length() + key.length());
	}

	/** A mark that counts n lines. */
	static String counted(String mark, long n) {
		return COUNT.matcher(mark).replaceFirst("\"n\":" + n);
	}

	static byte[] joined(List<String> lines) {
		StringBuilder text = new StringBuilder();

		for (String line : lines)
			text.append(line).append('\n');
		return text.toString().getBytes(StandardCharsets.UTF_8);
	}

	/** The lines of a file behind so many bytes; it is emptied. */
	static List<String> take(Path file, int from) throws IOException {
		byte[] all = Files.readAllBytes(file);
		String text = new String(
				Arrays.copyOfRange(all, from, all.length), StandardCharsets.UTF_8);

		if (!text.isEmpty() && !text.endsWith("\n"))
			throw new IOException(file + ": it ends within a line");
		try (FileChannel f = FileChannel.open(file, StandardOpenOption.WRITE)) {
			f.truncate(0);
		}
		if (text.isEmpty())
			return new ArrayList<>();
		/* by newlines alone: JSON may hold what else ends a line */
		return new ArrayList<>(Arrays.asList(
				text.substring(0, text.length() - 1).split("\n", -1)));
	}

	static void remove(Path dir) throws IOException {
		try (Stream<Path> all = Files.walk(dir)) {
			for (Path p : all.sorted(Comparator.reverseOrder()).toList())
				Files.deleteIfExists(p);
		}
	}
}
