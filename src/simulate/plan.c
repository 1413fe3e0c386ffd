/* plan.c: how many of what, where and when. Published figures are written down as published; what was not
 * published is spread by largest remainder so that the sums stay exact. */
#include "simulate/world.h"
#include <math.h>

enum { SPREAD = -1 };   /* not published for this force */
typedef struct Known { const char *force; int arrests, premises, devices, children, charged; } Known;

static const Known known[] = {
    { "avon-and-somerset",   17, SPREAD, SPREAD, SPREAD, SPREAD }, { "bedfordshire",      14, SPREAD, 250,    9,      1      },
    { "cambridgeshire",       8, SPREAD, SPREAD, SPREAD, 0      }, { "cheshire",          21, SPREAD, SPREAD, SPREAD, 0      },
    { "city-of-london",       2, SPREAD, SPREAD, SPREAD, SPREAD }, { "cleveland",          6, SPREAD, SPREAD, SPREAD, SPREAD },
    { "cumbria",              5, SPREAD, SPREAD, SPREAD, SPREAD }, { "derbyshire",        10, SPREAD, SPREAD, SPREAD, SPREAD },
    { "devon-and-cornwall",  16, SPREAD, SPREAD, SPREAD, SPREAD }, { "dorset",             7, SPREAD, SPREAD, SPREAD, SPREAD },
    { "durham",               6, SPREAD, SPREAD, SPREAD, SPREAD }, { "dyfed-powys",        9, SPREAD, SPREAD, SPREAD, SPREAD },
    { "essex",               17, SPREAD, SPREAD, SPREAD, SPREAD }, { "gloucestershire",    5, SPREAD, SPREAD, SPREAD, SPREAD },
    { "greater-manchester",  30, SPREAD, SPREAD, SPREAD, SPREAD }, { "gwent",              9, SPREAD, SPREAD, SPREAD, SPREAD },
    { "hampshire",           20, SPREAD, SPREAD, SPREAD, SPREAD }, { "hertfordshire",     11, SPREAD, SPREAD, SPREAD, SPREAD },
    { "humberside",          19, SPREAD, SPREAD, SPREAD, SPREAD }, { "kent",              17, SPREAD, SPREAD, SPREAD, SPREAD },
    { "lancashire",          17, SPREAD, SPREAD, SPREAD, SPREAD }, { "leicestershire",     9, SPREAD, SPREAD, SPREAD, 0      },
    { "lincolnshire",        14, 17,     SPREAD, SPREAD, 0      }, { "merseyside",        18, SPREAD, SPREAD, SPREAD, SPREAD },
    { "metropolitan",        72, SPREAD, SPREAD, SPREAD, SPREAD }, { "norfolk",            9, SPREAD, SPREAD, SPREAD, SPREAD },
    { "north-wales",         12, SPREAD, SPREAD, SPREAD, SPREAD }, { "north-yorkshire",   10, SPREAD, SPREAD, SPREAD, SPREAD },
    { "northamptonshire",     7, SPREAD, SPREAD, SPREAD, SPREAD }, { "northern-ireland",   9, SPREAD, SPREAD, SPREAD, SPREAD },
    { "northumbria",         16, SPREAD, SPREAD, SPREAD, SPREAD }, { "nottinghamshire",   11, SPREAD, SPREAD, SPREAD, SPREAD },
    { "scotland",            13, SPREAD, SPREAD, SPREAD, SPREAD }, { "south-wales",       21, SPREAD, SPREAD, SPREAD, SPREAD },
    { "south-yorkshire",     17, SPREAD, SPREAD, SPREAD, SPREAD }, { "staffordshire",     12, SPREAD, SPREAD, SPREAD, SPREAD },
    { "suffolk",              7, SPREAD, SPREAD, SPREAD, SPREAD }, { "surrey",             7, 8,      72,     SPREAD, SPREAD },
    { "sussex",              24, SPREAD, 332,    16,     SPREAD }, { "thames-valley",     22, SPREAD, SPREAD, SPREAD, SPREAD },
    { "warwickshire",         5, SPREAD, SPREAD, SPREAD, SPREAD }, { "west-mercia",       11, SPREAD, SPREAD, SPREAD, SPREAD },
    { "west-midlands",       41, SPREAD, SPREAD, SPREAD, SPREAD }, { "west-yorkshire",    21, SPREAD, SPREAD, SPREAD, 0      },
    { "wiltshire",            6, SPREAD, SPREAD, SPREAD, SPREAD },
};
static const Totals published  = { 660, 833, 9172, 39, 19, 431, 127, 118 };
static const Totals july_2014  = { 660, 833, 9172, 39, 19, 431, 127, 31 };
static const Totals later_2015 = {
    85, 67, 818, 5, 28, 87, 24, 233
}; /* on top: 745, 900, 9,990, 44, 47, 518, 151, 264 */

int scaled(const World *w, double n)
{
    return (int)lround(n * w->options->scale);
}

/* Largest remainder (Hamilton): shares of `total` by weight, summing exactly. Ties go to the earlier force.
 */
static void apportion(int total, const double *weight, size_t n, int *out)
{
    double sum = 0, left[FORCES_MAX];
    int    given = 0;
    for (size_t i = 0; i < n; i++)
        sum += weight[i];
    for (size_t i = 0; i < n; i++) {
        double exact = sum > 0 ? total * weight[i] / sum : 0;
        out[i] = (int)floor(exact + 1e-9);
        left[i] = exact - out[i];
        given += out[i];
    }
    for (; sum > 0 && given < total; given++) {
        size_t best = 0;
        for (size_t i = 1; i < n; i++)
            if (left[i] > left[best] + 1e-12)
                best = i;
        out[best]++;
        left[best] = -1;
    }
}

