#!/usr/bin/env bats
# ms-enrich --sql: what a SELECT finds in an SQLite database.
# shellcheck disable=SC2030,SC2031 # the job of a test is its own
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	sqlite3 users.db <<'SQL'
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, tier REAL, icon BLOB);
INSERT INTO users VALUES (1, 'Ada', 1.5, x'00ff10'), (2, 'Grace "G"', 2, NULL),
    (9007199254740993, 'big', 1e100, x'');
SQL
	printf '%s\n' '{"user":{"id":1}}' '{"user":{"id":7}}' >in
}

teardown() {
	exec 5>&- 6>&-
	[ -z "${job:-}" ] || wait "$job" || true
	[ -z "${follower:-}" ] || wait "$follower" || true
}

by_id='SELECT name, tier FROM users WHERE id = :id'

sql() {
	status 0 ms-enrich --lineage off --sql users.db "$@" <in >out 2>err
}

# refused STATUS TEXT ARGS...: told in one line before the first event
refused() {
	local want=$1 text=$2

	shift 2
	status "$want" ms-enrich "$@" <in >out 2>err
	head -n 1 err >first
	grep -qF -- "$text" first || {
		cat err
		return 1
	}
	[ ! -s out ]
}

# rejected TEXT ARGS...: each event is, for that reason
rejected() {
	local text=$1

	shift
	status 1 ms-enrich --lineage off --sql users.db "$@" <in >out 2>err
	grep -qF -- "$text" err || {
		cat err
		return 1
	}
	[ ! -s out ]
}

# Take the database's lock, until descriptor 5 says COMMIT or ends.
lock() {
	mkfifo locker
	sqlite3 users.db <locker >locked 6>&- &
	job=$!
	exec 5>locker
	printf '%s\n' '.timeout 600000' 'BEGIN EXCLUSIVE;' "SELECT 'locked';" >&5
	eventually grep -q locked locked
}

@test "a SELECT finds a row by a value of the event" {
	sql "$by_id" --bind id=.user.id
	same out '{"user":{"id":1},"users":{"name":"Ada","tier":1.5}}' \
	    '{"user":{"id":7}}'
	[ ! -s err ]
	sql "$by_id" --bind id=.user.id --as .who --default '{"name":"none"}'
	tail -n 1 out | jq -e '.who == {name: "none"}'
	sql "$by_id" --bind id=.user.id --merge --miss null
	same out '{"user":{"id":1},"name":"Ada","tier":1.5}' \
	    '{"user":{"id":7},"name":null,"tier":null}'
	echo "$by_id" >q.sql
	sql -f q.sql --bind id=.user.id in in
	lines 4 out
}

@test "the record names the database and the hash of the answer" {
	status 0 ms-enrich --sql users.db "$by_id" --bind id=.user.id <in >out
	hash=$(printf '{"name":"Ada","tier":1.5}' | sha256sum | cut -c 1-32)
	head -n 1 out | jq -e --arg h "$hash" '._lineage[0] |
	    .from == {table: "users.db", hash: $h} and .rule == ".users = " +
	    "users.db[id == .user.id] | SELECT name, tier FROM users WHERE id = :id"'
	tail -n 1 out | jq -e '._lineage[0].from == {table: "users.db", miss: true}'
	status 0 ms-trace rewind -n 1 <out | jq -c . | head -n 1 >got
	same got '{"user":{"id":1}}'
}

@test "what SQLite holds becomes JSON, exactly" {
	echo '{"id":9007199254740993}' >in
	sql 'SELECT * FROM users WHERE id = :id' --bind id=.id
	same out '{"id":9007199254740993,"users":{"id":9007199254740993,"name":"big","tier":1e+100,"icon":""}}'
	echo '{}' >in
	sql "SELECT icon, NULL AS n, -9223372036854775808 AS least, 0.1 AS d,
	    'a' || char(0) || char(10) || char(233) AS t FROM users WHERE id = 1"
	same out '{"users":{"icon":"AP8Q","n":null,"least":-9223372036854775808,"d":0.1,"t":"a\u0000\né"}}'
	rejected 'column x is infinite, which JSON can' 'SELECT 9e999 AS x'
	rejected "column x isn't UTF-8" "SELECT CAST(x'ff' AS TEXT) AS x"
}

