/* Small drawings, made on the server so that they work and print without scripts. Colours are classes. */
#include "web/components/components.h"
#include "web/components/components_parts.h"

enum { DRAW_WIDTH = 640, ROW_HEIGHT = 31, BAR_HEIGHT = 18, LABEL_WIDTH = 330 };

/* Browsers hide what is inside an image from screen readers, so one that holds links is a group instead. */
static void drawing_as(Html *h, const char *role, const char *label_text, int width, int height)
{
    html_open(h, EL_SVG, ATTR_CLASS, "m-drawing", ATTR_VIEWBOX, str_fmt(h->mem, "0 0 %d %d", width, height),
              ATTR_ROLE, role, ATTR_ARIA_LABEL, label_text, ATTR_FOCUSABLE, "false");
}

void drawing_open(Html *h, const char *label_text, int width, int height)
{
    drawing_as(h, "img", label_text, width, height);
}

void drawing_close(Html *h)
{
    html_close(h, EL_SVG);
}

static double clamped(double at)
{
    return at < 0 ? 0 : at > 1 ? 1 : at;
}

static const char *tone_class(Html *h, int tone)
{
    return str_fmt(h->mem, "tone-%d", tone < 0 || tone > 4 ? 0 : tone);
}

static void put_text(Html *h, double x, double y, const char *text, const char *classes)
{
    html_leaf(h, EL_TEXT, text, ATTR_X, x, ATTR_Y, y, ATTR_CLASS, classes);
}

static void put_title(Html *h, const char *title)
{
    if (title)
        html_leaf(h, EL_TITLE, title);
}

/* ---- lanes ---- */

static void lane(Html *h, const Lane *o, int y)
{
    put_text(h, 0, y + 14, o->name, "m-drawing__small");
    for (size_t i = 0; i < o->span_count; i++) {
        double from = clamped(o->spans[i].from), to = clamped(o->spans[i].to);
        double wide = (to - from) * (DRAW_WIDTH - 16);
        html_open(h, EL_RECT, ATTR_X, 8 + from * (DRAW_WIDTH - 16), ATTR_Y, y + 22, ATTR_WIDTH,
                  wide < 2 ? 2 : wide, ATTR_HEIGHT, 12, ATTR_CLASS, tone_class(h, o->spans[i].tone));
        put_title(h, o->spans[i].title);
        html_close(h, EL_RECT);
    }
    for (size_t i = 0; i < o->mark_count; i++) {
        html_open(h, EL_CIRCLE, ATTR_CX, 8 + clamped(o->marks[i].at) * (DRAW_WIDTH - 16), ATTR_CY, y + 28,
                  ATTR_R, 6, ATTR_CLASS, tone_class(h, o->marks[i].tone));
        put_title(h, o->marks[i].title);
        html_close(h, EL_CIRCLE);
    }
}

void lanes(Html *h, const char *label_text, const Lane *items, size_t count)
{
    int height = (int)count * 46 + 8;
    drawing_open(h, label_text, DRAW_WIDTH, height);
    for (size_t i = 0; i < count; i++)
        lane(h, &items[i], (int)i * 46);
    html_leaf(h, EL_LINE, NULL, ATTR_X1, 0, ATTR_X2, DRAW_WIDTH, ATTR_Y1, height - 4, ATTR_Y2, height - 4,
              ATTR_CLASS, "m-drawing__axis");
    drawing_close(h);
}

/* ---- waterfall: each weight starts where the one before it ended ---- */

static void weight_extent(const Weight *items, size_t count, double *least, double *most)
{
    double sum = 0;
    *least = *most = 0;
    for (size_t i = 0; i < count; i++) {
        sum += items[i].bits;
        *least = sum < *least ? sum : *least;
        *most  = sum > *most ? sum : *most;
    }
}

static const char *weight_class(size_t i, double bits)
{
    if (i == 0 || (bits > -0.05 && bits < 0.05))      /* the starting point, and blanks, argue neither way */
        return "weight-none";
    return bits > 0 ? "weight-for" : "weight-against";
}

