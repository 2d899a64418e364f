/*
 * Builtins over numbers: the C library's, each by its name.
 */
#include <math.h>

#include "lang/builtins/builtins.h"
#include "lang/run/eval.h"
#include "value/array.h"
#include "value/number.h"

static bool
number_of(struct machine *m, struct value v, double *d)
{
	*d = 0;
	if (!value_is_number(v))
		return machine_fail(m, "%s (%s) number required", value_type(v),
		    machine_show(m, v));
	*d = value_to_double(v);
	return true;
}

#define ONE(name)                                                              \
	static bool fn_##name(struct machine *m, struct value in,              \
	    const struct value *args, struct value *out)                       \
	{                                                                      \
		double x;                                                      \
                                                                               \
		(void)args;                                                    \
		if (!number_of(m, in, &x))                                     \
			return false;                                          \
		*out = value_double(name(x));                                  \
		return true;                                                   \
	}

#define TWO(name)                                                              \
	static bool fn_##name(struct machine *m, struct value in,              \
	    const struct value *args, struct value *out)                       \
	{                                                                      \
		double x, y;                                                   \
                                                                               \
		(void)in;                                                      \
		if (!number_of(m, args[0], &x) || !number_of(m, args[1], &y))  \
			return false;                                          \
		*out = value_double(name(x, y));                               \
		return true;                                                   \
	}

/* What the C library has under another name, or with another type. */
static double
gamma_of(double x)
{
	return lgamma(x);
}

static double
significand_of(double x)
{
	int e;

	if (x == 0 || isinf(x) || isnan(x))
		return x;
	return frexp(x, &e) * 2;
}

static double
ldexp_of(double x, double e)
{
	return ldexp(x, e > 100000 ? 100000 : e < -100000 ? -100000 : (int)e);
}

static double
jn_of(double n, double x)
{
	return jn((int)n, x);
}

static double
yn_of(double n, double x)
{
	return yn((int)n, x);
}

static double
nexttoward_of(double x, double y)
{
	return nexttoward(x, (long double)y);
}

/* clang-format takes the lines below for one statement. */
/* clang-format off */
ONE(acos) ONE(acosh) ONE(asin) ONE(asinh) ONE(atan) ONE(atanh) ONE(cbrt)
ONE(ceil) ONE(cos) ONE(cosh) ONE(erf) ONE(erfc) ONE(exp) ONE(exp10) ONE(exp2)
ONE(expm1) ONE(fabs) ONE(gamma_of) ONE(j0) ONE(j1) ONE(lgamma) ONE(log)
ONE(log10) ONE(log1p) ONE(log2) ONE(logb) ONE(nearbyint) ONE(rint) ONE(round)
ONE(significand_of) ONE(sin) ONE(sinh) ONE(sqrt) ONE(tan) ONE(tanh)
ONE(tgamma) ONE(trunc) ONE(y0) ONE(y1) TWO(atan2) TWO(copysign) TWO(drem)
TWO(fdim) TWO(fmax) TWO(fmin) TWO(fmod) TWO(hypot) TWO(jn_of) TWO(ldexp_of)
TWO(nextafter) TWO(nexttoward_of) TWO(pow) TWO(remainder) TWO(yn_of)
struct machine; /* ends the statement, for clang-format */
/* clang-format on */

static bool
fn_floor(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	double x;

	(void)args;
	if (!number_of(m, in, &x))
		return false;
	in = value_number(in);
	*out = in.kind == VALUE_INT ? in : value_double(floor(x));
	return true;
}

static bool
fn_fma(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	double x, y, z;

	(void)in;
	if (!number_of(m, args[0], &x) || !number_of(m, args[1], &y) ||
	    !number_of(m, args[2], &z))
		return false;
	*out = value_double(fma(x, y, z));
	return true;
}

static struct value
pair(struct machine *m, double x, double y)
{
	struct value v = array_new(m->arena, 2);

	v = array_push(m->arena, v, value_double(x));
	return array_push(m->arena, v, value_double(y));
}

