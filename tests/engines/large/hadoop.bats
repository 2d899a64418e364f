#!/usr/bin/env bats
# Mapper and reducer of ms-engines(7) under Hadoop Streaming, whose job runs in
# one process.
load ../../helper
load common

version=3.4.2
jars=$cache/hadoop-$version

fetch() {
	local artifact

	[ ! -e "$jars/whole" ] || return 0
	mkdir -p "$jars"
	{
		echo '<project><modelVersion>4.0.0</modelVersion>'
		echo '<groupId>x</groupId><artifactId>x</artifactId>'
		echo '<version>1</version><packaging>pom</packaging><dependencies>'
		for artifact in streaming mapreduce-client-jobclient common; do
			echo '<dependency><groupId>org.apache.hadoop</groupId>'
			echo "<artifactId>hadoop-$artifact</artifactId>"
			echo "<version>$version</version></dependency>"
		done
		echo '</dependencies></project>'
	} >"$jars/pom.xml"
	mvn -q -B -f "$jars/pom.xml" dependency:copy-dependencies \
	    -DincludeScope=runtime -DoutputDirectory="$jars" >&2 &&
	    touch "$jars/whole"
}

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
	export PATH=${MS_BUILD:-$root/build}:$PATH
	for tool in java mvn; do
		command -v "$tool" >/dev/null || skip "there is no $tool"
	done
	fetch || skip "Hadoop Streaming can't be had"
	cd "$BATS_TEST_TMPDIR" || return
	cp "$examples"/{access.ndjson,mapper.sh,reducer.sh} .
}

examples=$BATS_TEST_DIRNAME/../../examples

streaming() {
	java -XX:+UseSerialGC -cp "$jars/*" \
	    org.apache.hadoop.streaming.HadoopStreaming \
	    -D mapreduce.framework.name=local -D hadoop.tmp.dir="$PWD/tmp" \
	    "$@" >log 2>&1
}

@test "Hadoop: two reducers give what sort gives" {
	bash mapper.sh <access.ndjson | sort -k 1,2 | bash reducer.sh | sort >want
	[ "$(jq -s 'map(.seen) | max' want)" -eq 3 ]
	streaming -files mapper.sh,reducer.sh \
	    -D mapreduce.job.reduces=2 \
	    -D stream.num.map.output.key.fields=2 \
	    -D mapreduce.partition.keypartitioner.options=-k1,1 \
	    -partitioner org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner \
	    -mapper 'bash mapper.sh' -reducer 'bash reducer.sh' \
	    -input access.ndjson -output out
	[ -s out/part-00000 ] && [ -s out/part-00001 ]
	cat out/part-* | tr -d '\t' | sort | diff want -
}

@test "Hadoop: a mapper that fails fails the job" {
	run streaming -D mapreduce.job.reduces=0 -input access.ndjson -output out \
	    -mapper 'ms-filter .a.b.c=1'
	[ "$status" -ne 0 ]
	[ ! -e out/_SUCCESS ]
}
