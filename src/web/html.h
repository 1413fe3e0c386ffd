/* html.h: pages built so that nothing a person typed can become markup.
 *
 * Text and attribute values are always escaped; elements and attributes come from tables that hold no script,
 * no style and no event handler; an address attribute takes only a `Url`, and a `Url` comes only from the
 * url_* functions. Nesting is asserted. What a page looks like belongs to components.h.
 *
 *   html_open(h, EL_TD, ATTR_CLASS, "reference");
 *   html_link(h, url_of(h->mem, "/packages/", p->ref), p->ref);
 *   html_close(h, EL_TD);
 *
 * Attribute values may be text (NULL leaves the attribute out), a Url, whole numbers, or a double (two
 * decimals at most, for drawings). Yes-or-no attributes (checked, disabled, open ...) take a bool. */
#pragma once
#include "base/str.h"

/* C name, name on the wire, 1 = void (never closed). Sorted. */
#define HTML_ELEMENTS(ROW) \
    ROW(A, "a", 0) ROW(ABBR, "abbr", 0) ROW(ARTICLE, "article", 0) ROW(ASIDE, "aside", 0) ROW(B, "b", 0) \
    ROW(BODY, "body", 0) ROW(BR, "br", 1) ROW(BUTTON, "button", 0) ROW(CAPTION, "caption", 0) \
    ROW(CIRCLE, "circle", 0) ROW(CODE, "code", 0) ROW(COL, "col", 1) ROW(COLGROUP, "colgroup", 0) \
    ROW(DD, "dd", 0) ROW(DEL, "del", 0) ROW(DESC, "desc", 0) ROW(DETAILS, "details", 0) ROW(DIV, "div", 0) \
    ROW(DL, "dl", 0) ROW(DT, "dt", 0) ROW(EM, "em", 0) ROW(FIELDSET, "fieldset", 0) \
    ROW(FIGCAPTION, "figcaption", 0) ROW(FIGURE, "figure", 0) ROW(FOOTER, "footer", 0) \
    ROW(FORM, "form", 0) ROW(G, "g", 0) ROW(H1, "h1", 0) ROW(H2, "h2", 0) ROW(H3, "h3", 0) \
    ROW(H4, "h4", 0) ROW(H5, "h5", 0) ROW(H6, "h6", 0) ROW(HEAD, "head", 0) ROW(HEADER, "header", 0) \
    ROW(HR, "hr", 1) ROW(HTML, "html", 0) ROW(I, "i", 0) ROW(IMG, "img", 1) ROW(INPUT, "input", 1) \
    ROW(INS, "ins", 0) ROW(LABEL, "label", 0) ROW(LEGEND, "legend", 0) ROW(LI, "li", 0) \
    ROW(LINE, "line", 0) ROW(LINK, "link", 1) ROW(MAIN, "main", 0) ROW(MARK, "mark", 0) \
    ROW(META, "meta", 1) ROW(METER, "meter", 0) ROW(NAV, "nav", 0) ROW(OL, "ol", 0) \
    ROW(OPTGROUP, "optgroup", 0) ROW(OPTION, "option", 0) ROW(P, "p", 0) ROW(PATH, "path", 0) \
    ROW(POLYGON, "polygon", 0) ROW(POLYLINE, "polyline", 0) ROW(PRE, "pre", 0) \
    ROW(PROGRESS, "progress", 0) ROW(RECT, "rect", 0) ROW(SCRIPT, "script", 0) ROW(SEARCH, "search", 0) \
    ROW(SECTION, "section", 0) ROW(SELECT, "select", 0) ROW(SMALL, "small", 0) ROW(SPAN, "span", 0) \
    ROW(STRONG, "strong", 0) ROW(SUMMARY, "summary", 0) ROW(SVG, "svg", 0) ROW(TABLE, "table", 0) \
    ROW(TBODY, "tbody", 0) ROW(TD, "td", 0) ROW(TEXT, "text", 0) ROW(TEXTAREA, "textarea", 0) \
    ROW(TFOOT, "tfoot", 0) ROW(TH, "th", 0) ROW(THEAD, "thead", 0) ROW(TIME, "time", 0) \
    ROW(TITLE, "title", 0) ROW(TR, "tr", 0) ROW(TSPAN, "tspan", 0) ROW(UL, "ul", 0)

