/*
 * svg_parts - what the files of graph_svg() share, and nobody else sees.
 *
 * "Along" is the way that events go, "across" is across it; which of them is
 * x and which is y is for svg_shape.c alone.
 */
#ifndef RENDER_SVG_PARTS_H
#define RENDER_SVG_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "history/ending.h"
#include "render/graph.h"
#include "render/sankey.h"

enum {
	SVG_EDGE = 24,        /* pixels around all */
	SVG_LOSSES = ENDINGS, /* ways to get lost, and missing */
};

/* Lengths of the two directions, in pixels. */
struct svg_lengths {
	int step;   /* from pole to pole */
	int band;   /* of the most events, across */
	int label;  /* across, before the band: what a stage is */
	int behind; /* across, behind it: what is lost */
	int text;   /* room for a line of a label */
	int table;  /* across, before the label: for a table */
};

struct svg_picture {
	struct sankey flow;
	const struct graph *g;
	struct buf *out;
	bool down; /* from top to bottom */
	struct svg_lengths is;
	double start;  /* along: of the first pole */
	double before; /* across: above the labels of the first lane */
	double out_at[METER_STAGES]; /* of its band, taken so far */
	double width, height;
};

/* What a stage lost in one way. */
struct svg_loss {
	const char *class, *words;
	uint64_t n;
	const char *file; /* that holds it, or why none does; or NULL */
	bool more;        /* than one file does */
};

/* Where a band lies: the edge of it that is nearer to the labels. */
struct svg_ends {
	double u1, v1, u2, v2; /* along and across, of both ends */
};

/* --- svg_shape.c: places, and what is drawn there --- */

/* Along: where a stage's pole stands, and where all ends. */
double svg_along(const struct svg_picture *p, uint16_t stage);
double svg_along_end(const struct svg_picture *p);

/* Across: where the bands of a lane begin, and of a stage's lane. */
double svg_lane_at(const struct svg_picture *p, int lane);
double svg_across(const struct svg_picture *p, uint16_t stage);

/* How wide the band of so many events is. */
double svg_width_of(const struct svg_picture *p, uint64_t n);

/* A letter of a path, and a point; a curve of three points. */
void svg_point(
    const struct svg_picture *p, const char *letter, double u, double v);
void svg_curve(const struct svg_picture *p, const double c[6]);

/* A straight line. */
void svg_segment(const struct svg_picture *p, const char *class, double u1,
    double v1, double u2, double v2);

/* A band between two points; where it changes its lane, as late as it can. */
void svg_put_band(const struct svg_picture *p, const char *class,
    struct svg_ends e, double w);

/* What leaves the band at its far edge: a bend of width w up to v2. */
void svg_put_bend(const struct svg_picture *p, const char *class, double u,
    double v, double w, double inner, double v2);

/* The start tag of a text, here by x and y. */
void svg_start_text(
    const struct svg_picture *p, const char *class, double x, double y);

/* --- svg_stage.c: a stage --- */

/* Its pole, what it is and what it did, and the table that it reads. */
void svg_put_stage(const struct svg_picture *p, uint16_t stage);

/* What was lost there: how many ways there are, and their picture. */
size_t svg_list_losses(
    const struct svg_picture *p, uint16_t stage, struct svg_loss l[SVG_LOSSES]);
void svg_put_losses(const struct svg_picture *p, uint16_t stage);

/* --- svg_flow.c: between the stages --- */

/* All bands from stage to stage, in the order in which they lie. */
void svg_put_arrows(struct svg_picture *p);

/* How long an arrow's events took, where it is that of neighbours. */
void svg_put_time(const struct svg_picture *p, const struct graph_arrow *w);

/* Where the events come from, and where they went out. */
void svg_put_sources(struct svg_picture *p);
void svg_put_end(const struct svg_picture *p);

#endif
