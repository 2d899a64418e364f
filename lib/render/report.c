#include <inttypes.h>
#include <string.h>

#include "render/report.h"

/*
 * report.html itself; the Makefile knows that this file depends on it.  The
 * names are global, since a link-time optimizer may part them from here.
 */
__asm__(".pushsection .rodata\n"
	".globl report_page, report_page_end\n"
	".hidden report_page, report_page_end\n"
	"report_page:\n"
	".incbin \"lib/render/report.html\"\n"
	"report_page_end:\n"
	".byte 0\n"
	".popsection\n");
extern const char report_page[], report_page_end[];

enum { EXACT = 64, DOUBLINGS = 44 };

/*
 * A JSON string, within an element that is a script: what JSON escapes, what
 * could end the element, and what ends a line in JavaScript.
 */
static void
put_string(struct buf *out, const char *text, size_t len)
{
	buf_putc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 0x20 || c == 0x7F || strchr("<>&", c) != NULL) {
			buf_printf(out, "\\u%04x", (unsigned)c);
		} else if (c == '"' || c == '\\') {
			buf_putc(out, '\\');
			buf_putc(out, text[i]);
		} else if (len - i > 2 &&
		    (memcmp(text + i, "\342\200\250", 3) == 0 ||
			memcmp(text + i, "\342\200\251", 3) == 0)) {
			buf_puts(
			    out, text[i + 2] == '\250' ? "\\u2028" : "\\u2029");
			i += 2;
		} else {
			buf_putc(out, text[i]);
		}
	}
	buf_putc(out, '"');
}

/* Keep the line, where there is still room for it. */
static bool
keep(struct report *r, const char *line, size_t len)
{
	size_t before = r->events.len;

	if (r->kept == r->cap || len > REPORT_BYTES - before)
		return false;
	buf_puts(&r->events, r->kept > 0 ? ",\n" : "");
	put_string(&r->events, line, len);
	if (!buf_failed(&r->events) && r->events.len <= REPORT_BYTES) {
		r->kept++;
		return true;
	}
	r->events.len = before;
	return false;
}

void
report_event(struct report *r, struct arena *a, struct value history,
    const char *line, size_t len)
{
	r->total++;
	graph_event(&r->graph, a, history, NULL);
	if (!keep(r, line, len) && r->kept < r->cap)
		r->large++;
	if (buf_failed(&r->events))
		arena_starve(a);
}

bool
report_is_page(const char *text, size_t len)
{
	size_t n = (size_t)(report_page_end - report_page);
	const char *title = memmem(report_page, n, "<title>", 7);

	n = title != NULL ? (size_t)(title - report_page) : n;
	return len >= n && memcmp(text, report_page, n) == 0;
}

void
report_release(struct report *r)
{
	graph_release(&r->graph);
	buf_release(&r->events);
}

static void
put_char(struct buf *out, char c)
{
	buf_putc(out, c);
}

static void
put_title(struct buf *out, const struct meter_stage *s)
{
	struct buf title = {0};

	graph_title(&title, s, 32, put_char);
	out->failed |= title.failed;
	put_string(out, title.p, title.len);
	buf_release(&title);
}

/* How often a time took each number of bits. */
static void
put_counts(struct buf *out, const struct histogram *h)
{
	uint64_t counts[DOUBLINGS] = {0};

	for (size_t i = 0; i < HISTOGRAM_SLOTS; i++) {
		size_t bit = 6 + (i - EXACT) / HISTOGRAM_PARTS;

		if (i < EXACT)
			for (bit = 0; i >> (bit + 1) != 0;)
				bit++;
		counts[bit < DOUBLINGS ? bit : DOUBLINGS - 1] += h->slot[i];
	}
	for (size_t i = 0; i < DOUBLINGS; i++)
		buf_printf(out, "%s%" PRIu64, i > 0 ? "," : "", counts[i]);
}

static void
put_data(struct buf *out, const struct report *r, const char *key)
{
	const char *comma = "";

	buf_puts(out, "{\"key\":");
	put_string(out, key, strlen(key));
	buf_printf(out, ",\"total\":%" PRIu64 ",\"arrows\":[", r->total);
	for (uint16_t i = 0; i < r->graph.arrows; i++) {
		const struct graph_arrow *w = r->graph.arrow[i];

		if (w->times.count == 0)
			continue;
		buf_printf(out, "%s{\"from\":", comma);
		put_title(out, r->graph.meter.stage[w->from]);
		buf_puts(out, ",\"to\":");
		put_title(out, r->graph.meter.stage[w->to]);
		buf_puts(out, ",\"counts\":[");
		put_counts(out, &w->times);
		buf_puts(out, "]}\n");
		comma = ",";
	}
	buf_puts(out, "],\"events\":[\n");
}

bool
report_write(const struct report *r, struct writer *w, const char *key)
{
	static const char GRAPH[] = "<!--GRAPH-->", DATA[] = "<!--DATA-->";
	size_t len = (size_t)(report_page_end - report_page);
	const char *graph = memmem(report_page, len, GRAPH, sizeof(GRAPH) - 1);
	const char *data = memmem(report_page, len, DATA, sizeof(DATA) - 1);
	struct buf out = {0};
	bool done;

	if (graph == NULL || data == NULL)
		return false;
	buf_put(&out, report_page, (size_t)(graph - report_page));
	graph_svg(&out, &r->graph);
	graph += sizeof(GRAPH) - 1;
	buf_put(&out, graph, (size_t)(data - graph));
	put_data(&out, r, key);
	data += sizeof(DATA) - 1;
	done = !buf_failed(&out);
	if (done) {
		writer_put(w, out.p, out.len);
		writer_put(w, r->events.p, r->events.len);
		writer_put(w, "]}", 2);
		writer_put(w, data, (size_t)(report_page_end - data));
	}
	buf_release(&out);
	return done;
}
