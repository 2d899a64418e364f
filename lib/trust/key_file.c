/*
 * No key passes through a buffer of stdio or a string of the heap that isn't
 * wiped: a file is read and written by the system's calls alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trust/key_file.h"

enum { FILE_MOST = 512, LINE = 160 }; /* bytes */

#define MAGIC "mutstream-key "

struct key {
	unsigned char bytes[MAC_SIGN_KEY]; /* room for any */
	char id[KEY_ID + 1];
};

static const struct {
	const char *name;
	size_t n; /* bytes of the key */
} KINDS[] = {
    [KEY_SECRET] = {"secret", MAC_KEY},
    [KEY_SIGN] = {"sign", MAC_SIGN_KEY},
    [KEY_PUBLIC] = {"public", MAC_PUBLIC},
};

enum { NO_KIND = sizeof(KINDS) / sizeof(*KINDS) };

static bool __attribute__((format(printf, 2, 3)))
fail(char error[KEY_ERROR], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, KEY_ERROR, format, args);
	va_end(args);
	return false;
}

/*
 * What a key is called: a digest that tells nothing of a secret one.  A
 * signing key is called as its public half.
 */
static void
name_key(char id[KEY_ID + 1], enum key_kind kind, const unsigned char *bytes)
{
	unsigned char hash[MAC_KEY], public[MAC_PUBLIC];
	struct mac m;

	if (kind == KEY_SECRET) {
		mac_derive(hash, bytes, "ms-keyid");
	} else {
		memcpy(public, bytes, sizeof(public));
		if (kind == KEY_SIGN)
			mac_sign_public(public, bytes);
		mac_start(&m, NULL, sizeof(hash));
		mac_add(&m, public, sizeof(public));
		mac_end(&m, hash, sizeof(hash));
	}
	for (size_t i = 0; i < KEY_ID; i++)
		id[i] = "0123456789abcdef"[hash[i / 2] >> (i % 2 ? 0 : 4) & 15];
	id[KEY_ID] = '\0';
	mac_wipe(hash, sizeof(hash));
}

