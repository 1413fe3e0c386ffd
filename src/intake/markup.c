/* markup.c */
#include "intake/markup.h"
#include <string.h>

enum {
    IN_TEXT, AFTER_LESS, IN_TAG, IN_QUOTES, IN_SPECIAL, IN_COMMENT, IN_CDATA, IN_INSTRUCTION,
};
enum { RECORD_BYTES_MAX = 8 * 1024 * 1024 };

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }
static bool space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static void tag_begin(Markup *m)
{
    m->state = IN_TAG;
    m->name_len = 0;
    m->name_done = m->closing = false;
    m->last = 0;
}

static void tag_name(Markup *m, char c)
{
    if (space(c) || c == '/') {
        m->name_done = true;
    } else if (c == ':') {
        m->name_len = 0;
    } else if (m->name_len + 1 < sizeof m->name) {
        m->name[m->name_len++] = lower(c);
    }
    m->name[m->name_len] = 0;
}

static MarkupEvent in_tag(Markup *m, char c)
{
    if (c == '>') {
        m->state = IN_TEXT;
        m->name[m->name_len] = 0;
        return m->closing ? MARKUP_CLOSE : m->last == '/' ? MARKUP_EMPTY : MARKUP_OPEN;
    }
    if (c == '/' && m->name_len == 0 && !m->name_done)
        m->closing = true;
    else if (!m->name_done)
        tag_name(m, c);
    else if (c == '"' || c == '\'') {
        m->quote = c;
        m->state = IN_QUOTES;
    }
    m->last = c;
    return MARKUP_INSIDE;
}

static MarkupEvent after_less(Markup *m, char c)
{
    if (c == '!') {
        m->state = IN_SPECIAL;
        m->special = 0;
        return MARKUP_INSIDE;
    }
    if (c == '?') {
        m->state = IN_INSTRUCTION;
        m->last = 0;
        return MARKUP_INSIDE;
    }
    tag_begin(m);
    return in_tag(m, c);
}

static MarkupEvent in_special(Markup *m, char c)
{
    static const char cdata[] = "[CDATA[";
    m->special++;
    if (m->special <= 2 && c == '-') {
        if (m->special == 2) {
            m->state = IN_COMMENT;
            m->last = m->before_last = 0;
        }
        return MARKUP_INSIDE;
    }
    if (m->special > 7 || c != cdata[m->special - 1]) {
        m->state = IN_TEXT;
        return MARKUP_DOCTYPE;
    }
    if (m->special < 7)
        return MARKUP_INSIDE;
    m->state = IN_CDATA;
    m->last = m->before_last = 0;
    return MARKUP_CDATA;
}

static bool ended(Markup *m, char c, const char *end)
{
    bool two = end[2] != 0;
    bool done = c == end[two ? 2 : 1] && m->last == end[two ? 1 : 0] && (!two || m->before_last == end[0]);
    m->before_last = m->last;
    m->last = c;
    if (done)
        m->state = IN_TEXT;
    return done;
}

MarkupEvent markup_byte(Markup *m, char c)
{
    switch (m->state) {
    case IN_TEXT:
        if (c != '<')
            return MARKUP_TEXT;
        m->state = AFTER_LESS;
        return MARKUP_INSIDE;
    case AFTER_LESS:
        return after_less(m, c);
    case IN_TAG:
        return in_tag(m, c);
    case IN_QUOTES:
        if (c != m->quote)
            return MARKUP_VALUE;
        m->state = IN_TAG;
        return MARKUP_INSIDE;
    case IN_SPECIAL:
        return in_special(m, c);
    case IN_COMMENT:
        ended(m, c, "-->");
        return MARKUP_INSIDE;
    case IN_INSTRUCTION:
        ended(m, c, "?>");
        return MARKUP_INSIDE;
    default:
        return ended(m, c, "]]>") ? MARKUP_INSIDE : MARKUP_TEXT;
    }
}

/* ---- cutting a document into records ---- */

struct XmlCut {
    Source            *src;
    const char *const *records;
    Markup             markup;
    char               buf[16 * 1024];
    size_t             got, at;
    uint64_t           offset;           /* of the next byte */
    size_t             line;
    StrBuf             held;             /* the tag being read, or the record */
    Arena              mem;
    uint64_t           tag_from;
    size_t             tag_line, nested;
    bool               in_record, too_long;
    char               record[64];       /* lower case */
};

