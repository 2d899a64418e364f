#!/usr/bin/env bash
# A real Kafka broker on loopback, for tests: one node, which is its own
# controller.
#
#   broker.sh start              install what is missing, start, wait for it
#   broker.sh stop               as an operator would; the data stays
#   broker.sh kill               as a power cut would
#   broker.sh clear              stop, and remove the data
#   broker.sh topic NAME PARTITIONS [SETTING=VALUE...]
#   broker.sh drop NAME          remove that topic
#   broker.sh grow NAME PARTITIONS          give it more partitions
#   broker.sh trim NAME PARTITION OFFSET    remove the records before it
#   broker.sh stand GROUP TOPIC PARTITION OFFSET    commit that offset
#   broker.sh assigned GROUP     "TOPIC PARTITION MEMBER" on each line
#   broker.sh forget GROUP       remove what that group has committed
#   broker.sh fence NAME         take over that transactional id
#   broker.sh committed GROUP TOPIC    "TOPIC PARTITION OFFSET" on each line,
#                                when no transaction holds one
#   broker.sh reached GROUP      the same at once
#   broker.sh allow|deny USER OPERATION topic|group NAME
#                                see admin.c
#   broker.sh pending GROUP TOPIC PARTITION OFFSET MILLISECONDS
#   broker.sh settled NAME...    see admin.c
#   broker.sh rights OPTION...   as kafka-acls.sh --add
#
# Jars come from Maven's repository and are kept in $XDG_CACHE_HOME; data and
# log stand below $BROKER_DIR.  Clients find it at 127.0.0.1:$BROKER_PORT.
# $BROKER_JAVA holds options of java.
# Where $BROKER_USERS has names, these may log in two ports further on, with
# SASL/PLAIN and "secret" as password, and may do what they are allowed to.
set -eu -o pipefail

version=4.4.0
jars=${XDG_CACHE_HOME:-$HOME/.cache}/mutstream/kafka-$version
dir=${BROKER_DIR:-${TMPDIR:-/tmp}/mutstream-broker}
port=${BROKER_PORT:-19392}
at=127.0.0.1:$port
here=$(cd "$(dirname "$0")" && pwd)
patience=300 # seconds, of a machine that is slow or busy

fail() {
	echo "broker.sh: $*" >&2
	exit 1
}

# A short-lived program of Kafka's.
kafka() {
	java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto \
	    -Dorg.apache.logging.log4j.level=ERROR -cp "$jars/*" "$@"
}

dependency() {
	echo "<dependency><groupId>$1</groupId><artifactId>$2</artifactId>"
	echo "<version>$3</version>${4-}</dependency>"
}

# The tools without what Connect and the like need beside them.
project() {
	local none='<exclusions><exclusion><groupId>*</groupId>'

	none+='<artifactId>*</artifactId></exclusion></exclusions>'
	echo '<project><modelVersion>4.0.0</modelVersion>'
	echo '<groupId>x</groupId><artifactId>x</artifactId>'
	echo '<version>1</version><packaging>pom</packaging><dependencies>'
	dependency org.apache.kafka kafka_2.13 "$version"
	dependency org.apache.kafka kafka-tools "$version" "$none"
	dependency org.apache.logging.log4j log4j-slf4j-impl 2.25.5
	echo '</dependencies></project>'
}

fetch() {
	[ ! -e "$jars/whole" ] || return 0
	mkdir -p "${jars%/*}"
	exec 9>"$jars.lock"
	flock 9
	[ ! -e "$jars/whole" ] || return 0
	rm -rf "$jars"
	mkdir -p "$jars"
	project >"$jars/pom.xml"
	mvn -q -B -f "$jars/pom.xml" dependency:copy-dependencies \
	    -DincludeScope=runtime -DoutputDirectory="$jars" >&2
	touch "$jars/whole"
	exec 9>&-
}

# A second door, at which users say who they are.  Who comes in by the first
# one may do all.
users() {
	local user

	echo "super.users=User:ANONYMOUS"
	echo "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer"
	echo "sasl.enabled.mechanisms=PLAIN"
	echo "listener.name.sasl_plaintext.plain.sasl.jaas.config=\\"
	printf 'org.apache.kafka.common.security.plain.PlainLoginModule required'
	for user in $BROKER_USERS; do printf ' user_%s="secret"' "$user"; done
	echo ';'
}