static const Known *known_of(const char *force)
{
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_same(known[i].force, force))
            return &known[i];
    return NULL;
}

static int known_value(const Known *k, int what)
{
    if (!k)
        return SPREAD;
    switch (what) {
    case T_ARRESTS:  return k->arrests;
    case T_PREMISES: return k->premises;
    case T_DEVICES:  return k->devices;
    case T_CHILDREN: return k->children;
    case T_CHARGED:  return k->charged;
    default:         return SPREAD;
    }
}

/* Equal arrests do not mean equal finds: devices and children vary by force, always alike. */
static double uneven(const char *force, int what)
{
    unsigned h = 7;
    if (what != T_DEVICES && what != T_CHILDREN)
        return 1;
    for (const char *at = force; *at; at++)
        h = h * 31 + (unsigned char)*at + (unsigned)what;
    return 0.7 + (double)(h % 61) / 100;
}

/* One figure at scale 1: the published forces as published, the rest by their arrests. */
static void at_full_scale(const World *w, int what, int total, bool fixed, double *out)
{
    double weight[FORCES_MAX] = { 0 };
    int    rest[FORCES_MAX] = { 0 }, fixed_sum = 0;
    for (size_t i = 0; i < w->force_count; i++) {
        const Known *k = known_of(w->forces[i].short_id);
        int          value = fixed ? known_value(k, what) : SPREAD;
        weight[i] = value == SPREAD && k ? k->arrests * uneven(k->force, what) : 0;
        out[i] = value == SPREAD ? 0 : value;
        fixed_sum += value == SPREAD ? 0 : value;
    }
    apportion(total - fixed_sum, weight, w->force_count, rest);
    for (size_t i = 0; i < w->force_count; i++)
        out[i] += rest[i];
}

static void spread(World *w, Phase *p, int what, int full, int total, bool fixed)
{
    double weight[FORCES_MAX] = { 0 };
    int    out[FORCES_MAX] = { 0 };
    at_full_scale(w, what, full, fixed, weight);
    for (size_t i = 0; i < w->force_count; i++)
        if (what != T_ARRESTS && !p->by_force[i][T_ARRESTS])
            weight[i] = 0;
    apportion(total, weight, w->force_count, out);
    for (size_t i = 0; i < w->force_count; i++)
        p->by_force[i][what] = out[i];
}

static void add_phase(World *w, Date from, Date to, const Totals *full, bool fixed)
{
    Phase *p = &w->phases[w->phase_count++];
    int all[8] = { full->arrests, full->premises, full->devices,   full->registered,
                   full->trust,   full->children, full->immediate, full->charged };
    int    cut[8];
    for (int i = 0; i < 8; i++)
        cut[i] = scaled(w, all[i]);
    if (cut[T_ARRESTS] < 1)
        cut[T_ARRESTS] = 1;
    if (cut[T_CHARGED] > cut[T_ARRESTS] && w->phase_count == 1)
        cut[T_CHARGED] = cut[T_ARRESTS];
    *p = (Phase){ .from = from,
                  .to = to,
                  .totals = { cut[0], cut[1], cut[2], cut[3], cut[4], cut[5], cut[6], cut[7] } };
    static const int order[] = { T_ARRESTS, T_PREMISES, T_DEVICES, T_CHILDREN, T_CHARGED };
    for (size_t i = 0; i < COUNT_OF(order); i++)
        spread(w, p, order[i], all[order[i]], cut[order[i]], fixed);
}

static void add_batch(World *w, Date arrives, bool returns, bool live)
{
    if (w->batch_count < BATCHES_MAX)
        w->batches[w->batch_count++] = (Batch){ arrives, returns, live };
}

static void fortnights(World *w, Date first, Date before, int step)
{
    int n = 0;
    for (Date d = first; d < before; d += step)
        add_batch(w, d, n++ % 2 == 1, false);
}

void plan_make(World *w)
{
    w->modern = str_same(w->options->scenario, "lantern");
    w->name = w->modern ? "Lantern" : "Notarise";
    w->from = w->modern ? date_add_months(w->options->today, -6) : date_of(2014, 2, 3);
    w->to = w->modern ? w->options->today : date_of(2015, 3, 20);
    if (w->modern) {
        add_phase(w, w->from + 35, w->to - 1, &published, true);
        fortnights(w, w->from + 4, w->to - 5, 14);
        for (int back = 2; back >= 0; back--)
            add_batch(w, w->to - back, back != 1, true);
        return;
    }
    Date july = date_of(2014, 7, 16);
    add_phase(w, date_of(2014, 4, 1), july, &july_2014, true);
    add_phase(w, july + 6, w->to - 4, &later_2015, false);
    fortnights(w, w->from + 4, july - 5, 14);
    add_batch(w, july, true, false);
    fortnights(w, july + 14, w->to - 5, 14);
    add_batch(w, w->to, true, true);
}

size_t plan_batch(const World *w, Date d, bool returns)
{
    for (size_t i = 0; i < w->batch_count; i++)
        if (w->batches[i].arrives >= d && (w->batches[i].returns || !returns))
            return i;
    return w->batch_count - 1;
}
