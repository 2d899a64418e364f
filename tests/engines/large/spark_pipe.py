# spark_pipe.py FROM TO PIPELINE
import os, shlex, sys
from pyspark.sql import SparkSession

source, sink, pipeline = sys.argv[1:]
command = "bash -o pipefail -c " + shlex.quote(pipeline)
spark = SparkSession.builder.getOrCreate().sparkContext
spark.textFile(source).pipe(command, dict(os.environ), checkCode=True) \
    .saveAsTextFile(sink)
