/*
 * The pipeline of the benchmark, as a Kafka Streams program:
 *
 *     ms-filter '.status < 400' | ms-map '.cost = .bytes * 0.01'
 *
 *     java Streams BROKERS FROM TO GROUP THREADS COMMIT_MS
 *
 * It runs exactly once (exactly_once_v2) until a signal comes; all else is as
 * Streams has it where nothing is set.
 */
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;

public class Streams {
	private static final ObjectMapper JSON = new ObjectMapper();

	private static ObjectNode read(byte[] text) {
		try {
			return (ObjectNode) JSON.readTree(text);
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}

	private static byte[] write(ObjectNode event) {
		try {
			return JSON.writeValueAsBytes(event);
		} catch (IOException e) {
			throw new UncheckedIOException(e);
		}
	}

	private static ObjectNode price(ObjectNode event) {
		return event.put("cost", event.get("bytes").asDouble() * 0.01);
	}

	public static void main(String[] args) throws IOException {
		StreamsBuilder builder = new StreamsBuilder();
		Properties p = new Properties();

		builder.<byte[], byte[]>stream(args[1])
		    .mapValues(Streams::read)
		    .filter((key, event) -> event.get("status").asInt() < 400)
		    .mapValues(Streams::price)
		    .mapValues(Streams::write)
		    .to(args[2]);
		p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
		p.put(StreamsConfig.APPLICATION_ID_CONFIG, args[3]);
		p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, args[4]);
		p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, args[5]);
		p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
		    StreamsConfig.EXACTLY_ONCE_V2);
		p.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG,
		    Serdes.ByteArray().getClass());
		p.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG,
		    Serdes.ByteArray().getClass());
		p.put(StreamsConfig.STATE_DIR_CONFIG,
		    Files.createTempDirectory("streams").toString());
		p.put("auto.offset.reset", "earliest");

		KafkaStreams streams = new KafkaStreams(builder.build(), p);
		Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
		streams.start();
	}
}
