/* html.h: pages built so that nothing a person typed can become markup.
 *
 * Text and attribute values are always escaped; elements and attributes come from tables that hold no script, no
 * style and no event handler; an address attribute takes only a `Url`, and a `Url` comes only from the url_*
 * functions. Nesting is asserted. What a page looks like belongs to components.h.
 *
 *   html_open(h, EL_TD, ATTR_CLASS, "reference");
 *   html_link(h, url_of(h->mem, "/packages/", p->ref), p->ref);
 *   html_close(h, EL_TD);
 *
 * Attribute values may be text (NULL leaves the attribute out), a Url, whole numbers, or a double (two decimals at
 * most, for drawings). Yes-or-no attributes (checked, disabled, open ...) take a bool. */
#pragma once
#include "base/str.h"

/* C name, name on the wire, 1 = void (never closed). Sorted. */
#define HTML_ELEMENTS(X)                                                                                        \
    X(A, "a", 0) X(ABBR, "abbr", 0) X(ARTICLE, "article", 0) X(ASIDE, "aside", 0) X(B, "b", 0) X(BODY, "body", 0)  \
    X(BR, "br", 1) X(BUTTON, "button", 0) X(CAPTION, "caption", 0) X(CIRCLE, "circle", 0) X(CODE, "code", 0)      \
    X(COL, "col", 1) X(COLGROUP, "colgroup", 0) X(DD, "dd", 0) X(DEL, "del", 0) X(DESC, "desc", 0)                \
    X(DETAILS, "details", 0) X(DIV, "div", 0) X(DL, "dl", 0) X(DT, "dt", 0) X(EM, "em", 0)                        \
    X(FIELDSET, "fieldset", 0) X(FIGCAPTION, "figcaption", 0) X(FIGURE, "figure", 0) X(FOOTER, "footer", 0)       \
    X(FORM, "form", 0) X(G, "g", 0) X(H1, "h1", 0) X(H2, "h2", 0) X(H3, "h3", 0) X(H4, "h4", 0) X(H5, "h5", 0)     \
    X(H6, "h6", 0) X(HEAD, "head", 0) X(HEADER, "header", 0) X(HR, "hr", 1) X(HTML, "html", 0) X(I, "i", 0)       \
    X(IMG, "img", 1) X(INPUT, "input", 1) X(INS, "ins", 0) X(LABEL, "label", 0) X(LEGEND, "legend", 0)            \
    X(LI, "li", 0) X(LINE, "line", 0) X(LINK, "link", 1) X(MAIN, "main", 0) X(MARK, "mark", 0)                    \
    X(META, "meta", 1) X(METER, "meter", 0) X(NAV, "nav", 0) X(OL, "ol", 0) X(OPTGROUP, "optgroup", 0)            \
    X(OPTION, "option", 0) X(P, "p", 0) X(PATH, "path", 0) X(POLYGON, "polygon", 0) X(POLYLINE, "polyline", 0)    \
    X(PRE, "pre", 0) X(PROGRESS, "progress", 0) X(RECT, "rect", 0) X(SCRIPT, "script", 0) X(SEARCH, "search", 0)  \
    X(SECTION, "section", 0) X(SELECT, "select", 0) X(SMALL, "small", 0) X(SPAN, "span", 0)                       \
    X(STRONG, "strong", 0) X(SUMMARY, "summary", 0) X(SVG, "svg", 0) X(TABLE, "table", 0) X(TBODY, "tbody", 0)    \
    X(TD, "td", 0) X(TEXT, "text", 0) X(TEXTAREA, "textarea", 0) X(TFOOT, "tfoot", 0) X(TH, "th", 0)              \
    X(THEAD, "thead", 0) X(TIME, "time", 0) X(TITLE, "title", 0) X(TR, "tr", 0) X(TSPAN, "tspan", 0) X(UL, "ul", 0)