/* What an attribute holds. */
typedef enum AttrKind { ATTR_KIND_TEXT, ATTR_KIND_URL, ATTR_KIND_FLAG } AttrKind;
#define HTML_ATTRS(ROW) \
    ROW(ACCEPT, "accept", TEXT) ROW(ACTION, "action", URL) ROW(ALT, "alt", TEXT) \
    ROW(ARIA_CONTROLS, "aria-controls", TEXT) ROW(ARIA_CURRENT, "aria-current", TEXT) \
    ROW(ARIA_DESCRIBEDBY, "aria-describedby", TEXT) ROW(ARIA_DISABLED, "aria-disabled", TEXT) \
    ROW(ARIA_EXPANDED, "aria-expanded", TEXT) ROW(ARIA_HIDDEN, "aria-hidden", TEXT) \
    ROW(ARIA_LABEL, "aria-label", TEXT) ROW(ARIA_LABELLEDBY, "aria-labelledby", TEXT) \
    ROW(ARIA_LIVE, "aria-live", TEXT) ROW(ARIA_SORT, "aria-sort", TEXT) \
    ROW(AUTOCAPITALIZE, "autocapitalize", TEXT) ROW(AUTOCOMPLETE, "autocomplete", TEXT) \
    ROW(CHARSET, "charset", TEXT) ROW(CHECKED, "checked", FLAG) ROW(CLASS, "class", TEXT) \
    ROW(CLIP_RULE, "clip-rule", TEXT) ROW(COLS, "cols", TEXT) ROW(COLSPAN, "colspan", TEXT) \
    ROW(CONTENT, "content", TEXT) ROW(CX, "cx", TEXT) ROW(CY, "cy", TEXT) ROW(D, "d", TEXT) \
    ROW(DATA_ARIA_CONTROLS, "data-aria-controls", TEXT) ROW(DATA_BEHAVIOUR, "data-behaviour", TEXT) \
    ROW(DATA_CHART, "data-chart", TEXT) ROW(DATA_COPY, "data-copy", TEXT) \
    ROW(DATA_COUNT_TYPE, "data-count-type", TEXT) \
    ROW(DATA_DISABLE_AUTO_FOCUS, "data-disable-auto-focus", TEXT) \
    ROW(DATA_DISMISS_TEXT, "data-dismiss-text", TEXT) ROW(DATA_DISMISSIBLE, "data-dismissible", TEXT) \
    ROW(DATA_GRAPH, "data-graph", URL) ROW(DATA_KIND, "data-kind", TEXT) ROW(DATA_LIVE, "data-live", URL) \
    ROW(DATA_MAXLENGTH, "data-maxlength", TEXT) ROW(DATA_MAXWORDS, "data-maxwords", TEXT) \
    ROW(DATA_MODULE, "data-module", TEXT) \
    ROW(DATA_PREVENT_DOUBLE_CLICK, "data-prevent-double-click", TEXT) \
    ROW(DATA_SORT_VALUE, "data-sort-value", TEXT) ROW(DATA_SOURCE, "data-source", URL) \
    ROW(DATA_THRESHOLD, "data-threshold", TEXT) ROW(DATA_VALUE, "data-value", TEXT) \
    ROW(DATETIME, "datetime", TEXT) ROW(DEFER, "defer", FLAG) ROW(DISABLED, "disabled", FLAG) \
    ROW(DOMINANT_BASELINE, "dominant-baseline", TEXT) ROW(DRAGGABLE, "draggable", TEXT) \
    ROW(ENCTYPE, "enctype", TEXT) ROW(FILL, "fill", TEXT) ROW(FILL_RULE, "fill-rule", TEXT) \
    ROW(FOCUSABLE, "focusable", TEXT) ROW(FOR, "for", TEXT) ROW(FORM, "form", TEXT) \
    ROW(FORMACTION, "formaction", URL) ROW(HEIGHT, "height", TEXT) ROW(HIDDEN, "hidden", FLAG) \
    ROW(HREF, "href", URL) ROW(ID, "id", TEXT) ROW(INPUTMODE, "inputmode", TEXT) ROW(LANG, "lang", TEXT) \
    ROW(MAX, "max", TEXT) ROW(MAXLENGTH, "maxlength", TEXT) ROW(METHOD, "method", TEXT) \
    ROW(MIN, "min", TEXT) ROW(MULTIPLE, "multiple", FLAG) ROW(NAME, "name", TEXT) \
    ROW(NOVALIDATE, "novalidate", FLAG) ROW(OPACITY, "opacity", TEXT) ROW(OPEN, "open", FLAG) \
    ROW(PATTERN, "pattern", TEXT) ROW(POINTS, "points", TEXT) \
    ROW(PRESERVEASPECTRATIO, "preserveAspectRatio", TEXT) ROW(R, "r", TEXT) \
    ROW(READONLY, "readonly", FLAG) ROW(REL, "rel", TEXT) ROW(REQUIRED, "required", FLAG) \
    ROW(ROLE, "role", TEXT) ROW(ROWS, "rows", TEXT) ROW(ROWSPAN, "rowspan", TEXT) ROW(RX, "rx", TEXT) \
    ROW(SCOPE, "scope", TEXT) ROW(SELECTED, "selected", FLAG) ROW(SIZES, "sizes", TEXT) \
    ROW(SPELLCHECK, "spellcheck", TEXT) ROW(SRC, "src", URL) ROW(STEP, "step", TEXT) \
    ROW(STROKE, "stroke", TEXT) ROW(STROKE_DASHARRAY, "stroke-dasharray", TEXT) \
    ROW(STROKE_WIDTH, "stroke-width", TEXT) ROW(TABINDEX, "tabindex", TEXT) \
    ROW(TEXT_ANCHOR, "text-anchor", TEXT) ROW(TITLE, "title", TEXT) ROW(TRANSFORM, "transform", TEXT) \
    ROW(TYPE, "type", TEXT) ROW(VALUE, "value", TEXT) ROW(VIEWBOX, "viewBox", TEXT) \
    ROW(WIDTH, "width", TEXT) ROW(X, "x", TEXT) ROW(X1, "x1", TEXT) ROW(X2, "x2", TEXT) \
    ROW(XMLNS, "xmlns", TEXT) ROW(Y, "y", TEXT) ROW(Y1, "y1", TEXT) ROW(Y2, "y2", TEXT)

