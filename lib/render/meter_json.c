#include <inttypes.h>
#include <string.h>

#include "render/meter.h"
#include "value/value.h"

static void
put_text(struct buf *out, const char *name, const char *text)
{
	if (*text == '\0')
		return;
	buf_printf(out, "\"%s\":", name);
	value_write_string(out, text, strlen(text));
	buf_putc(out, ',');
}

static void
put_fields(struct buf *out, const struct frequent *f)
{
	const struct frequent_item *order[FREQUENT_ITEMS];

	frequent_sort(f, order);
	for (size_t i = 0; i < f->n; i++) {
		buf_puts(out, i == 0 ? "{\"path\":" : ",{\"path\":");
		value_write_string(out, order[i]->text, order[i]->len);
		buf_printf(out, ",\"count\":%" PRIu64, order[i]->count);
		if (order[i]->over > 0)
			buf_printf(out, ",\"over\":%" PRIu64, order[i]->over);
		buf_putc(out, '}');
	}
}

static void
put_stage(struct buf *out, const struct meter_stage *s)
{
	const struct histogram *h = &s->times;

	buf_putc(out, '{');
	put_text(out, "op", s->op);
	put_text(out, "stage", s->name);
	put_text(out, "rule", s->rule);
	buf_printf(out,
	    "\"events\":%" PRIu64 ",\"changed\":%" PRIu64
	    ",\"turned_away\":%" PRIu64 ",\"forks\":%" PRIu64
	    ",\"bytes\":%" PRIu64,
	    s->events, s->changed, meter_left(s), s->forks, s->bytes);
	if (s->left[ENDING_REJECTED] > 0)
		buf_printf(
		    out, ",\"rejected\":%" PRIu64, s->left[ENDING_REJECTED]);
	if (s->left[ENDING_DROPPED] > 0)
		buf_printf(
		    out, ",\"dropped\":%" PRIu64, s->left[ENDING_DROPPED]);
	if (s->made > 0)
		buf_printf(out, ",\"made_of\":%" PRIu64 ",\"revised\":%" PRIu64,
		    s->made, s->revised);
	buf_printf(out,
	    ",\"micros\":{\"count\":%" PRIu64 ",\"median\":%" PRIu64
	    ",\"p99\":%" PRIu64 ",\"max\":%" PRIu64 ",\"disorder\":%" PRIu64
	    "},\"fields\":[",
	    h->count, histogram_at(h, 0.5), histogram_at(h, 0.99), h->max,
	    s->disorder);
	put_fields(out, &s->fields);
	buf_puts(out, "]}");
}

void
meter_json(const struct meter *m, struct buf *out)
{
	const struct meter_stage *order[METER_STAGES];

	meter_sort(m, order);
	buf_printf(out,
	    "{\"events\":%" PRIu64 ",\"out\":%" PRIu64 ",\"without\":%" PRIu64
	    ",\"malformed\":%" PRIu64 ",\"others\":%" PRIu64 ",\"stages\":[",
	    m->events, m->out, m->without, m->malformed, m->others);
	for (size_t i = 0; i < m->n; i++) {
		if (i > 0)
			buf_putc(out, ',');
		put_stage(out, order[i]);
	}
	buf_puts(out, "]}\n");
}