/* What an attribute holds. */
typedef enum AttrKind { ATTR_KIND_TEXT, ATTR_KIND_URL, ATTR_KIND_FLAG } AttrKind;
#define HTML_ATTRS(X)                                                                                           \
    X(ACCEPT, "accept", TEXT) X(ACTION, "action", URL) X(ALT, "alt", TEXT)                                        \
    X(ARIA_CONTROLS, "aria-controls", TEXT) X(ARIA_CURRENT, "aria-current", TEXT)                                 \
    X(ARIA_DESCRIBEDBY, "aria-describedby", TEXT) X(ARIA_DISABLED, "aria-disabled", TEXT)                         \
    X(ARIA_EXPANDED, "aria-expanded", TEXT) X(ARIA_HIDDEN, "aria-hidden", TEXT) X(ARIA_LABEL, "aria-label", TEXT) \
    X(ARIA_LABELLEDBY, "aria-labelledby", TEXT) X(ARIA_LIVE, "aria-live", TEXT) X(ARIA_SORT, "aria-sort", TEXT)   \
    X(AUTOCAPITALIZE, "autocapitalize", TEXT) X(AUTOCOMPLETE, "autocomplete", TEXT) X(CHARSET, "charset", TEXT)   \
    X(CHECKED, "checked", FLAG) X(CLASS, "class", TEXT) X(COLS, "cols", TEXT) X(COLSPAN, "colspan", TEXT)         \
    X(CONTENT, "content", TEXT) X(CX, "cx", TEXT) X(CY, "cy", TEXT) X(D, "d", TEXT)                               \
    X(DATA_ARIA_CONTROLS, "data-aria-controls", TEXT) X(DATA_BEHAVIOUR, "data-behaviour", TEXT)                   \
    X(DATA_CHART, "data-chart", TEXT) X(DATA_COPY, "data-copy", TEXT)                                             \
    X(DATA_DISABLE_AUTO_FOCUS, "data-disable-auto-focus", TEXT) X(DATA_DISMISS_TEXT, "data-dismiss-text", TEXT)   \
    X(DATA_DISMISSIBLE, "data-dismissible", TEXT) X(DATA_GRAPH, "data-graph", URL) X(DATA_KIND, "data-kind", TEXT) \
    X(DATA_LIVE, "data-live", URL)                                                                                \
    X(DATA_MAXLENGTH, "data-maxlength", TEXT) X(DATA_MAXWORDS, "data-maxwords", TEXT)                             \
    X(DATA_MODULE, "data-module", TEXT) X(DATA_PREVENT_DOUBLE_CLICK, "data-prevent-double-click", TEXT)           \
    X(DATA_SORT_VALUE, "data-sort-value", TEXT) X(DATA_SOURCE, "data-source", URL)                                \
    X(DATA_THRESHOLD, "data-threshold", TEXT) X(DATA_VALUE, "data-value", TEXT)                                   \
    X(DATETIME, "datetime", TEXT) X(DEFER, "defer", FLAG) X(DISABLED, "disabled", FLAG)                           \
    X(DOMINANT_BASELINE, "dominant-baseline", TEXT) X(DRAGGABLE, "draggable", TEXT)                               \
    X(ENCTYPE, "enctype", TEXT) X(FILL, "fill", TEXT)                                                             \
    X(FOCUSABLE, "focusable", TEXT) X(FOR, "for", TEXT) X(FORM, "form", TEXT) X(FORMACTION, "formaction", URL)    \
    X(HEIGHT, "height", TEXT) X(HIDDEN, "hidden", FLAG)                                                           \
    X(HREF, "href", URL) X(ID, "id", TEXT) X(INPUTMODE, "inputmode", TEXT) X(LANG, "lang", TEXT)                  \
    X(MAX, "max", TEXT) X(MAXLENGTH, "maxlength", TEXT) X(METHOD, "method", TEXT) X(MIN, "min", TEXT)             \
    X(MULTIPLE, "multiple", FLAG) X(NAME, "name", TEXT) X(NOVALIDATE, "novalidate", FLAG) X(OPACITY, "opacity", TEXT) \
    X(OPEN, "open", FLAG) X(PATTERN, "pattern", TEXT) X(POINTS, "points", TEXT)                                   \
    X(PRESERVEASPECTRATIO, "preserveAspectRatio", TEXT) X(R, "r", TEXT) X(READONLY, "readonly", FLAG)             \
    X(REL, "rel", TEXT) X(REQUIRED, "required", FLAG) X(ROLE, "role", TEXT) X(ROWS, "rows", TEXT)                 \
    X(ROWSPAN, "rowspan", TEXT) X(RX, "rx", TEXT) X(SCOPE, "scope", TEXT) X(SELECTED, "selected", FLAG)           \
    X(SIZES, "sizes", TEXT) X(SPELLCHECK, "spellcheck", TEXT) X(SRC, "src", URL) X(STEP, "step", TEXT)            \
    X(STROKE, "stroke", TEXT) X(STROKE_DASHARRAY, "stroke-dasharray", TEXT) X(STROKE_WIDTH, "stroke-width", TEXT) \
    X(TABINDEX, "tabindex", TEXT) X(TEXT_ANCHOR, "text-anchor", TEXT) X(TITLE, "title", TEXT)                     \
    X(TRANSFORM, "transform", TEXT) X(TYPE, "type", TEXT) X(VALUE, "value", TEXT) X(VIEWBOX, "viewBox", TEXT)     \
    X(WIDTH, "width", TEXT) X(X, "x", TEXT) X(X1, "x1", TEXT) X(X2, "x2", TEXT) X(XMLNS, "xmlns", TEXT)           \
    X(Y, "y", TEXT) X(Y1, "y1", TEXT) X(Y2, "y2", TEXT)