XmlCut *xml_cut_new(Arena *mem, Source *src, const char *const *records, uint64_t offset, size_t line)
{
    XmlCut *cut = arena_new(mem, XmlCut, 1);
    cut->src = src;
    cut->records = records;
    cut->offset = offset;
    cut->line = line;
    cut->held.mem = mem;
    return cut;
}

static bool byte_next(XmlCut *cut, char *c, bool *end, Err *err)
{
    if (cut->at == cut->got) {
        cut->at = 0;
        if (!source_read(cut->src, cut->buf, sizeof cut->buf, &cut->got, err))
            return false;
    }
    *end = cut->got == 0;
    if (*end)
        return true;
    *c = cut->buf[cut->at++];
    cut->offset++;
    cut->line += *c == '\n';
    return true;
}

static bool named(const XmlCut *cut)
{
    for (const char *const *r = cut->records; *r; r++)
        if (strcmp(*r, cut->markup.name) == 0)
            return true;
    return false;
}

static void keep(XmlCut *cut, char c)
{
    if (cut->held.len < RECORD_BYTES_MAX)
        buf_char(&cut->held, c);
    else
        cut->too_long = true;
}

/* The name as the document spells it: the reader of the record asks libxml2 for exactly that. */
static void name_as_spelt(const XmlCut *cut, char out[64])
{
    size_t i = 1, n = 0;
    for (; i < cut->held.len && n < 63; i++) {
        char c = cut->held.at[i];
        if (space(c) || c == '>' || c == '/')
            break;
        if (c == ':')
            n = 0;
        else
            out[n++] = c;
    }
    out[n] = 0;
}

static void piece_end(XmlCut *cut, XmlPiece *piece)
{
    name_as_spelt(cut, piece->name);
    piece->bytes = cut->too_long ? (Str){ "", 0 } : (Str){ buf_text(&cut->held), cut->held.len };
    piece->too_long = cut->too_long;
    piece->from = cut->tag_from;
    piece->line = cut->tag_line;
    piece->to = piece->next = cut->offset;
    piece->next_line = cut->line;
    cut->in_record = cut->too_long = false;
}

/* One byte outside a record or inside one; true when a piece has ended with it. */
static bool advance(XmlCut *cut, char c, XmlPiece *piece)
{
    bool tag_starts = cut->markup.state == IN_TEXT && c == '<';
    MarkupEvent e = markup_byte(&cut->markup, c);
    if (tag_starts && !cut->in_record) {
        cut->too_long = false;
        cut->held.len = 0;
        cut->tag_from = cut->offset - 1;
        cut->tag_line = cut->line;
    }
    if (cut->in_record || cut->markup.state != IN_TEXT || e == MARKUP_OPEN || e == MARKUP_EMPTY)
        keep(cut, c);
    if (e == MARKUP_DOCTYPE) {
        piece->doctype = true;
        piece_end(cut, piece);
        return true;
    }
    if (!cut->in_record) {
        if ((e != MARKUP_OPEN && e != MARKUP_EMPTY) || !named(cut))
            return false;
        memcpy(cut->record, cut->markup.name, sizeof cut->record);
        cut->in_record = true;
        cut->nested = 0;
        if (e == MARKUP_EMPTY)
            piece_end(cut, piece);
        return e == MARKUP_EMPTY;
    }
    if ((e != MARKUP_OPEN && e != MARKUP_CLOSE) || strcmp(cut->markup.name, cut->record) != 0)
        return false;
    if (e == MARKUP_OPEN) {
        cut->nested++;
        return false;
    }
    if (cut->nested-- > 0)
        return false;
    piece_end(cut, piece);
    return true;
}

bool xml_cut_next(XmlCut *cut, XmlPiece *piece, bool *end, Err *err)
{
    char c = 0;
    *piece = (XmlPiece){0};
    cut->held.len = 0;
    for (;;) {
        if (!byte_next(cut, &c, end, err))
            return false;
        if (*end)
            break;
        if (advance(cut, c, piece))
            return true;
    }
    piece->next = cut->offset;
    piece->next_line = cut->line;
    if (!cut->in_record)
        return true;
    *end = false;
    piece->unended = true;
    piece_end(cut, piece);
    return true;
}