/* Up to n bytes of a file; -1 and errno. */
static ssize_t
read_all(int fd, char *text, size_t n)
{
	size_t len = 0;

	while (len < n) {
		ssize_t got = read(fd, text + len, n - len);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return -1;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

/* The words of a line; false where it has others than four. */
static bool
split(const char *text, size_t len, const char *word[4], size_t n[4])
{
	size_t i = 0, at = 0;

	while (at < len && i < 4) {
		size_t from = at;

		while (at < len && text[at] != ' ')
			at++;
		word[i] = text + from;
		n[i++] = at - from;
		at += at < len;
	}
	return i == 4 && at == len;
}

static bool
is(const char *word, size_t n, const char *name)
{
	return strlen(name) == n && memcmp(word, name, n) == 0;
}

static size_t
kind_named(const char *word, size_t n)
{
	size_t i = 0;

	while (i < NO_KIND && !is(word, n, KINDS[i].name))
		i++;
	return i;
}

static bool
check_kind(size_t found, enum key_kind wanted, char error[KEY_ERROR])
{
	static const char *const REMEDIES[] = {
	    [KEY_SECRET] = "a secret one is needed: ms-trace keygen FILE",
	    [KEY_SIGN] = "one to sign with is needed: ms-trace keygen --sign "
			 "FILE",
	    [KEY_PUBLIC] = "the FILE.pub of ms-trace keygen --sign FILE is "
			   "needed",
	};

	if (found == NO_KIND)
		return fail(error, "holds a key of an unknown kind");
	if (found != (size_t)wanted)
		return fail(error, "holds a %s key; %s", KINDS[found].name,
		    REMEDIES[wanted]);
	return true;
}

/* Read the key from the text of its file. */
static bool
parse(struct key *k, enum key_kind kind, const char *text, size_t len,
    char error[KEY_ERROR])
{
	static const char NONE[] =
	    "is no key file; ms-trace keygen makes such a file";
	const char *word[4];
	size_t n[4], whole = MAC_BASE64(KINDS[kind].n);

	while (len > 0 && strchr("\r\n", text[len - 1]) != NULL)
		len--;
	if (len == 0)
		return fail(
		    error, "is empty; ms-trace keygen makes a key file");
	if (len < sizeof(MAGIC) - 1 && memcmp(text, MAGIC, len) == 0)
		return fail(error, "is cut short: it holds no whole key");
	if (strncmp(text, MAGIC, sizeof(MAGIC) - 1) != 0)
		return fail(error, "%s",
		    len < MAC_KEY
			? "is too short for a key; ms-trace keygen makes one"
			: NONE);
	if (!split(text, len, word, n))
		return fail(error, "is cut short: it holds no whole key");
	if (!check_kind(kind_named(word[1], n[1]), kind, error))
		return false;
	if (n[3] < whole)
		return fail(error,
		    "is cut short: %zu of %zu characters of its "
		    "key are there",
		    n[3], whole);
	if (!mac_base64_read(k->bytes, KINDS[kind].n, word[3], n[3]))
		return fail(error, "is damaged: its key is no base64url");
	name_key(k->id, kind, k->bytes);
	return is(word[2], n[2], k->id) ||
	    fail(error, "is damaged: its id is not that of its key");
}

/* What speaks against the file itself. */
static bool
check_file(int fd, enum key_kind kind, char error[KEY_ERROR])
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return fail(error, "%s", strerror(errno));
	if (S_ISDIR(st.st_mode))
		return fail(error, "%s", strerror(EISDIR));
	if (kind == KEY_PUBLIC || (st.st_mode & 077) == 0)
		return true;
	return fail(error,
	    "others can read or write it (mode %04o), so it is no secret; "
	    "chmod 600, or make a new key where they have seen it",
	    (unsigned)(st.st_mode & 07777));
}

static bool
load(struct key *k, int fd, enum key_kind kind, char error[KEY_ERROR])
{
	char text[FILE_MOST + 1];
	ssize_t len;
	bool good;

	if (!check_file(fd, kind, error))
		return false;
	len = read_all(fd, text, FILE_MOST);
	if (len == -1)
		return fail(error, "%s", strerror(errno));
	text[len] = '\0';
	if (len == FILE_MOST)
		good = fail(error, "is too long for a key file");
	else
		good = parse(k, kind, text, (size_t)len, error);
	mac_wipe(text, sizeof(text));
	return good;
}

static void
fail_open(
    char error[KEY_ERROR], const char *path, enum key_kind kind, int number)
{
	static const char *const REMEDIES[] = {
	    [KEY_SECRET] = "; ms-trace keygen makes a key",
	    [KEY_SIGN] = "; ms-trace keygen --sign FILE makes a key",
	    [KEY_PUBLIC] = "; who signs has it, as FILE.pub of ms-trace keygen",
	};

	if (*path == '\0')
		fail(error, "the name of the key file is empty");
	else
		fail(error, "%s%s", strerror(number),
		    number == ENOENT ? REMEDIES[kind] : "");
}

struct key *
key_read(const char *path, enum key_kind kind, char error[KEY_ERROR])
{
	struct key *k;
	int fd;
	bool good;

	if (!mac_init())
		return fail(error, "libsodium finds no random numbers"), NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return fail_open(error, path, kind, errno), NULL;
	k = calloc(1, sizeof(*k));
	if (k == NULL) {
		close(fd);
		return fail(error, "%s", strerror(ENOMEM)), NULL;
	}
	mac_lock(k, sizeof(*k));
	good = load(k, fd, kind, error);
	close(fd);
	if (good)
		return k;
	key_free(k);
	return NULL;
}

void
key_free(struct key *k)
{
	if (k == NULL)
		return;
	mac_unlock(k, sizeof(*k));
	free(k);
}

const char *
key_id(const struct key *k)
{
	return k->id;
}

const unsigned char *
key_bytes(const struct key *k)
{
	return k->bytes;
}

static bool
write_all(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, text, n);

		if (done == -1 && errno == EINTR)
			continue;
		if (done == -1)
			return false;
		text += done;
		n -= (size_t)done;
	}
	return true;
}

/* A key as it stands in its file; how long that is. */
static size_t
spell(char line[LINE], enum key_kind kind, const unsigned char *bytes,
    char id[KEY_ID + 1])
{
	char text[MAC_BASE64(MAC_SIGN_KEY) + 1];
	int n;

	name_key(id, kind, bytes);
	mac_base64(text, bytes, KINDS[kind].n);
	n = snprintf(
	    line, LINE, MAGIC "%s %s %s\n", KINDS[kind].name, id, text);
	mac_wipe(text, sizeof(text));
	return (size_t)n;
}

/* Remove a file, and keep errno. */
static void
remove_kept(const char *path)
{
	int error = errno;

	unlink(path);
	errno = error;
}

/* What is to be in a new file. */
struct content {
	mode_t mode;
	enum key_kind kind;
	const unsigned char *bytes;
};

/* Write a key to a new file, and have it on the disk. */
static bool
write_key(int fd, const struct content *c, char id[KEY_ID + 1])
{
	char line[LINE];
	bool good = fchmod(fd, c->mode) == 0 &&
	    write_all(fd, line, spell(line, c->kind, c->bytes, id)) &&
	    fsync(fd) == 0;

	mac_wipe(line, sizeof(line));
	return good;
}

