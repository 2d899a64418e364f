# spark_stream.py FROM TO CHECKPOINT PIPELINE
import os, shlex, sys
from pyspark.sql import SparkSession

source, sink, checkpoint, pipeline = sys.argv[1:]
command = "bash -o pipefail -c " + shlex.quote(pipeline)
spark = SparkSession.builder.getOrCreate()


def batch(rows, number):
    lines = rows.rdd.map(lambda row: row.value) \
        .pipe(command, dict(os.environ), checkCode=True) \
        .map(lambda line: (line,))
    spark.createDataFrame(lines, "value string") \
        .write.mode("overwrite").text(f"{sink}/batch={number}")


spark.readStream.option("maxFilesPerTrigger", 2).text(source) \
    .writeStream.foreachBatch(batch) \
    .option("checkpointLocation", checkpoint) \
    .trigger(availableNow=True).start().awaitTermination()
