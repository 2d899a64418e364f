#!/usr/bin/env bats
# A pipeline as a step of Spark, by the recipes of ms-engines(7).
load ../../helper
load common

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
	export PATH=${MS_BUILD:-$root/build}:$PATH
	command -v java >/dev/null || skip "there is no java"
	with_python pyspark
	export MS_LINEAGE=off SPARK_LOCAL_IP=127.0.0.1
	export python PYSPARK_PYTHON=$python
	unset MS_NOW
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	[ ! -s pid ] || kill -9 -- "-$(<pid)" 2>/dev/null || :
}

# submit SCRIPT ARGUMENT...: two tasks at a time, each of which may fail thrice.
submit() {
	"${python%/*}/spark-submit" --master 'local[2,4]' \
	    --conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=2 \
	    "$@" >>log 2>&1 3>&- 4>&-
}

# A pipeline that dies once, behind the first lines that it gave, and notes the
# process of each partition.
once="{ echo >>pids \$\$; ms-filter '.i % 10 != 0' | ms-map '.j = .i + 1' |
    awk '{ print } NR == 20 && !system(\"mkdir died 2>/dev/null\") { exit 9 }'
    } || [ \$? -eq 1 ]"

@test "Spark: what a partition's process gives is what the shell gives, also when one dies" {
	seq "$EVENTS" | sed 's/.*/{"i":&}/; 77s/.*/{"i":"x"}/' >in
	ms-filter '.i % 10 != 0' <in | ms-map '.j = .i + 1' >want 2>/dev/null || :
	MS_REJECTS=$PWD/bad submit "$recipes/spark_pipe.py" in out "$once"
	cat out/part-* >got
	cmp want got
	[ -d died ]
	# two partitions, and the one that was tried again
	[ "$(sort -u pids | wc -l)" -eq 3 ]
	[ "$(jq -r .event.i bad | sort -u)" = x ]
}

@test "Spark: the control, without checkCode, loses: the test can fail" {
	sed 's/, checkCode=True//' "$recipes/spark_pipe.py" >control.py
	run ! cmp -s control.py "$recipes/spark_pipe.py"
	seq "$EVENTS" | sed 's/.*/{"i":&}/' >in
	ms-filter '.i % 10 != 0' <in | ms-map '.j = .i + 1' >want
	submit control.py in out "$once"
	[ "$(cat out/part-* | wc -l)" -lt "$(wc -l <want)" ]
}

batches() {
	find out -maxdepth 1 -name 'batch=*' | wc -l
}

@test "Spark: a stream that was killed with -9 goes on, exactly once" {
	mkdir in
	seq "$EVENTS" | sed 's/.*/{"i":&}/' | split -l $((EVENTS / 20 + 1)) - in/
	cat in/* | ms-filter '.i % 10 != 0' | sort >want
	setsid bash -c "$(declare -f submit); submit "'"$@"' - \
	    "$recipes/spark_stream.py" in out checkpoint "ms-filter '.i % 10 != 0'" \
	    3>&- 4>&- &
	echo $! >pid
	until_true test -e out/batch=2
	kill -9 -- "-$(<pid)"
	[ "$(batches)" -lt 10 ]
	submit "$recipes/spark_stream.py" in out checkpoint \
	    "ms-filter '.i % 10 != 0'"
	[ "$(batches)" -eq 10 ]
	cat out/batch=*/part-* | sort | diff want -
}