void waterfall(Html *h, const char *label_text, const Weight *items, size_t count, const char *total)
{
    double least, most, sum = 0;
    weight_extent(items, count, &least, &most);
    double room = DRAW_WIDTH - LABEL_WIDTH - 60, scale = most > least ? room / (most - least) : 1;
    int height = (int)count * ROW_HEIGHT + 28;
    drawing_open(h, label_text, DRAW_WIDTH, height);
    for (size_t i = 0; i < count; i++) {
        double from = items[i].bits < 0 ? sum + items[i].bits : sum;
        double wide = (items[i].bits < 0 ? -items[i].bits : items[i].bits) * scale;
        double x = LABEL_WIDTH + (from - least) * scale, y = (double)i * ROW_HEIGHT;
        put_text(h, 0, y + 18, items[i].name, NULL);
        html_leaf(h, EL_RECT, NULL, ATTR_X, x, ATTR_Y, y + 4, ATTR_WIDTH, wide < 2 ? 2 : wide, ATTR_HEIGHT,
                  BAR_HEIGHT, ATTR_CLASS, weight_class(i, items[i].bits));
        put_text(h, x + (wide < 2 ? 2 : wide) + 6, y + 18, str_fmt(h->mem, "%+.1f", items[i].bits), NULL);
        sum += items[i].bits;
    }
    double zero = LABEL_WIDTH - least * scale;
    html_leaf(h, EL_LINE, NULL, ATTR_X1, zero, ATTR_X2, zero, ATTR_Y1, 4, ATTR_Y2, height - 28,
              ATTR_CLASS, "m-drawing__zero");
    put_text(h, 0, height - 6, "Total weight", "m-drawing__total");
    put_text(h, LABEL_WIDTH, height - 6, total, "m-drawing__total");
    drawing_close(h);
}

/* ---- sparkline, bars ---- */

void sparkline(Html *h, const char *label_text, const double *values, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = values[i] > most ? values[i] : most;
    StrBuf points = { .mem = h->mem };
    for (size_t i = 0; i < count; i++)
        buf_fmt(&points, "%s%.1f,%.1f", i ? " " : "",
                count > 1 ? 2 + (double)i * 116 / (double)(count - 1) : 60,
                most > 0 ? 26 - values[i] * 24 / most : 26);
    html_open(h, EL_SVG, ATTR_CLASS, "m-spark", ATTR_VIEWBOX, "0 0 120 28", ATTR_ROLE, "img",
              ATTR_ARIA_LABEL, label_text, ATTR_FOCUSABLE, "false");
    html_leaf(h, EL_POLYLINE, NULL, ATTR_POINTS, buf_text(&points), ATTR_CLASS, "m-spark__line");
    html_close(h, EL_SVG);
}

void bars(Html *h, const char *label_text, const Bar *items, size_t count)
{
    double most = 0;
    bool   linked = false;
    for (size_t i = 0; i < count; i++) {
        most = items[i].value > most ? items[i].value : most;
        linked = linked || items[i].href.text;
    }
    drawing_as(h, linked ? "group" : "img", label_text, DRAW_WIDTH, (int)count * ROW_HEIGHT);
    for (size_t i = 0; i < count; i++) {
        double y = (double)i * ROW_HEIGHT, wide = most > 0 ? items[i].value * 330 / most : 0;
        if (items[i].href.text)
            html_open(h, EL_A, ATTR_HREF, items[i].href);
        put_text(h, 0, y + 18, items[i].name, NULL);
        html_leaf(h, EL_RECT, NULL, ATTR_X, 230, ATTR_Y, y + 4, ATTR_WIDTH, wide < 2 ? 2 : wide,
                  ATTR_HEIGHT, BAR_HEIGHT, ATTR_CLASS, "tone-0");
        put_text(h, 236 + (wide < 2 ? 2 : wide), y + 18, items[i].shown, NULL);
        if (items[i].href.text)
            html_close(h, EL_A);
    }
    drawing_close(h);
}