#define HTML_AS_ENUM(name, text, kind) EL_##name,
typedef enum HtmlEl { EL_NONE, HTML_ELEMENTS(HTML_AS_ENUM) EL__COUNT } HtmlEl;
#undef HTML_AS_ENUM
#define HTML_AS_ENUM(name, text, kind) ATTR_##name,
typedef enum HtmlAttr { ATTR_END, HTML_ATTRS(HTML_AS_ENUM) ATTR__COUNT } HtmlAttr;
#undef HTML_AS_ENUM

/* ---- addresses: only url_* functions make one; {0} means none, and leaves its attribute out ---- */
typedef struct Url { const char *text; } Url;
/* The path is a literal; each `*` in it takes the next segment, further segments are added at the end with
 * "/" as needed. Segments are percent-encoded whole, so one can never add a slash, a query or a scheme. */
#define url_of(mem, path, ...)      url_of_((mem), "" path "", ##__VA_ARGS__, (const char *)NULL)
#define url_lit(path)               ((Url){ "" path "" })
/* Adds name=value pairs; a NULL value leaves its pair out. Keeps a fragment at the end. */
#define url_query(mem, url, ...)    url_query_((mem), (url), __VA_ARGS__, (const char *)NULL)
Url url_anchor(Arena *mem, const char *id);               /* "#id" */
Url url_fragment(Arena *mem, Url url, const char *id);    /* "/path#id" */
/* A path someone sent us (where to go after signing in): anything but a plain local path becomes "/". */
Url url_local(Arena *mem, const char *text);
static inline const char *url_text(Url url) { return url.text; }
Url url_of_(Arena *mem, const char *path, ...) __attribute__((sentinel));
Url url_query_(Arena *mem, Url url, ...) __attribute__((sentinel));

/* ---- the builder ---- */
enum { HTML_DEPTH = 64 };
typedef struct Html {
    Arena      *mem;
    StrBuf      out;
    const char *csrf;                       /* form_open writes it; set by page_begin or the caller */
    size_t      depth;
    uint8_t     open[HTML_DEPTH];           /* HtmlEl of each element not yet closed */
} Html;
Html        html_new(Arena *mem);
const char *html_done(Html *h, size_t *len); /* asserts that everything is closed; len may be NULL */

