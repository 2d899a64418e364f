// Pipe.java FROM TO PIPELINE
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.TextLineInputFormat;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

public class Pipe {
	static FileSink<String> sink(String to) {
		return FileSink.forRowFormat(
				new Path(to), new SimpleStringEncoder<String>()).build();
	}

	public static void main(String[] args) throws Exception {
		var env = StreamExecutionEnvironment.getExecutionEnvironment();
		env.enableCheckpointing(1000);
		var lines = FileSource.forRecordStreamFormat(
				new TextLineInputFormat(), new Path(args[0])).build();
		var out = env
				.fromSource(lines, WatermarkStrategy.noWatermarks(), "events")
				.keyBy(line -> line.replaceFirst(".*\"ip\":\"([^\"]*).*", "$1"))
				.transform("pipeline", Types.STRING,
						new PipelineOperator(args[2]))
				.uid("pipeline");
		out.sinkTo(sink(args[1] + "/lines"));
		out.getSideOutput(PipelineOperator.REJECTS)
				.sinkTo(sink(args[1] + "/rejects"));
		env.execute();
	}
}