/* A new file without a name, in the directory of path; -1 and errno. */
static int
open_nameless(const char *path)
{
	char *copy = strdup(path);
	int fd = copy == NULL
	    ? -1
	    : open(dirname(copy), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

	free(copy);
	return fd;
}

/* Give a file without a name its own, replacing none. */
static bool
name_nameless(int fd, const char *path)
{
	char own[64];

	snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, own, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

enum saved {
	SAVED,
	SAVED_NOT,  /* errno says why */
	SAVED_ELSE, /* it can't be done so here */
};

/*
 * Write a key to a file that has no name before all of it is there: whoever is
 * killed leaves nothing behind.
 */
static enum saved
save_nameless(const char *path, const struct content *c, char id[KEY_ID + 1])
{
	int fd = open_nameless(path), error;
	enum saved saved = SAVED_NOT;

	if (fd == -1)
		return SAVED_ELSE;
	if (write_key(fd, c, id)) {
		if (name_nameless(fd, path))
			saved = SAVED;
		else if (errno != EEXIST)
			saved = SAVED_ELSE;
	}
	error = errno;
	if (close(fd) == -1 && saved == SAVED) {
		remove_kept(path);
		return SAVED_NOT;
	}
	errno = error;
	return saved;
}

/* Give a file a new name, replacing none; a file system may have no links. */
static bool
name_new(const char *from, const char *to)
{
	if (link(from, to) == 0) {
		unlink(from);
		return true;
	}
	return (errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS) &&
	    renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0;
}

/* Write a key to a new file of a name that nobody knows, beside its own. */
static bool
write_beside(char *beside, const struct content *c, char id[KEY_ID + 1])
{
	int fd = mkostemp(beside, O_CLOEXEC);
	bool good;

	if (fd == -1)
		return false;
	good = write_key(fd, c, id);
	if (close(fd) == -1)
		good = false;
	if (!good)
		remove_kept(beside);
	return good;
}

/* For file systems that have no files without a name. */
static bool
save_named(const char *path, const struct content *c, char id[KEY_ID + 1])
{
	char *beside = NULL;
	bool good;

	if (asprintf(&beside, "%s.XXXXXX", path) == -1)
		return false;
	good = write_beside(beside, c, id);
	if (good && !name_new(beside, path)) {
		remove_kept(beside);
		good = false;
	}
	free(beside);
	return good;
}

static bool
fail_save(const char *path, char error[KEY_ERROR])
{
	if (errno == EEXIST)
		return fail(error,
		    "%s: exists already, and is left alone: a key that is "
		    "overwritten is lost",
		    path);
	return fail(error, "%s: %s", path, strerror(errno));
}

/* The name itself is on the disk only with its directory. */
static bool
sync_directory(const char *path)
{
	char *copy = strdup(path);
	int fd = copy == NULL
	    ? -1
	    : open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd != -1 && (fsync(fd) == 0 || errno == EINVAL);

	free(copy);
	if (fd != -1)
		close(fd);
	return good;
}

/*
 * Write a key to a new file.  It gets its name when all is on the disk: whoever
 * is killed before leaves no key that is half there.
 */
static bool
save(const char *path, const struct content *c, char id[KEY_ID + 1],
    char error[KEY_ERROR])
{
	enum saved saved;
	struct stat there;

	if (lstat(path, &there) == 0) {
		errno = EEXIST;
		return fail_save(path, error);
	}
	saved = save_nameless(path, c, id);
	if (saved == SAVED_ELSE)
		saved = save_named(path, c, id) ? SAVED : SAVED_NOT;
	if (saved == SAVED && sync_directory(path))
		return true;
	if (saved == SAVED)
		remove_kept(path);
	return fail_save(path, error);
}

/*
 * Both halves, or neither.  The public one comes first: who is killed in
 * between has no key to sign with that nobody could verify.
 */
static bool
save_pair(const char *path, const unsigned char *bytes, char id[KEY_ID + 1],
    char error[KEY_ERROR])
{
	unsigned char public[MAC_PUBLIC];
	char *other = NULL;
	bool good;

	if (asprintf(&other, "%s.pub", path) == -1)
		return fail(error, "%s", strerror(ENOMEM));
	mac_sign_public(public, bytes);
	good =
	    save(other, &(struct content){0644, KEY_PUBLIC, public}, id, error);
	if (good &&
	    !save(path, &(struct content){0600, KEY_SIGN, bytes}, id, error)) {
		unlink(other);
		good = false;
	}
	free(other);
	return good;
}

bool
key_make(
    const char *path, bool sign, char id[KEY_ID + 1], char error[KEY_ERROR])
{
	unsigned char bytes[MAC_SIGN_KEY], public[MAC_PUBLIC];
	bool good;

	if (!mac_init())
		return fail(error, "libsodium finds no random numbers");
	mac_lock(bytes, sizeof(bytes));
	if (sign) {
		mac_sign_pair(public, bytes);
		good = save_pair(path, bytes, id, error);
	} else {
		mac_random(bytes, MAC_KEY);
		good = save(path, &(struct content){0600, KEY_SECRET, bytes},
		    id, error);
	}
	mac_unlock(bytes, sizeof(bytes));
	return good;
}