@test "a value of the event is a parameter as SQLite has it" {
	cat >in <<'END'
{"v":"\u00e9"}
{"v":12}
{"v":1e0}
{"v":1.5}
{"v":true}
{"v":null}
{"v":[1,{"a":2}]}
END
	sql 'SELECT typeof(:v) AS t, :v AS v' --bind v=.v --as .r
	jq -c '[.r.t, .r.v]' out >got
	same got '["text","é"]' '["integer",12]' '["integer",1]' '["real",1.5]' \
	    '["integer",1]' '["null",null]' '["text","[1,{\"a\":2}]"]'
	echo '{"ids":[1,2]}' >in
	sql 'SELECT name FROM users WHERE id IN (SELECT value FROM json_each(:ids))' \
	    --bind ids=.ids --all
	holds out '.users == [{name: "Ada"}, {name: "Grace \"G\""}]'
}

@test "a number that SQLite's 64 bits can't hold is told" {
	for n in 9223372036854775808 -9223372036854775809 1e400 \
	    123456789012345678901234567890; do
		echo "{\"id\":$n}" >in
		rejected "--bind id: $n is beyond SQLite's 64 bits" "$by_id" \
		    --bind id=.id
	done
	for n in 9223372036854775807 1e300 0.1234567890123456789012; do
		echo "{\"id\":$n}" >in
		sql "$by_id" --bind id=.id
	done
}

@test "several rows are an error unless somebody says which" {
	echo '{}' >in
	all='SELECT id FROM users WHERE id < 10 ORDER BY id'
	rejected 'the SELECT gives more than one row: LIMIT 1 picks one' "$all"
	sql "$all" --repeated first
	same out '{"users":{"id":1}}'
	sql "$all" --repeated last
	same out '{"users":{"id":2}}'
	sql "$all" --all
	same out '{"users":[{"id":1},{"id":2}]}'
	status 0 ms-enrich --sql users.db "$all" --all <in >out
	hash=$(printf '[{"id":1},{"id":2}]' | sha256sum | cut -c 1-32)
	jq -e --arg h "$hash" '._lineage[0] | .from == {table: "users.db",
	    hash: $h} and (.rule | startswith(".users = [users.db | SELECT"))' out
	sql "$all LIMIT 0" --all
	same out '{}'
}

@test "OpenLineage says which member the key decided" {
	status 0 ms-enrich --sql users.db "$by_id" --bind id=.user.id <in >out
	status 0 ms-trace export -T openlineage <out >lineage.json
	jq -e '[.inputs[].name] == ["users.db"] and
	    ([.outputs[0].facets.columnLineage.fields[".users"].inputFields[] |
	    [.name, .field, .transformations[0].type]] | sort) ==
	    [["-", ".user.id", "INDIRECT"], ["users.db", "*", "DIRECT"]]' lineage.json
}

@test "--each asks for each element" {
	echo '{"users":[{"id":1},{"id":3},{"id":2}]}' >in
	status 0 ms-enrich --sql users.db "$by_id" --bind id=.id \
	    --each '.users[]' --merge <in >out
	holds out '[.users[].name] == ["Ada", null, "Grace \"G\""]'
	jq -e '._lineage[0].from | .table == "users.db" and .columns ==
	    ["name", "tier"] and [.rows[] | keys[0]] == ["hash", "miss", "hash"]' out
}

@test "only a single SELECT is taken, and nothing is written" {
	sum=$(sha256sum users.db)
	for text in 'DELETE FROM users' 'INSERT INTO users(id) VALUES (9)' \
	    'UPDATE users SET tier = 1' 'DROP TABLE users' 'VACUUM' \
	    "ATTACH 'x.db' AS x" 'PRAGMA data_version' 'PRAGMA journal_mode=WAL' \
	    'BEGIN' 'CREATE TABLE t(x)' 'CREATE TEMP TABLE t(x)' \
	    'EXPLAIN SELECT 1' 'INSERT INTO users(id) VALUES (9) RETURNING id' \
	    'WITH x AS (SELECT 1) DELETE FROM users RETURNING id'; do
		refused 2 'only a SELECT is taken' --sql users.db "$text"
	done
	refused 2 'there is more than one statement' --sql users.db \
	    'SELECT 1; SELECT 2'
	refused 2 'there is no statement' --sql users.db '/* nothing */'
	refused 2 'the SELECT is missing' --sql users.db
	refused 2 'no such table: absent' --sql users.db 'SELECT * FROM absent'
	refused 2 'syntax error' --sql users.db 'SELECT FROM'
	[ "$(sha256sum users.db)" = "$sum" ]
	[ ! -e x.db ]
	for text in 'WITH x(a) AS (VALUES (1)) SELECT a FROM x' 'VALUES (1)' \
	    ' select 1 AS a ; '; do
		sql "$text"
	done
}

