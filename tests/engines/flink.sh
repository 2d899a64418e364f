#!/usr/bin/env bash
# Flink's MiniCluster with a job of ours, for tests.
#
#   flink.sh build CLASSES          fetch Flink, compile flink/*.java into CLASSES
#   flink.sh run CLASSES Job [--NAME=VALUE...] PIPELINE [...]
#   flink.sh run CLASSES Pipe FROM TO PIPELINE
#
# flink/Job.java says what the options are, Pipe is the job of ms-engines(7).  Jars come from Maven's repository
# and are kept in $XDG_CACHE_HOME.
set -eu -o pipefail

here=$(cd "$(dirname "$0")" && pwd)/flink
version=$(sed -n 's|.*<flink>\(.*\)</flink>|\1|p' "$here/pom.xml")
jars=${XDG_CACHE_HOME:-$HOME/.cache}/mutstream/flink-$version

fetch() {
	[ ! -e "$jars/whole" ] || return 0
	rm -rf "$jars"
	mkdir -p "$jars"
	mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies \
	    -DincludeScope=runtime -DoutputDirectory="$jars" >&2
	touch "$jars/whole"
}

# Flink looks into objects of Java's own to copy them.
run() {
	local classes=$1

	shift
	exec java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
	    --add-opens=java.base/java.util=ALL-UNNAMED \
	    --add-opens=java.base/java.lang=ALL-UNNAMED \
	    -Dorg.apache.logging.log4j.level=WARN \
	    -Djava.io.tmpdir="${TMPDIR:-/tmp}" \
	    -cp "$classes:$jars/*" "$@"
}

case ${1-} in
build)
	fetch
	javac -Xlint:all,-rawtypes,-unchecked -Werror -d "$2" -cp "$jars/*" "$here"/*.java
	;;
run)
	shift
	run "$@"
	;;
*)
	echo "usage: flink.sh build|run CLASSES ..." >&2
	exit 2
	;;
esac
