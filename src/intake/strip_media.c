/* strip_media.c
 *
 * Bytes go one at a time through `step`. A run is base64 letters, with breaks between lines of RUN_LINE_BYTES
 * and more (so that prose, whose words are short, never is one). Until a run is long enough it is held; then
 * only its digest is kept. `hold` may begin with the '>' of a start tag (and "<![CDATA["), so that the digest
 * can still become an attribute of that tag. */
#include "intake/strip_media.h"
#include <string.h>
#include "base/digest.h"
#include "intake/markup.h"

enum { RUN_LINE_BYTES = 32, ENTITY_BYTES = 8, OUT_BYTES = 64 * 1024 };

static const char mark[] = "MUSTER-DROPPED:";

struct Strip {
    Source       *from, *source;
    Arena        *mem;
    bool          xml, ended;
    Markup        markup;
    bool          quoted;                /* CSV: inside quotes */
    char          buf[16 * 1024];
    size_t        got, at;
    StrBuf        out;                   /* ready to be read */
    size_t        out_at;
    StrBuf        hold;
    size_t        tag_bytes;             /* of hold: the tag's end and CDATA's start, 0 if none */
    bool          in_cdata;
    bool          inside;                /* a tag, comment or instruction: a hyphen may be part of its end */
    /* the run */
    size_t        run, line;             /* bytes of base64 so far, and since the last break */
    bool          short_line;            /* a line too short for more to follow was broken */
    bool          uri;                   /* it follows "base64," */
    char          entity[ENTITY_BYTES + 1];
    size_t        entity_len;
    char          tail[8];               /* the last bytes outside a run, to see "base64," */
    /* while dropping */
    bool          dropping;
    Sha256Stream *digest;
    uint64_t      bytes;
    uint32_t      bits;
    int           bit_count;
};

/* ---- decoding ---- */

static int value_of(char c)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(letters, c == '-' ? '+' : c == '_' ? '/' : c) : NULL;
    return at ? (int)(at - letters) : -1;
}

static bool is_base64(char c) { return c == '=' || value_of(c) >= 0; }

static void decode(Strip *s, char c)
{
    int v = value_of(c);
    if (v < 0)
        return;
    s->bits = (s->bits << 6) | (uint32_t)v;
    s->bit_count += 6;
    if (s->bit_count < 8)
        return;
    s->bit_count -= 8;
    uint8_t byte = (uint8_t)(s->bits >> s->bit_count);
    sha256_add(s->digest, &byte, 1);
    s->bytes++;
}

/* ---- what is held ---- */

static void remember(Strip *s, char c)
{
    memmove(s->tail, s->tail + 1, sizeof s->tail - 1);
    s->tail[sizeof s->tail - 1] = c;
}

static void release(Strip *s)
{
    if (s->hold.len)
        buf_add_n(&s->out, s->hold.at, s->hold.len);
    for (size_t i = s->hold.len > sizeof s->tail ? s->hold.len - sizeof s->tail : 0; i < s->hold.len; i++)
        remember(s, s->hold.at[i]);
    s->hold.len = 0;
    s->tag_bytes = s->run = s->line = 0;
    s->short_line = s->uri = false;
    s->entity_len = 0;
}

/* Numeric references are line ends to some writers; the characters of one are not base64. */
static void drop_begin(Strip *s)
{
    bool in_reference = false;
    s->dropping = true;
    s->digest = sha256_begin(s->mem);
    s->bytes = 0;
    s->bit_count = 0;
    for (size_t i = s->tag_bytes; i < s->hold.len; i++) {
        in_reference = in_reference ? s->hold.at[i] != ';' : s->hold.at[i] == '&';
        if (!in_reference)
            decode(s, s->hold.at[i]);
    }
    s->hold.len = s->tag_bytes;
}

static void drop_end(Strip *s)
{
    CLEANUP(arena_done) Arena mem = {0};
    Sha256 digest = sha256_end(s->digest);
    const char *hex = sha256_hex(&mem, &digest);
    if (s->tag_bytes)
        buf_fmt(&s->out, " muster-dropped-sha256=\"%s\" muster-dropped-bytes=\"%llu\"", hex,
                (unsigned long long)s->bytes);
    if (s->tag_bytes)
        buf_add_n(&s->out, s->hold.at, s->hold.len);
    else
        buf_fmt(&s->out, "%s%s:%llu", mark, hex, (unsigned long long)s->bytes);
    buf_add_n(&s->out, s->entity, s->entity_len);
    s->digest = NULL;
    s->dropping = false;
    s->hold.len = 0;
    s->tag_bytes = s->run = s->line = s->entity_len = 0;
    s->short_line = s->uri = false;
}