@test "each parameter has its --bind, and each --bind its parameter" {
	refused 2 'the parameter :id has no value: --bind id=PROGRAM' \
	    --sql users.db "$by_id"
	refused 2 '--bind no: the SELECT has no parameter :no' \
	    --sql users.db "$by_id" --bind id=.user.id --bind no=.x
	refused 2 '--bind id is given twice' \
	    --sql users.db "$by_id" --bind id=.user.id --bind id=.x
	refused 2 'the parameter ? has no name: write it as :NAME' \
	    --sql users.db 'SELECT ? AS x'
	refused 2 "--bind '.user.id' is not NAME=PROGRAM" \
	    --sql users.db "$by_id" --bind .user.id
	refused 2 '--bind .user[]: gives several keys' \
	    --sql users.db "$by_id" --bind 'id=.user[]'
	refused 2 "two columns are called name: AS gives one another name" \
	    --sql users.db 'SELECT name, name FROM users'
	sql "SELECT @a + \$b AS c" --bind a=.user.id --bind 'b=10'
	head -n 1 out | jq -e '.users.c == 11'
}

@test "options that say nothing to --sql are refused" {
	for option in '-k .x' '--follow' '--match cidr' '--strings' \
	    '--columns name' '-t t.csv'; do
		# shellcheck disable=SC2086 # option and value
		refused 2 "${option%% *}" --sql users.db "$by_id" \
		    --bind id=.user.id $option
	done
	refused 2 "--bind doesn't go with -t" -t t.csv -k .x --bind a=.x
	refused 2 '--cache-ttl goes with --cache' --sql users.db "$by_id" \
	    --bind id=.user.id --cache-ttl 1m
	refused 2 "--cache: 'x' is no number" --sql users.db --cache x 'SELECT 1'
	refused 2 "--timeout: '5' is no length" --sql users.db --timeout 5 'SELECT 1'
}

@test "a database that is none, is corrupt or isn't there is told" {
	echo 'id,name: no database, but a text of some length.' >text.db
	refused 3 'text.db: it is no SQLite database' --sql text.db 'SELECT 1'
	refused 3 "none.db: it can't be opened" --sql none.db 'SELECT 1'
	[ ! -e none.db ]
	refused 3 '.: Is a directory' --sql . 'SELECT 1' --as .x
	: >empty.db
	refused 2 'empty.db: no such table: users' --sql empty.db "$by_id" \
	    --bind id=.user.id
	# The schema's page stays; what the table's page holds is nonsense.
	sqlite3 bad.db 'PRAGMA page_size=512; CREATE TABLE users(id, name);
	    INSERT INTO users VALUES (1, hex(zeroblob(2000)))'
	yes | dd of=bad.db bs=512 seek=1 count=1 conv=notrunc 2>/dev/null
	status 1 ms-enrich --sql bad.db 'SELECT name FROM users' <in >out 2>err
	grep -q ':1: bad.db: the database is corrupt' err
	[ ! -s out ]
	head -c 1024 users.db >cut.db
	status 3 ms-enrich --sql cut.db "$by_id" --bind id=.user.id <in >out 2>err
	grep -q 'cut.db: the database is corrupt' err
}

@test "a lock is waited for, and then told" {
	lock
	refused 3 'users.db: another program holds it locked' --timeout 50ms \
	    --sql users.db "$by_id" --bind id=.user.id
	# It waits: the lock is given up meanwhile.
	ms-enrich --lineage off --sql users.db "$by_id" --bind id=.user.id \
	    <in >out 2>err &
	reader=$!
	eventually runs "$reader" ms-enrich
	eventually asleep "$reader"
	echo 'COMMIT;' >&5
	wait "$reader"
	lines 2 out
}

# follow ARGS...: ms-enrich on events that ask() sends
follow() {
	: >out
	mkfifo events
	ms-enrich --lineage off --sql users.db "$by_id" --bind id=.id --stats \
	    "$@" <events >out 2>err 6>&- &
	follower=$!
	exec 6>events
}

# ask N ID: send an event, and wait for its line, the N-th
ask() {
	echo "{\"id\":$2}" >&6
	eventually reaches "$1" out
	sed -n "$1p" out | jq -r .users.name
}

@test "a lock that comes later rejects events, and the stream goes on" {
	follow --timeout 20ms
	[ "$(ask 1 1)" = Ada ]
	lock
	echo '{"id":1}' >&6
	eventually grep -q 'another program holds it locked' err
	exec 5>&-
	wait "$job"
	[ "$(ask 2 2)" = 'Grace "G"' ]
	exec 6>&-
	status 1 wait "$follower"
}

