#!/usr/bin/env bash
# Pulsar in one process on loopback, for tests: broker, bookie and metadata.
#
#   pulsar.sh start    fetch what is missing, start, wait for it
#   pulsar.sh kill     as a power cut would; the data stays
#   pulsar.sh clear    stop, and remove the data
#
# Jars come from Maven's repository and are kept in $XDG_CACHE_HOME; data and
# log stand below $PULSAR_DIR.  Clients find it at 127.0.0.1:$PULSAR_PORT.
set -eu -o pipefail

version=4.0.0
jars=${XDG_CACHE_HOME:-$HOME/.cache}/mutstream/pulsar-$version
dir=${PULSAR_DIR:?}
port=${PULSAR_PORT:-16650}

fail() {
	echo "pulsar.sh: $*" >&2
	exit 1
}

fetch() {
	[ ! -e "$jars/whole" ] || return 0
	rm -rf "$jars"
	mkdir -p "$jars"
	cat >"$jars/pom.xml" <<-END
		<project><modelVersion>4.0.0</modelVersion>
		<groupId>x</groupId><artifactId>x</artifactId>
		<version>1</version><packaging>pom</packaging><dependencies>
		<dependency><groupId>org.apache.pulsar</groupId>
		<artifactId>pulsar-broker</artifactId>
		<version>$version</version></dependency>
		</dependencies></project>
	END
	mvn -q -B -f "$jars/pom.xml" dependency:copy-dependencies \
	    -DincludeScope=runtime -DoutputDirectory="$jars" >&2
	touch "$jars/whole"
}

settings() {
	cat <<-END
		clusterName=standalone
		brokerServicePort=$port
		webServicePort=$((port + 1))
		bindAddress=127.0.0.1
		advertisedAddress=127.0.0.1
		allowLoopback=true
		managedLedgerDefaultEnsembleSize=1
		managedLedgerDefaultWriteQuorum=1
		managedLedgerDefaultAckQuorum=1
		brokerDeduplicationEnabled=true
		brokerDeleteInactiveTopicsEnabled=false
	END
}

# One that died and wasn't waited for isn't alive.
alive() {
	[ -s "$dir/pid" ] &&
	    grep -qs '^State:.[^ZX]' "/proc/$(<"$dir/pid")/status"
}

launch() {
	local package opens=()

	for package in java.base/{java.lang,java.nio,sun.net} \
	    java.base/jdk.internal.{misc,platform} java.management/sun.management; do
		opens+=(--add-opens "$package=ALL-UNNAMED")
	done
	setsid java -Xmx700m -XX:+UseSerialGC "${opens[@]}" \
	    -Dio.netty.tryReflectionSetAccessible=true \
	    -Dorg.apache.logging.log4j.level=WARN -cp "$jars/*" \
	    org.apache.pulsar.PulsarStandaloneStarter -c "$dir/settings" \
	    --no-functions-worker --no-stream-storage -a 127.0.0.1 \
	    --bookkeeper-dir "$dir/bookkeeper" --metadata-dir "$dir/metadata" \
	    >"$dir/log" 2>&1 </dev/null 3>&- 4>&- &
	echo $! >"$dir/pid"
}

answers() {
	curl -sf -m 10 "127.0.0.1:$((port + 1))/admin/v2/brokers/health" \
	    >/dev/null 2>&1
}

# On a busy machine it may give up before it is up.
start() {
	alive && return
	fetch
	for _ in 1 2 3; do
		mkdir -p "$dir"
		settings >"$dir/settings"
		launch
		for _ in $(seq 1800); do
			! answers || return 0
			alive || break
			sleep 0.1
		done
	done
	fail "it doesn't answer: $(tail -n 3 "$dir/log")"
}

end() {
	alive || return 0
	kill -KILL "$(<"$dir/pid")"
	while alive; do sleep 0.1; done
}

case ${1-} in
start) start ;;
kill) end ;;
clear)
	end
	rm -rf "$dir"
	;;
*) fail "usage: pulsar.sh start|kill|clear" ;;
esac