static void run_end(Strip *s)
{
    if (s->dropping)
        drop_end(s);
    else
        release(s);
}

/* ---- one byte ---- */

static bool after_base64_word(const Strip *s)
{
    return memcmp(s->tail + 1, "base64,", 7) == 0;
}

static bool is_break(const Strip *s, char c)
{
    return c == '\n' || c == '\r' || c == ' ' || (c == '\t' && s->xml);
}

static void take_break(Strip *s)
{
    if (s->line > 0 && s->line < RUN_LINE_BYTES) {
        if (!s->dropping) {
            release(s);
            return;
        }
        s->short_line = true;
    }
    s->line = 0;
}

/* A hyphen is a letter of base64 for addresses, unless a second one follows and ends a comment. */
static bool hyphen_take(Strip *s, char c)
{
    if (s->entity_len == 0) {
        if (!s->run || s->short_line)
            return false;
        s->entity[s->entity_len++] = c;
        if (!s->dropping)
            buf_char(&s->hold, c);
        return true;
    }
    return false;
}

static void hyphen_settle(Strip *s)
{
    s->entity_len = 0;
    if (s->dropping)
        decode(s, '-');
}

/* Adds a byte that may belong to a run; false when it cannot. */
static bool run_take(Strip *s, char c)
{
    if (s->inside && c == '-')
        return hyphen_take(s, c);
    if (s->entity_len && s->entity[0] == '-' && is_base64(c))
        hyphen_settle(s);
    if (s->entity_len || (s->xml && c == '&' && s->run)) {
        bool fits = s->entity_len < ENTITY_BYTES &&
                    (s->entity_len == 0   ? c == '&'
                     : s->entity_len == 1 ? c == '#'
                                          : c == ';' || c == 'x' || c == 'X' || (c >= '0' && c <= '9') ||
                                                (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'));
        if (!fits)
            return false;
        s->entity[s->entity_len++] = c;
        if (!s->dropping)
            buf_char(&s->hold, c);
        if (c == ';') {
            s->entity_len = 0;
            take_break(s);
        }
        return true;
    }
    if (is_break(s, c)) {
        if (!s->run && !s->tag_bytes)
            return false;
        if (!s->dropping)
            buf_char(&s->hold, c);
        take_break(s);
        if (!s->dropping && s->hold.len > 2 * MEDIA_RUN_BYTES)
            release(s);                        /* blank space without end is not held (invariant 1) */
        return true;
    }
    if (!is_base64(c) || s->short_line)
        return false;
    if (!s->run)
        s->uri = after_base64_word(s);
    s->run++;
    s->line++;
    if (s->dropping)
        decode(s, c);
    else
        buf_char(&s->hold, c);
    if (!s->dropping && s->run > (s->uri ? MEDIA_URI_BYTES : MEDIA_RUN_BYTES))
        drop_begin(s);
    return true;
}

static void step_plain(Strip *s, char c)
{
    if (run_take(s, c))
        return;
    run_end(s);
    if ((is_base64(c) || is_break(s, c)) && run_take(s, c))
        return;
    buf_char(&s->out, c);
    remember(s, c);
}

/* Quotes decide whether a line end ends a CSV row; either way a run ends with its field. */
static void step_csv(Strip *s, char c)
{
    if (c == '"')
        s->quoted = !s->quoted;
    bool row_ends = !s->quoted && (c == '\n' || c == '\r');
    if (row_ends) {
        run_end(s);
        buf_char(&s->out, c);
        memset(s->tail, 0, sizeof s->tail);
        return;
    }
    step_plain(s, c);
}

static void step_xml(Strip *s, char c)
{
    bool tag_starts = s->markup.state == 0 && c == '<';
    MarkupEvent e = markup_byte(&s->markup, c);
    s->inside = e == MARKUP_INSIDE;
    if (e == MARKUP_OPEN) {
        run_end(s);
        buf_char(&s->hold, c);
        s->tag_bytes = 1;
        memset(s->tail, 0, sizeof s->tail);
        return;
    }
    if (tag_starts && s->tag_bytes && !s->dropping && s->run == 0) {
        buf_char(&s->hold, c);                 /* perhaps <![CDATA[, which may stand between tag and run */
        s->in_cdata = true;
        return;
    }
    if (s->in_cdata) {
        buf_char(&s->hold, c);
        if (e == MARKUP_CDATA) {
            s->tag_bytes = s->hold.len;
            s->in_cdata = false;
        } else if (s->hold.len > s->tag_bytes + 64 || strchr("<![CDAT", c) == NULL) {
            s->in_cdata = false;
            release(s);
        }
        return;
    }
    step_plain(s, c);
}

/* ---- the stream ---- */

static bool pump(Strip *s, Err *err)
{
    if (s->at == s->got) {
        s->at = 0;
        if (!source_read(s->from, s->buf, sizeof s->buf, &s->got, err))
            return false;
        if (s->got == 0) {
            s->ended = true;
            run_end(s);
            return true;
        }
    }
    while (s->at < s->got && s->out.len < OUT_BYTES) {
        char c = s->buf[s->at++];
        if (c == 0)
            return err_set(err, ERR_INVALID, "The file holds binary data and is not a text file.");
        if (s->xml)
            step_xml(s, c);
        else
            step_csv(s, c);
    }
    return true;
}

static bool strip_read(void *ctx, void *buf, size_t cap, size_t *got, Err *err)
{
    Strip *s = ctx;
    while (s->out_at == s->out.len && !s->ended) {
        s->out.len = s->out_at = 0;
        if (!pump(s, err))
            return false;
    }
    *got = s->out.len - s->out_at < cap ? s->out.len - s->out_at : cap;
    if (*got)
        memcpy(buf, s->out.at + s->out_at, *got);
    s->out_at += *got;
    return true;
}

Strip *strip_new(Arena *mem, Source *from, bool xml)
{
    Strip *s = arena_new(mem, Strip, 1);
    s->mem = s->out.mem = s->hold.mem = mem;
    s->from = from;
    s->xml = xml;
    s->source = source_custom(mem, strip_read, s);
    return s;
}

Source *strip_source(Strip *s)
{
    return s->source;
}

void strip_done(Strip **s)
{
    if (*s && (*s)->digest)
        (void)sha256_end((*s)->digest);
    *s = NULL;
}

/* ---- what it left behind ---- */

static void dropped_add(Json **dropped, const char *sha256, size_t hex, const char *bytes)
{
    CLEANUP(arena_done) Arena mem = {0};
    uint8_t raw[32];
    int64_t n = 0;
    if (hex != 64 || !hex_read((Str){ sha256, 64 }, raw, 32) || !str_int(str_of(bytes), 0, INT64_MAX, &n))
        return;
    if (!*dropped)
        *dropped = json_new_list();
    Json *one = json_new_object();
    json_set_text(one, "sha256", str_copy_n(&mem, sha256, 64));
    json_set_int(one, "bytes", n);
    json_push(*dropped, one);
}

static void marks_in(const char *text, size_t len, Json **dropped)
{
    CLEANUP(arena_done) Arena mem = {0};
    const char *end = text + len, *at = text;
    while ((at = memmem(at, (size_t)(end - at), mark, sizeof mark - 1))) {
        at += sizeof mark - 1;
        size_t n = 0;
        if (end - at < 66 || at[64] != ':')
            continue;
        while (at + 65 + n < end && at[65 + n] >= '0' && at[65 + n] <= '9')
            n++;
        dropped_add(dropped, at, 64, str_copy_n(&mem, at + 65, n));
    }
}

void strip_marks_csv(Arena *mem, Str *field, Json **dropped)
{
    (void)mem;
    if (field->len < sizeof mark)
        return;
    marks_in(field->at, field->len, dropped);
    if (field->len >= sizeof mark - 1 && memcmp(field->at, mark, sizeof mark - 1) == 0)
        field->len = 0;
}

void strip_marks_xml(const XmlNode *n, Json **dropped)
{
    const char *sha256 = xml_attr(n, "muster-dropped-sha256"), *bytes = xml_attr(n, "muster-dropped-bytes");
    if (sha256 && bytes)
        dropped_add(dropped, sha256, strlen(sha256), bytes);
    marks_in(n->text, strlen(n->text), dropped);
    for (const XmlAttr *a = n->attrs; a; a = a->next)
        marks_in(a->value, strlen(a->value), dropped);
    for (const XmlNode *c = n->child; c; c = c->next)
        strip_marks_xml(c, dropped);
}
