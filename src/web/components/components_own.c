/* What is Muster's own: bands, cards, the flow, the tile map, live sections. Looks are in
 * web/styles/muster.css; whatever depends on data is a class, because pages carry no inline style. */
#include "web/components/components.h"
#include "web/components/components_parts.h"

static const struct BandLook { const char *band, *text, *classes; } band_looks[] = {
    { "very-high", "Very high", "m-band m-band--very-high" },
    { "high",      "High",      "m-band m-band--high"      },
    { "medium",    "Medium",    "m-band m-band--medium"    },
    { "low",       "Low",       "m-band m-band--low"       },
};

void band(Html *h, const char *name)
{
    FOR_EACH(look, band_looks) {
        if (str_same(look->band, name)) {
            html_leaf(h, EL_STRONG, look->text, ATTR_CLASS, look->classes);
            return;
        }
    }
    html_leaf(h, EL_STRONG, "Not yet banded", ATTR_CLASS, "m-band m-band--none");
}

void late(Html *h, const char *text)
{
    html_leaf(h, EL_STRONG, text, ATTR_CLASS, "m-late");
}

void why(Html *h, const char *text)
{
    html_leaf(h, EL_SPAN, text, ATTR_CLASS, "m-why");
}

void cards(Html *h, const Card *items, size_t count)
{
    static const char *const tones[] = {
        [CARD_PLAIN] = NULL,
        [CARD_CHILD] = "m-card--child",
        [CARD_LATE] = "m-card--late",
        [CARD_OK] = "m-card--ok",
    };
    html_open(h, EL_UL, ATTR_CLASS, "m-top");
    for (size_t i = 0; i < count; i++) {
        html_open(h, EL_LI, ATTR_CLASS, css(h, "m-card", tones[items[i].tone], NULL));
        html_open(h, EL_B);
        html_num(h, items[i].count);
        html_close(h, EL_B);
        html_open(h, EL_SPAN);
        html_text(h, items[i].text);
        if (items[i].href.text) {
            html_lit(h, " ");
            html_link(h, items[i].href, items[i].link ? items[i].link : "See them");
        }
        html_close(h, EL_SPAN);
        html_close(h, EL_LI);
    }
    html_close(h, EL_UL);
}

void flow_steps(Html *h, const FlowStep *items, size_t count)
{
    html_open(h, EL_OL, ATTR_CLASS, "m-flow");
    for (size_t i = 0; i < count; i++) {
        html_open(h, EL_LI);
        html_link(h, items[i].href, items[i].name);
        html_open(h, EL_B);
        html_num(h, items[i].count);
        html_close(h, EL_B);
        if (filled(items[i].note))
            html_leaf(h, EL_EM, items[i].note);
        html_close(h, EL_LI);
    }
    html_close(h, EL_OL);
}

/* ---- tile map ---- */

static int heat_of(int64_t count, int64_t most)
{
    if (count <= 0 || most <= 0)
        return 0;
    int step = (int)((double)count * 9.0 / (double)most + 0.5);
    return step < 1 ? 1 : step;                       /* something is never drawn as nothing */
}

static void tile(Html *h, const Tile *t, int64_t most)
{
    const char *classes =
        str_fmt(h->mem, "m-tile heat-%d%s", heat_of(t->count, most), t->late ? " m-tile--late" : "");
    HtmlEl el = t->href.text ? EL_A : EL_SPAN;
    html_open(h, EL_LI, ATTR_CLASS, str_fmt(h->mem, "tile-r%d tile-c%d", t->row, t->column));
    if (t->href.text)
        html_open(h, EL_A, ATTR_CLASS, classes, ATTR_HREF, t->href, ATTR_TITLE, t->title);
    else
        html_open(h, EL_SPAN, ATTR_CLASS, classes, ATTR_TITLE, t->title);
    html_leaf(h, EL_SPAN, t->name, ATTR_CLASS, "m-tile__name");
    html_lit(h, " ");
    html_open(h, EL_B);
    html_num(h, t->count);
    html_close(h, EL_B);
    if (t->late) {
        html_lit(h, " ");
        html_open(h, EL_I);
        html_num(h, t->late);
        html_lit(h, " late");
        html_close(h, EL_I);
    }
    html_close(h, el);
    html_close(h, EL_LI);
}

void tile_map(Html *h, const char *id, const Tile *items, size_t count)
{
    int64_t most = 0;
    for (size_t i = 0; i < count; i++)
        most = items[i].count > most ? items[i].count : most;
    html_open(h, EL_UL, ATTR_CLASS, "m-map", ATTR_ID, id);
    for (size_t i = 0; i < count; i++)
        tile(h, &items[i], most);
    html_close(h, EL_UL);
}

/* ---- layout ---- */

void two_open(Html *h)
{
    html_open(h, EL_DIV, ATTR_CLASS, "m-two");
    html_open(h, EL_DIV);
}

void two_next(Html *h)
{
    html_close(h, EL_DIV);
    html_open(h, EL_DIV);
}

void two_close(Html *h)
{
    html_close(h, EL_DIV);
    html_close(h, EL_DIV);
}

void live_open(Html *h, const char *id, Url path)
{
    html_open(h, EL_SECTION, ATTR_ID, id, ATTR_CLASS, "m-live", ATTR_DATA_LIVE, path);
}

void live_close(Html *h)
{
    html_close(h, EL_SECTION);
}

void progress_bar(Html *h, const char *label_text, int64_t done, int64_t of)
{
    html_open(h, EL_P, ATTR_CLASS, "m-progress");
    html_open(h, EL_LABEL);
    html_text(h, label_text);
    html_lit(h, " ");
    html_leaf(h, EL_PROGRESS, NULL, ATTR_MAX, of > 0 ? of : 1, ATTR_VALUE, done);
    html_close(h, EL_LABEL);
    html_lit(h, " ");
    html_open(h, EL_SPAN, ATTR_CLASS, "m-why");
    html_num(h, done);
    html_lit(h, " of ");
    html_num(h, of);
    html_close(h, EL_SPAN);
    html_close(h, EL_P);
}

void copy_reference(Html *h, const char *reference)
{
    html_leaf(h, EL_SPAN, reference, ATTR_CLASS, "m-reference", ATTR_DATA_COPY, reference);
}

void empty_note(Html *h, const char *text)
{
    html_leaf(h, EL_P, text, ATTR_CLASS, "govuk-body m-empty");
}