@test "what others write is seen by the next event, with a cache too" {
	for cache in '' '--cache 10'; do
		rm -f events
		# shellcheck disable=SC2086 # option and value
		follow $cache
		[ "$(ask 1 1)" = Ada ]
		[ "$(ask 2 1)" = Ada ]
		sqlite3 users.db "UPDATE users SET name = 'Eve' WHERE id = 1"
		[ "$(ask 3 1)" = Eve ]
		[ "$(ask 4 3)" = null ]
		sqlite3 users.db "INSERT INTO users VALUES (3, 'new', 1, NULL)"
		[ "$(ask 5 3)" = new ]
		sqlite3 users.db "DELETE FROM users WHERE id = 3;
		    UPDATE users SET name = 'Ada' WHERE id = 1"
		[ "$(ask 6 3)" = null ]
		exec 6>&-
		wait "$follower"
	done
	grep -q 'users.db: 4 hits, 2 misses, 1 cache hits, 0 reloads, 0 failures' err
}

@test "a file that is replaced by another is opened anew" {
	follow --cache 10
	[ "$(ask 1 1)" = Ada ]
	sqlite3 new.db "CREATE TABLE users(id, name, tier);
	    INSERT INTO users VALUES (1, 'Moved', 1)"
	mv new.db users.db
	[ "$(ask 2 1)" = Moved ]
	echo 'this is no database at all, but a text' >bad.db
	mv bad.db users.db
	[ "$(ask 3 1)" = Moved ]
	grep -q 'users.db: it is no SQLite database; what was known before stays' err
	exec 6>&-
	wait "$follower"
	grep -q '3 hits, 0 misses, 0 cache hits, 1 reloads, 1 failures' err
}

@test "answers are kept as long as --cache and --cache-ttl say" {
	for i in {1..30}; do echo "{\"id\":$((i % 3))}"; done >in
	sql "$by_id" --bind id=.id --cache 3 --stats
	grep -q '20 hits, 10 misses, 27 cache hits' err
	jq -c .users out >cached
	sql "$by_id" --bind id=.id
	jq -c .users out | cmp - cached
	sql "$by_id" --bind id=.id --cache 2 --stats
	grep -q ' 0 cache hits' err
	sql 'SELECT random() AS r WHERE :id >= 0' --bind id=.id --cache 3
	[ "$(jq .users.r out | sort -u | wc -l)" -eq 3 ]
	sql 'SELECT random() AS r WHERE :id >= 0' --bind id=.id --cache 3 \
	    --cache-ttl 1us
	[ "$(jq .users.r out | sort -u | wc -l)" -gt 3 ]
}

@test "threads ask at the same time, each by itself" {
	for i in {1..3000}; do echo "{\"id\":$((i % 5)),\"n\":$i}"; done >in
	sql "$by_id" --bind id=.id
	cp out want
	for cache in '' '--cache 3'; do
		# shellcheck disable=SC2086 # option and value
		sql "$by_id" --bind id=.id -j 4 $cache
		cmp out want
	done
}

@test "--refresh repairs what a database gave" {
	status 0 ms-enrich --sql users.db "$by_id" --bind id=.user.id <in >old
	again() {
		status 0 ms-enrich --refresh --sql users.db "$by_id" \
		    --bind id=.user.id "$@" <old >out
	}
	again
	cmp old out
	sqlite3 users.db "UPDATE users SET tier = 3 WHERE id = 1;
	    INSERT INTO users VALUES (7, 'late', 4, NULL)"
	again --check
	cmp old out
	again
	jq -c '[.users.tier, (._lineage | length), ._lineage[-1].from.repairs]' out >got
	same got '[3,2,1]' '[4,2,1]'
}

@test "a SELECT that takes too long is stopped" {
	printf '%s\n' '{"n":1000000000000}' '{"n":3}' >in
	status 1 ms-enrich --lineage off --timeout 30ms --sql users.db \
	    'WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c
	    WHERE i < :n) SELECT count(*) AS n FROM c' --bind n=.n <in >out 2>err
	same out '{"n":3,"users":{"n":3}}'
	grep -q ':1: users.db: it took too long, and was stopped' err
}

@test "a SELECT that never finds a row says so" {
	echo '{"id":"x"}' >in
	sql "$by_id" --bind id=.id
	same err 'ms-enrich: users.db: .id never found a row by id'
	sql 'SELECT 1 WHERE 0'
	same err 'ms-enrich: users.db: never found a row'
	status 1 ms-enrich --sql users.db 'SELECT 1 WHERE 0' --miss reject <in 2>err
	grep -q ':1: no row in users.db' err
}

@test "an answer beyond the event's memory is a reject" {
	echo '{}' >in
	rejected 'memory' --max-memory 2M --all \
	    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
	    SELECT i, hex(zeroblob(500)) AS x FROM n'
}
