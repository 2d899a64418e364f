#!/usr/bin/env bats
# ms-enrich --coproc beside servers that people run: Redis and PostgreSQL,
# each started here, on a socket in the test's own directory.  The commands
# are those of ms-enrich(1).
# shellcheck disable=SC2016 # programs are for ms-enrich to expand
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	# a socket's path is short
	place=$(mktemp -d -t ms-servers.XXXXXX)
}

teardown() {
	if [ -s "$place/redis.pid" ]; then
		kill "$(cat "$place/redis.pid")"
	fi
	if [ -s "$place/data/postmaster.pid" ]; then
		as_postgres "$bin/pg_ctl" -D "$place/data" -s -m immediate stop
	fi
	rm -rf "$place"
}

# example WORD: the command of the page that WORD stands in
example() {
	sed 's/\\e/\\/g' "$root/man/ms-enrich.1" | awk -v word="$1" '
		/^ms-enrich / { text = ""; on = 1 }
		/^\.Ed/ { on = 0 }
		on { text = text $0 "\n" }
		!on && index(text, word) { printf "%s", text; exit }'
}

redis_start() {
	command -v redis-server >/dev/null || skip "there is no redis-server"
	redis-server --port 0 --unixsocket "$place/redis" --save '' \
	    --daemonize yes --pidfile "$place/redis.pid" \
	    --logfile "$place/log" >/dev/null
	eventually test -S "$place/redis" || {
		cat "$place/log" >&2
		return 1
	}
}

# PostgreSQL refuses to be run by root.
as_postgres() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
	else
		"$@"
	fi
}

postgres_start() {
	bin=
	for bin in /usr/lib/postgresql/*/bin; do :; done
	[ -x "$bin/initdb" ] || skip "there is no PostgreSQL"
	if [ "$(id -u)" -eq 0 ]; then
		id postgres >/dev/null 2>&1 || skip "there is no user postgres"
		chown postgres "$place"
	fi
	as_postgres "$bin/initdb" -D "$place/data" -A trust -N -U postgres \
	    >log 2>&1 || { cat log >&2; return 1; }
	as_postgres "$bin/pg_ctl" -D "$place/data" -w -t 300 -s -l "$place/data/log" \
	    -o "-c listen_addresses= -c unix_socket_directories=$place" \
	    -o '-c fsync=off' start
	export PGHOST=$place PGUSER=postgres PGDATABASE=postgres
}

@test "redis-cli answers what Redis knows, whatever the keys hold" {
	redis_start
	export REDISCLI_HISTFILE=/dev/null
	redis-cli -s "$place/redis" HSET user:ada tier gold n 3 >/dev/null
	redis-cli -s "$place/redis" HSET 'user:a"b\c d' tier tin >/dev/null
	printf '%s\n' '{"user":"ada"}' '{"user":"a\"b\\c d"}' \
	    '{"user":"x\"\nFLUSHALL\n"}' '{"user":"ada"}' >in
	example 'redis-cli --json' |
	    sed "s|redis-cli|& -s $place/redis|" >asks
	bash -e ./asks <in | jq -c .account >out
	same out '{"tier":"gold","n":"3"}' '{"tier":"tin"}' '{}' \
	    '{"tier":"gold","n":"3"}'
	# what Redis refuses is told, and that event alone is a reject
	redis-cli -s "$place/redis" SET user:s text >/dev/null
	printf '%s\n' '{"user":"s"}' '{"user":"ada"}' >in
	status 1 ms-enrich --lineage off \
	    --coproc "redis-cli -s $place/redis --json" --as .account \
	    --send-text '"HGETALL " + ("user:" + .user | tojson)' in >out 2>err
	grep -q WRONGTYPE err
	lines 1 out
}

@test "psql answers what PostgreSQL knows, whatever the keys hold" {
	postgres_start
	psql -qX -c "CREATE TABLE users (name text, tier text, note json);
	    INSERT INTO users VALUES ('ada', 'gold', E'[1,\n2]'),
	    (E'o''hara\\\\', 'tin', NULL)"
	cp "$examples/users.sql" "$examples/ask.jq" .
	example 'psql -qAtX' >asks
	printf '%s\n' '{"user":"ada"}' '{"user":"o'"'"'hara\\"}' \
	    '{"user":"x'"'"'); DROP TABLE users; --"}' '{"user":"ada"}' >in
	bash -e ./asks <in | jq -c .account >out
	same out '{"name":"ada","note":[1,2],"tier":"gold"}' \
	    '{"name":"o'"'"'hara\\","note":null,"tier":"tin"}' null \
	    '{"name":"ada","note":[1,2],"tier":"gold"}'
	# a statement that fails ends psql, and is a reject in the end
	status 1 ms-enrich --lineage off --as .r \
	    --coproc 'psql -qAtX -v ON_ERROR_STOP=1' --send-text \
	    '"SELECT 1/\(.n);"' <<<'{"n":0}
	{"n":1}' >out 2>err
	same out '{"n":1,"r":1}'
	grep -q 'it ended twice without an answer to: SELECT 1/0;' err
}