static bool
fn_frexp(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	double x;
	int e = 0;

	(void)args;
	if (!number_of(m, in, &x))
		return false;
	x = frexp(x, &e);
	*out = pair(m, x, isfinite(x) ? e : 0);
	return true;
}

static bool
fn_modf(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	double x, whole;

	(void)args;
	if (!number_of(m, in, &x))
		return false;
	x = modf(x, &whole);
	*out = pair(m, x, whole);
	return true;
}

static bool
fn_lgamma_r(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	double x;
	int sign = 0;

	(void)args;
	if (!number_of(m, in, &x))
		return false;
	x = lgamma_r(x, &sign);
	*out = pair(m, x, sign);
	return true;
}

static bool
fn_infinite(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)m;
	(void)in;
	(void)args;
	*out = value_double(INFINITY);
	return true;
}

static bool
fn_nan(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)m;
	(void)in;
	(void)args;
	*out = value_double(NAN);
	return true;
}

static bool
fn_isinfinite(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)m;
	(void)args;
	*out = value_bool(value_is_number(in) && isinf(value_to_double(in)));
	return true;
}

static bool
fn_isnan(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)m;
	(void)args;
	*out = value_bool(value_is_number(in) && isnan(value_to_double(in)));
	return true;
}

static bool
fn_isnormal(struct machine *m, struct value in, const struct value *args,
    struct value *out)
{
	(void)m;
	(void)args;
	*out = value_bool(value_is_number(in) && isnormal(value_to_double(in)));
	return true;
}

#define ENTRY(n)                                                               \
	{                                                                      \
#n, 0, fn_##n                                                  \
	}
#define ENTRY2(n)                                                              \
	{                                                                      \
#n, 2, fn_##n                                                  \
	}

const struct builtin BUILTINS_MATH[] = {
    ENTRY(acos),
    ENTRY(acosh),
    ENTRY(asin),
    ENTRY(asinh),
    ENTRY(atan),
    ENTRY(atanh),
    ENTRY(cbrt),
    ENTRY(ceil),
    ENTRY(cos),
    ENTRY(cosh),
    ENTRY(erf),
    ENTRY(erfc),
    ENTRY(exp),
    ENTRY(exp10),
    ENTRY(exp2),
    ENTRY(expm1),
    ENTRY(fabs),
    ENTRY(floor),
    ENTRY(j0),
    ENTRY(j1),
    ENTRY(lgamma),
    ENTRY(log),
    ENTRY(log10),
    ENTRY(log1p),
    ENTRY(log2),
    ENTRY(logb),
    ENTRY(nearbyint),
    ENTRY(rint),
    ENTRY(round),
    ENTRY(sin),
    ENTRY(sinh),
    ENTRY(sqrt),
    ENTRY(tan),
    ENTRY(tanh),
    ENTRY(tgamma),
    ENTRY(trunc),
    ENTRY(y0),
    ENTRY(y1),
    ENTRY(frexp),
    ENTRY(modf),
    ENTRY(lgamma_r),
    ENTRY(infinite),
    ENTRY(nan),
    ENTRY(isinfinite),
    ENTRY(isnan),
    ENTRY(isnormal),
    {"gamma", 0, fn_gamma_of},
    {"pow10", 0, fn_exp10},
    {"significand", 0, fn_significand_of},
    ENTRY2(atan2),
    ENTRY2(copysign),
    ENTRY2(drem),
    ENTRY2(fdim),
    ENTRY2(fmax),
    ENTRY2(fmin),
    ENTRY2(fmod),
    ENTRY2(hypot),
    ENTRY2(nextafter),
    ENTRY2(pow),
    ENTRY2(remainder),
    {"jn", 2, fn_jn_of},
    {"yn", 2, fn_yn_of},
    {"ldexp", 2, fn_ldexp_of},
    {"scalb", 2, fn_ldexp_of},
    {"scalbln", 2, fn_ldexp_of},
    {"nexttoward", 2, fn_nexttoward_of},
    {"fma", 3, fn_fma},
    {NULL, 0, NULL},
};
