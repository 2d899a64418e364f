#!/usr/bin/env bash
# The benchmark's Kafka Streams program, Streams.java.
#
#   streams.sh build            fetch what is missing, and compile it
#   streams.sh run ARG...       run it; the arguments are in Streams.java
#
# Streams is of the broker's version; its jars come from Maven's repository and
# are kept in $XDG_CACHE_HOME.
set -eu -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's/^version=//p' "$here/../broker.sh")
jars=${XDG_CACHE_HOME:-$HOME/.cache}/mutstream/streams-$version

# Without RocksDB, 70 MB, which only state needs.
project() {
	cat <<-END
		<project><modelVersion>4.0.0</modelVersion>
		<groupId>x</groupId><artifactId>x</artifactId>
		<version>1</version><packaging>pom</packaging><dependencies>
		<dependency><groupId>org.apache.kafka</groupId>
		<artifactId>kafka-streams</artifactId>
		<version>$version</version><exclusions><exclusion>
		<groupId>org.rocksdb</groupId><artifactId>*</artifactId>
		</exclusion></exclusions></dependency></dependencies></project>
	END
}

fetch() {
	[ ! -e "$jars/whole" ] || return 0
	rm -rf "$jars"
	mkdir -p "$jars"
	project >"$jars/pom.xml"
	mvn -q -B -f "$jars/pom.xml" dependency:copy-dependencies \
	    -DincludeScope=runtime -DoutputDirectory="$jars" >&2
	touch "$jars/whole"
}

case ${1-} in
build)
	fetch
	[ "$jars/Streams.class" -nt "$here/Streams.java" ] ||
	    javac -cp "$jars/*" -d "$jars" "$here/Streams.java"
	;;
run)
	shift
	exec java -cp "$jars:$jars/*" Streams "$@"
	;;
*)
	echo 'usage: streams.sh build|run' >&2
	exit 2
	;;
esac
