#include "web/html.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

#define AS_ROW(NAME, text, is_void) [EL_##NAME] = { text, sizeof(text) - 1, is_void },
static const struct {
    const char *name;
    size_t len;
    bool is_void;
} elements[EL__COUNT] = { HTML_ELEMENTS(AS_ROW) };
#undef AS_ROW
#define AS_ROW(NAME, text, kind) [ATTR_##NAME] = { text, sizeof(text) - 1, ATTR_KIND_##kind },
static const struct {
    const char *name;
    size_t len;
    AttrKind kind;
} attrs[ATTR__COUNT] = { HTML_ATTRS(AS_ROW) };
#undef AS_ROW

Html html_new(Arena *mem)
{
    return (Html){ .mem = mem, .out = { .mem = mem } };
}

const char *html_done(Html *h, size_t *len)
{
    assert(h->depth == 0);
    if (len)
        *len = h->out.len;
    return buf_text(&h->out);
}

/* ---- escaping: the only way text reaches a page ---- */

static const char *escape_of(unsigned char c)
{
    static const char *const table[256] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;",
    };
    return table[c];
}

static bool needs_cleaning(const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)at[i];
        if (c >= 0x80 || c == 0x7f || (c < 0x20 && c != '\n' && c != '\t'))
            return true;
    }
    return false;
}

static void add_escaped(Html *h, const char *at, size_t len)
{
    if (needs_cleaning(at, len)) {                    /* plain ASCII, nearly everything, skips the copy */
        at = utf8_clean(h->mem, (Str){ at, len });
        len = strlen(at);
    }
    size_t from = 0;
    for (size_t i = 0; i < len; i++) {
        const char *escape = escape_of((unsigned char)at[i]);
        if (!escape)
            continue;
        buf_add_n(&h->out, at + from, i - from);
        buf_add(&h->out, escape);
        from = i + 1;
    }
    buf_add_n(&h->out, at + from, len - from);
}

/* Text inside <script> is not unescaped by browsers, so none is ever written there. */
static void assert_takes_text(const Html *h)
{
    assert(h->depth == 0 || h->open[h->depth - 1] != EL_SCRIPT);
}

void html_text_n(Html *h, const char *at, size_t len)
{
    assert_takes_text(h);
    add_escaped(h, at, len);
}

void html_text(Html *h, const char *text)
{
    if (text)
        html_text_n(h, text, strlen(text));
}

void html_lines(Html *h, const char *text)
{
    for (const char *at = text; at && *at; ) {
        size_t len = strcspn(at, "\n");
        html_text_n(h, at, len && at[len - 1] == '\r' ? len - 1 : len);
        at += len;
        if (*at == '\n') {
            html_open(h, EL_BR);
            at++;
        }
    }
}

void html_fmt(Html *h, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    html_text(h, str_vfmt(h->mem, fmt, args));
    va_end(args);
}

void html_num(Html *h, int64_t n)
{
    char digits[32], out[48];
    bool     minus = n < 0;
    uint64_t size  = minus ? 0 - (uint64_t)n : (uint64_t)n;
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)size);
    size_t used = 0;
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            out[used++] = ',';
        out[used++] = digits[i];
    }
    if (minus)
        buf_add(&h->out, "\xe2\x88\x92");             /* a true minus sign, read aloud as one */
    buf_add_n(&h->out, out, used);
}

/* ---- elements ---- */

static void attr_begin(Html *h, HtmlAttr attr)
{
    buf_char(&h->out, ' ');
    buf_add_n(&h->out, attrs[attr].name, attrs[attr].len);
}

static void attr_add_value(Html *h, const HtmlArg *value)
{
    char number[48];
    switch (value->kind) {
    case HTML_ARG_TEXT:
    case HTML_ARG_URL:
        add_escaped(h, value->text, strlen(value->text));
        return;
    case HTML_ARG_INT:
        snprintf(number, sizeof number, "%lld", (long long)value->n);
        break;
    case HTML_ARG_REAL:
        snprintf(number, sizeof number, "%.2f", value->real);
        /* Shorter drawings: 12.50 is 12.5, 12.00 is 12. */
        for (size_t n = strlen(number);
             n && strchr(number, '.') && (number[n - 1] == '0' || number[n - 1] == '.');) {
            bool was_point = number[--n] == '.';
            number[n] = 0;
            if (was_point)
                break;
        }
        break;
    }
    buf_add(&h->out, number);
}

static void attr_write(Html *h, HtmlAttr attr, const HtmlArg *value)
{
    assert(attr > ATTR_END && attr < ATTR__COUNT);
    AttrKind kind = attrs[attr].kind;
    bool is_text = value->kind == HTML_ARG_TEXT || value->kind == HTML_ARG_URL;
    assert((kind == ATTR_KIND_URL) == (value->kind == HTML_ARG_URL) || (is_text && !value->text));
    if (is_text && !value->text)
        return;
    if (kind == ATTR_KIND_FLAG) {
        assert(value->kind == HTML_ARG_INT);
        if (value->n)
            attr_begin(h, attr);
        return;
    }
    attr_begin(h, attr);
    buf_add_n(&h->out, "=\"", 2);
    attr_add_value(h, value);
    buf_char(&h->out, '"');
}

void html_open_(Html *h, const HtmlArg *args)
{
    HtmlEl el = (HtmlEl)args[0].n;
    assert(args[0].kind == HTML_ARG_INT && el > EL_NONE && el < EL__COUNT);
    buf_char(&h->out, '<');
    buf_add_n(&h->out, elements[el].name, elements[el].len);
    for (const HtmlArg *a = args + 1; ; a += 2) {
        assert(a->kind == HTML_ARG_INT);              /* else an attribute's value was left out */
        if (a->n == ATTR_END)
            break;
        attr_write(h, (HtmlAttr)a->n, a + 1);
    }
    buf_char(&h->out, '>');
    if (elements[el].is_void)
        return;
    assert(h->depth < HTML_DEPTH);
    h->open[h->depth++] = (uint8_t)el;
}

void html_close(Html *h, HtmlEl el)
{
    assert(h->depth > 0 && h->open[h->depth - 1] == el);
    h->depth--;
    buf_add_n(&h->out, "</", 2);
    buf_add_n(&h->out, elements[el].name, elements[el].len);
    buf_char(&h->out, '>');
}

void html_leaf_(Html *h, const char *text, const HtmlArg *args)
{
    html_open_(h, args);
    html_text(h, text);
    html_close(h, (HtmlEl)args[0].n);
}

void html_link(Html *h, Url url, const char *text)
{
    if (url.text)
        html_leaf(h, EL_A, text, ATTR_CLASS, "govuk-link", ATTR_HREF, url);
    else
        html_text(h, text);
}

void html_p(Html *h, const char *text)
{
    html_leaf(h, EL_P, text, ATTR_CLASS, "govuk-body");
}

void html_draw(Html *h, Draw piece)
{
    if (!piece.draw)
        return;
    size_t depth = h->depth;
    piece.draw(h, piece.ctx);
    assert(h->depth == depth);                        /* a piece closes what it opens */
}

void html_text_or(Html *h, const char *text, Draw piece)
{
    if (piece.draw)
        html_draw(h, piece);
    else
        html_text(h, text);
}