#define html_open(h, ...)           html_open_((h), HTML_ARGS(__VA_ARGS__))
/* Opens, writes the text and closes: html_leaf(h, EL_TH, "Force", ATTR_SCOPE, "col"). NULL text gives an
 * empty one. */
#define html_leaf(h, el, text, ...) html_leaf_((h), (text), HTML_ARGS(el __VA_OPT__(,) __VA_ARGS__))
#define html_lit(h, literal)        buf_add_n(&(h)->out, "" literal "", sizeof(literal) - 1)
void html_close(Html *h, HtmlEl el);       /* asserts that `el` is the innermost open element */
void html_text(Html *h, const char *text); /* escaped; bad UTF-8 and control characters replaced */
void html_text_n(Html *h, const char *at, size_t len);
void html_lines(Html *h, const char *text);               /* as text, each newline also a <br> */
void html_fmt(Html *h, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void html_num(Html *h, int64_t n);                        /* 9,412 */
void html_link(Html *h, Url url, const char *text);       /* class govuk-link; no address gives plain text */
void html_p(Html *h, const char *text);                   /* class govuk-body */

/* A piece of page drawn by a caller, for components that take more than plain text. {0} is none. */
typedef struct Draw { void (*draw)(Html *h, const void *ctx); const void *ctx; } Draw;
void html_draw(Html *h, Draw piece);
void html_text_or(Html *h, const char *text, Draw piece); /* the piece if there is one, else the text */

/* ---- how html_open sees its arguments; nothing below is for callers ---- */
typedef struct HtmlArg {
    enum { HTML_ARG_TEXT, HTML_ARG_URL, HTML_ARG_INT, HTML_ARG_REAL } kind;
    union { const char *text; int64_t n; double real; };
} HtmlArg;
static inline HtmlArg html_arg_text(const char *text) { return (HtmlArg){ HTML_ARG_TEXT, { .text = text } }; }
static inline HtmlArg html_arg_void(const void *none)  { return html_arg_text(none); }
static inline HtmlArg html_arg_url(Url url) { return (HtmlArg){ HTML_ARG_URL, { .text = url.text } }; }
static inline HtmlArg html_arg_int(int64_t n)          { return (HtmlArg){ HTML_ARG_INT, { .n = n } }; }
static inline HtmlArg html_arg_size(uint64_t n) { return (HtmlArg){ HTML_ARG_INT, { .n = (int64_t)n } }; }
static inline HtmlArg html_arg_real(double real) { return (HtmlArg){ HTML_ARG_REAL, { .real = real } }; }
#define HTML_ARG(x)                                                                                      \
    _Generic((x), Url: html_arg_url, char *: html_arg_text, const char *: html_arg_text,                 \
             void *: html_arg_void, const void *: html_arg_void, bool: html_arg_int,                     \
             signed char: html_arg_int, unsigned char: html_arg_int, short: html_arg_int,                \
             unsigned short: html_arg_int, int: html_arg_int, unsigned: html_arg_int, long: html_arg_int, \
             unsigned long: html_arg_size, long long: html_arg_int, unsigned long long: html_arg_size,   \
             float: html_arg_real, double: html_arg_real)(x),
#define HTML_ARGS(...) (const HtmlArg[]){ HTML_E3(HTML_MAP(__VA_ARGS__)) HTML_ARG(ATTR_END) }
#define HTML_MAP(a, ...) HTML_ARG(a) __VA_OPT__(HTML_AGAIN HTML_PAREN (__VA_ARGS__))
#define HTML_AGAIN() HTML_MAP
#define HTML_PAREN ()
#define HTML_E3(...) HTML_E2(HTML_E2(HTML_E2(HTML_E2(__VA_ARGS__))))
#define HTML_E2(...) HTML_E1(HTML_E1(HTML_E1(HTML_E1(__VA_ARGS__))))
#define HTML_E1(...) HTML_E0(HTML_E0(HTML_E0(HTML_E0(__VA_ARGS__))))
#define HTML_E0(...) __VA_ARGS__
void html_open_(Html *h, const HtmlArg *args); /* args[0] is the element; pairs follow; ATTR_END ends */
void html_leaf_(Html *h, const char *text, const HtmlArg *args);