#define HTML_AS_ENUM(name, text, kind) EL_##name,
typedef enum HtmlEl { EL_NONE, HTML_ELEMENTS(HTML_AS_ENUM) EL__COUNT } HtmlEl;
#undef HTML_AS_ENUM
#define HTML_AS_ENUM(name, text, kind) ATTR_##name,
typedef enum HtmlAttr { ATTR_END, HTML_ATTRS(HTML_AS_ENUM) ATTR__COUNT } HtmlAttr;
#undef HTML_AS_ENUM

/* ---- addresses: only url_* functions make one; {0} means none, and leaves its attribute out ---- */
typedef struct Url { const char *text; } Url;
/* The path is a literal; each `*` in it takes the next segment, further segments are added at the end with "/" as
 * needed. Segments are percent-encoded whole, so one can never add a slash, a query or a scheme. */
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
const char *html_done(Html *h, size_t *len);              /* asserts that everything is closed; len may be NULL */

#define html_open(h, ...)           html_open_((h), HTML_ARGS(__VA_ARGS__))
/* Opens, writes the text and closes: html_leaf(h, EL_TH, "Force", ATTR_SCOPE, "col"). NULL text gives an empty one. */
#define html_leaf(h, el, text, ...) html_leaf_((h), (text), HTML_ARGS(el __VA_OPT__(,) __VA_ARGS__))
#define html_lit(h, literal)        buf_add_n(&(h)->out, "" literal "", sizeof(literal) - 1)
void html_close(Html *h, HtmlEl el);                      /* asserts that `el` is the innermost open element */
void html_text(Html *h, const char *text);                /* escaped; bad UTF-8 and control characters replaced */
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
static inline HtmlArg html_arg_text(const char *text)  { return (HtmlArg){ HTML_ARG_TEXT, { .text = text } }; }
static inline HtmlArg html_arg_void(const void *none)  { (void)none; return (HtmlArg){ HTML_ARG_TEXT, { .text = NULL } }; }
static inline HtmlArg html_arg_url(Url url)            { return (HtmlArg){ HTML_ARG_URL, { .text = url.text } }; }
static inline HtmlArg html_arg_int(int64_t n)          { return (HtmlArg){ HTML_ARG_INT, { .n = n } }; }
static inline HtmlArg html_arg_size(uint64_t n)        { return (HtmlArg){ HTML_ARG_INT, { .n = (int64_t)n } }; }
static inline HtmlArg html_arg_real(double real)       { return (HtmlArg){ HTML_ARG_REAL, { .real = real } }; }
#define HTML_ARG(x)                                                                                          \
    _Generic((x), Url: html_arg_url, char *: html_arg_text, const char *: html_arg_text,                       \
             void *: html_arg_void, const void *: html_arg_void, bool: html_arg_int, signed char: html_arg_int, unsigned char: html_arg_int,         \
             short: html_arg_int, unsigned short: html_arg_int, int: html_arg_int, unsigned: html_arg_int,     \
             long: html_arg_int, unsigned long: html_arg_size, long long: html_arg_int,                        \
             unsigned long long: html_arg_size, float: html_arg_real, double: html_arg_real)(x),
#define HTML_ARGS(...) (const HtmlArg[]){ HTML_E3(HTML_MAP(__VA_ARGS__)) HTML_ARG(ATTR_END) }
#define HTML_MAP(a, ...) HTML_ARG(a) __VA_OPT__(HTML_AGAIN HTML_PAREN (__VA_ARGS__))
#define HTML_AGAIN() HTML_MAP
#define HTML_PAREN ()
#define HTML_E3(...) HTML_E2(HTML_E2(HTML_E2(HTML_E2(__VA_ARGS__))))
#define HTML_E2(...) HTML_E1(HTML_E1(HTML_E1(HTML_E1(__VA_ARGS__))))
#define HTML_E1(...) HTML_E0(HTML_E0(HTML_E0(HTML_E0(__VA_ARGS__))))
#define HTML_E0(...) __VA_ARGS__
void html_open_(Html *h, const HtmlArg *args);            /* args[0] is the element; pairs follow; ATTR_END ends */
void html_leaf_(Html *h, const char *text, const HtmlArg *args);