# A broker that comes back after a kill has no leaders until its former session
# has ended; of a transaction that times out meanwhile Kafka forgets the end (see
# HANGING TRANSACTIONS in ms-kafka(1)), so that session is a short one.
settings() {
	local sasl=

	[ -z "${BROKER_USERS-}" ] || sasl=,SASL_PLAINTEXT://127.0.0.1:$((port + 2))
	[ -z "${BROKER_USERS-}" ] || users
	cat <<-END
		process.roles=broker,controller
		node.id=1
		controller.quorum.voters=1@127.0.0.1:$((port + 1))
		controller.listener.names=CONTROLLER
		listeners=PLAINTEXT://$at,CONTROLLER://127.0.0.1:$((port + 1))$sasl
		advertised.listeners=PLAINTEXT://$at$sasl
		listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT
		log.dirs=$dir/data
		auto.create.topics.enable=false
		group.initial.rebalance.delay.ms=0
		group.min.session.timeout.ms=1000
		offsets.topic.num.partitions=4
		offsets.topic.replication.factor=1
		transaction.state.log.num.partitions=4
		transaction.state.log.replication.factor=1
		transaction.state.log.min.isr=1
		share.coordinator.state.topic.replication.factor=1
		share.coordinator.state.topic.min.isr=1
		transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
		broker.session.timeout.ms=3000
		broker.heartbeat.interval.ms=500
	END
}

# What needs no program of Kafka's own.
ask() {
	local status

	mkdir -p "$dir"
	[ "$dir/admin" -nt "$here/admin.c" ] ||
	    "${CC:-cc}" -o "$dir/admin" "$here/admin.c" -lrdkafka
	while
		status=0
		"$dir/admin" "$at" "$@" 2>"$dir/admin.$$" || status=$?
		[ "$status" -eq 75 ] && [ "$SECONDS" -lt "$patience" ]
	do
		sleep 0.1
	done
	cat "$dir/admin.$$" >&2
	rm "$dir/admin.$$"
	return "$status"
}

# One that died and wasn't waited for isn't alive.
alive() {
	[ -s "$dir/pid" ] &&
	    grep -qs '^State:.[^ZX]' "/proc/$(<"$dir/pid")/status"
}

# Connections are refused until it is there, and then it has to answer.
answers() {
	(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null &&
	    kcat -b "$at" -L -m 10 >/dev/null 2>&1
}

start() {
	local new=

	alive && return
	fetch
	mkdir -p "$dir"
	settings >"$dir/settings"
	[ -e "$dir/data/meta.properties" ] || {
		new=ready
		kafka kafka.tools.StorageTool format -c "$dir/settings" \
		    -t bXV0c3RyZWFtLXRlc3RzLQ >"$dir/format" 2>&1 ||
		    fail "$(tail -n 1 "$dir/format")"
	}
	# shellcheck disable=SC2086 # several options
	setsid java -Xmx512m -XX:+UseSerialGC ${BROKER_JAVA-} \
	    -Dorg.apache.logging.log4j.level=WARN -cp "$jars/*" \
	    kafka.Kafka "$dir/settings" >"$dir/log" 2>&1 </dev/null 3>&- 4>&- &
	echo $! >"$dir/pid"
	until answers; do
		if ! alive || [ "$SECONDS" -gt "$patience" ]; then
			fail "it doesn't answer: $(tail -n 3 "$dir/log")"
		fi
		sleep 0.1
	done
	[ -z "$new" ] || ask ready ready
}

end() {
	local pid

	alive || return 0
	pid=$(<"$dir/pid")
	kill "-$1" "$pid"
	while alive; do
		[ "$SECONDS" -lt "$patience" ] || kill -KILL "$pid"
		sleep 0.1
	done
}

case ${1-} in
start) start ;;
stop) end TERM ;;
kill) end KILL ;;
clear)
	end TERM
	rm -rf "$dir"
	;;
topic | drop | grow | trim | stand | forget | committed | reached | assigned | pending | fence | settled | allow | deny) ask "$@" ;;
rights)
	kafka org.apache.kafka.tools.AclCommand --bootstrap-server "$at" \
	    --add "${@:2}" >/dev/null
	;;
*) fail "usage: broker.sh start|stop|kill|clear|topic|drop|grow|trim|stand|forget|committed|reached|assigned|pending|fence|settled|allow|deny|rights" ;;
esac
