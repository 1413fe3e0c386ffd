/* read_vics.c: Project VIC's JSON, 1.x and 2.0: cases or media under "value" (DOMAIN 5.4).
 *
 * What is known of a file is in its Media object; members that do not bear on that are skipped, checked for
 * form only. Traps met on purpose:
 *  1. Only Category is a verdict. IsPrecategorized contradicts it in real exports and is only counted.
 *  2. A category's meaning depends on the profile in the context: the number is kept, with the profile as its
 *     scale. When the context follows the entries, the document is read twice.
 *  3. Booleans may be text; "false" is false. Names differ in case. A digest may be listed twice.
 *  4. A document that is malformed anywhere fails as a whole. */
#include <string.h>
#include "match/read/json_scan.h"
#include "match/read/reading.h"

typedef enum Member {
    MEMBER_OTHER,
    MEMBER_CATEGORY,
    MEMBER_DATE,
    MEMBER_MD5,
    MEMBER_MEDIA,
    MEMBER_PDQ,
    MEMBER_PHOTODNA,
    MEMBER_PRECATEGORIZED,
    MEMBER_QUALITY,
    MEMBER_SERIES,
    MEMBER_SHA1,
    MEMBER_SHA256,
    MEMBER_TRUSTED,
    MEMBER_VICTIM,
    MEMBER_VOTES,
} Member;

/* By the length of their names, in lower case. */
enum { MEMBER_NAME_MAX = 16, MEMBERS_ALIKE = 2 };
_Static_assert(MEMBER_NAME_MAX <= (int)SCAN_PAST_BYTES, "names are compared whole, whatever follows them");
static const struct {
    char name[MEMBER_NAME_MAX];
    Member member;
} members[MEMBER_NAME_MAX + 1][MEMBERS_ALIKE] = {
    [3] = { { "md5", MEMBER_MD5 }, { "pdq", MEMBER_PDQ } },
    [4] = { { "sha1", MEMBER_SHA1 } },
    [5] = { { "media", MEMBER_MEDIA }, { "votes", MEMBER_VOTES } },
    [6] = { { "series", MEMBER_SERIES }, { "sha256", MEMBER_SHA256 } },
    [7] = { { "trusted", MEMBER_TRUSTED } },
    [8] = { { "category", MEMBER_CATEGORY }, { "photodna", MEMBER_PHOTODNA } },
    [10] = { { "pdqquality", MEMBER_QUALITY } },
    [11] = { { "dateupdated", MEMBER_DATE } },
    [16] = { { "isprecategorized", MEMBER_PRECATEGORIZED }, { "victimidentified", MEMBER_VICTIM } },
};

enum { GRADE_MAX = 32, MEMBERS_AT_ONCE = 16 };

typedef struct Media {                       /* what one object says, in fixed space */
    uint8_t     digest[DIGEST__COUNT][DIGEST_BYTES_MAX];
    KnownEntry  entry;
    char        grade[GRADE_MAX], series[KNOWN_TEXT_MAX + 1];
    uint32_t    seen;                        /* bit of each member met */
    bool        precategorized, is_case;
    Cpu         cpu;
    const char *refused;
} Media;

typedef struct Vics {
    Reading *r;
    Scan    *scan;
    Cpu      cpu;
    Arena    scratch;                        /* emptied between entries */
    char    *scale;                          /* from the context; NULL until it is met */
    bool     has_value;
    bool     only_context;                   /* a first reading, which takes nothing */
} Vics;

/* Eight characters of a name as one number, those past `len` as zero. Letters become small; what is no letter
 * cannot become one, as a name holds no control character. */
static inline uint64_t small_word(const char *at, size_t len)
{
    uint64_t word, kept = len >= sizeof word ? ~UINT64_C(0) : (UINT64_C(1) << len * 8) - 1;
    memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return (word | UINT64_C(0x2020202020202020)) & kept;
}

static inline Member member_of(Str name)
{
    if (name.len > MEMBER_NAME_MAX)
        return MEMBER_OTHER;
    uint64_t low = small_word(name.at, name.len);
    uint64_t high = name.len > 8 ? small_word(name.at + 8, name.len - 8) : 0;
    for (size_t i = 0; i < MEMBERS_ALIKE; i++) {
        const char *known = members[name.len][i].name;
        if (low == small_word(known, name.len < 8 ? name.len : 8) &&
            (name.len <= 8 || high == small_word(known + 8, name.len - 8)))
            return members[name.len][i].member;
    }
    return MEMBER_OTHER;
}

/* Text as meant, without its escapes. NULL: not characters. */
static bool plain(Vics *v, const ScanValue *value, Str *out)
{
    *out = value->text;
    if (!value->escaped)
        return true;
    char *text = scan_unescape(&v->scratch, value->text);
    *out = str_of(text);
    return text != NULL;
}

static void digest_set(Media *m, DigestKind kind, Str text, const char *why)
{
    text = str_trim(text);
    if (!text.len)
        return;
    if (digest_parse_by(m->cpu, kind, text, m->digest[kind]))
        m->entry.digest[kind] = m->digest[kind];
    else
        m->refused = why;
}

static void text_set(char *to, size_t cap, Str text, const char *why, Media *m)
{
    if (text.len >= cap)                     /* it holds no zero: json_scan.h */
        m->refused = why;
    else
        *(char *)mempcpy(to, text.at, text.len) = 0;
}

static bool truth_of(const ScanValue *value, Str text)
{
    bool yes = value->type == SCAN_TRUE;
    return value->type == SCAN_TEXT || value->type == SCAN_NUMBER ? yes_no(str_trim(text), &yes) && yes : yes;
}

static void count_set(int *to, Str text, int most, const char *why, Media *m)
{
    int64_t n = 0;
    if (str_int(str_trim(text), 0, most, &n))
        *to = (int)n;
    else
        m->refused = why;
}

static void member_set(Media *m, Member member, const ScanValue *value, Str text)
{
    switch (member) {
    case MEMBER_MD5:      digest_set(m, DIGEST_MD5, text, "its MD5 is not one"); break;
    case MEMBER_SHA1:     digest_set(m, DIGEST_SHA1, text, "its SHA1 is not one"); break;
    case MEMBER_SHA256:   digest_set(m, DIGEST_SHA256, text, "its SHA256 is not one"); break;
    case MEMBER_PDQ:      digest_set(m, DIGEST_PDQ, text, "its PDQ is not one"); break;
    case MEMBER_PHOTODNA: digest_set(m, DIGEST_PHOTODNA, text, "its PhotoDNA is not one"); break;
    case MEMBER_CATEGORY:
        text_set(m->grade, sizeof m->grade, str_trim(text), "its Category is too long", m);
        break;
    case MEMBER_SERIES:   text_set(m->series, sizeof m->series, text, "its Series is too long", m); break;
    case MEMBER_DATE:     m->entry.first_seen = loose_date(text); break;
    case MEMBER_VICTIM:   m->entry.victim_identified = truth_of(value, text); break;
    case MEMBER_TRUSTED:  m->entry.trusted = truth_of(value, text); break;
    case MEMBER_VOTES:    count_set(&m->entry.votes, text, 1000000, "its Votes is no count", m); break;
    case MEMBER_QUALITY:
        count_set(&m->entry.pdq_quality, text, 100, "its PdqQuality is not 0 to 100", m);
        break;
    case MEMBER_PRECATEGORIZED: m->precategorized = truth_of(value, text); break;
    case MEMBER_MEDIA: case MEMBER_OTHER: break;
    }
}

/* A series is a text, or an object with its Name. */
static bool series_object(Vics *v, Media *m, Err *err)
{
    bool end = false;
    ScanValue name, value;
    if (!scan_enter(v->scan, err))
        return false;
    for (;;) {
        ScanType type;
        Str text;
        if (!scan_name(v->scan, &name, &end, err))
            return false;
        if (end)
            return true;
        bool wanted = text_is(name.text, "name");
        if (!scan_peek(v->scan, &type, err))
            return false;
        if (!wanted || type != SCAN_TEXT) {
            if (!scan_skip(v->scan, err))
                return false;
            continue;
        }
        if (!scan_value(v->scan, &value, err))
            return false;
        if (plain(v, &value, &text))
            member_set(m, MEMBER_SERIES, &value, text);
    }
}

static void member_take(Vics *v, Media *m, Member member, const ScanValue *value)
{
    Str text;
    if (m->seen & 1u << member)
        m->refused = "a member is there twice";
    m->seen |= 1u << member;
    if (value->type == SCAN_NULL)
        return;
    if (!plain(v, value, &text))
        m->refused = "a text holds what is no character";
    else
        member_set(m, member, value, text);
}

static bool member_read(Vics *v, Media *m, Member member, Err *err)
{
    ScanValue value;
    if (!scan_plain(v->scan, &value, err))
        return false;
    if (value.type == SCAN_OBJECT && member == MEMBER_SERIES)
        return series_object(v, m, err);
    if (value.type == SCAN_LIST || value.type == SCAN_OBJECT) {
        if (member != MEMBER_SERIES)         /* an empty list stands for none */
            m->refused = "a member is a list or object where a plain value belongs";
        return scan_skip(v->scan, err);
    }
    member_take(v, m, member, &value);
    return true;
}

/* Members of the usual form, up to the first that is not. */
static void members_take(Vics *v, Media *m)
{
    ScanMember some[MEMBERS_AT_ONCE];
    size_t n;
    do {
        n = scan_members(v->scan, some, MEMBERS_AT_ONCE);
        for (size_t i = 0; i < n; i++) {
            Member member = member_of(some[i].name);
            if (member == MEMBER_MEDIA)
                m->is_case = false;
            else if (member != MEMBER_OTHER)
                member_take(v, m, member, &some[i].value);
        }
    } while (n == MEMBERS_AT_ONCE);
}

static bool media_list(Vics *v, Err *err);

static bool media_members(Vics *v, Media *m, Err *err)
{
    ScanValue name;
    ScanType type;
    bool end = false;
    for (;;) {
        members_take(v, m);
        if (!scan_name(v->scan, &name, &end, err))
            return false;
        if (end)
            return true;
        Member member = member_of(name.text);
        bool ok;
        if (member == MEMBER_MEDIA) {
            if (!scan_peek(v->scan, &type, err))
                return false;
            m->is_case = type == SCAN_LIST;
            ok = type == SCAN_LIST ? media_list(v, err) : scan_skip(v->scan, err);
        } else {
            ok = member == MEMBER_OTHER ? scan_skip(v->scan, err) : member_read(v, m, member, err);
        }
        if (!ok)
            return false;
    }
}

/* One element: a case, whose media have been taken by then, or one media. */
static bool media_read(Vics *v, Err *err)
{
    uint64_t offset = scan_offset(v->scan);
    Media m;
    m.entry = KNOWN_ENTRY_BLANK;
    m.cpu = v->cpu;
    m.grade[0] = m.series[0] = 0;
    m.seen = 0;
    m.precategorized = m.is_case = false;
    m.refused = NULL;
    if (!scan_enter(v->scan, err) || !media_members(v, &m, err))
        return false;
    if (m.is_case || v->only_context)
        return true;
    if (m.refused) {
        reading_refuse(v->r, 0, offset, m.refused);
        return true;
    }
    m.entry.grade = m.grade;
    m.entry.series = m.series;
    m.entry.scale = v->scale;
    v->r->report->precategorized_only += m.precategorized && !m.grade[0];
    return reading_take(v->r, &m.entry, 0, offset, err);
}

static bool media_list(Vics *v, Err *err)
{
    ScanType type;
    bool end = false;
    if (!scan_enter(v->scan, err))
        return false;
    for (;;) {
        if (!scan_element(v->scan, &end, err))
            return false;
        if (end)
            return true;
        if (!scan_peek(v->scan, &type, err))
            return false;
        if (type == SCAN_OBJECT) {
            if (!media_read(v, err))
                return false;
        } else {
            if (!v->only_context)
                reading_refuse(v->r, 0, scan_offset(v->scan), "is not an object");
            if (!scan_skip(v->scan, err))
                return false;
        }
        if (v->scratch.used_bytes)
            arena_reset(&v->scratch);
    }
}

/* ".../ProjectVic/DataModels/2.0.xml/UK/$metadata#Media" gives "VICS UK". Before 2.0 no profile is stated. */
static char *scale_of(Arena *mem, Str context)
{
    static const char mark[] = ".xml";
    const char *at = memmem(context.at, context.len, mark, sizeof mark - 1);
    const char *end = context.at + context.len;
    if (at && (at += sizeof mark - 1) < end && *at == '/') {
        size_t len = strcspn(++at, "/$#");
        if (len && len <= 32)
            return str_fmt(mem, "VICS %.*s", (int)len, at);
    }
    return str_copy(mem, "VICS, no profile stated");
}

static bool context_read(Vics *v, Err *err)
{
    ScanType type;
    ScanValue value;
    if (!scan_peek(v->scan, &type, err))
        return false;
    if (type != SCAN_TEXT)
        return scan_skip(v->scan, err);
    if (!scan_value(v->scan, &value, err))
        return false;
    char *text = value.escaped ? scan_unescape(v->r->mem, value.text) : str_from(v->r->mem, value.text);
    if (text && !v->scale)
        v->scale = scale_of(v->r->mem, str_of(text));
    return true;
}

static bool document_read(Vics *v, Err *err);

/* The entries come before the context: look for it first. */
static bool context_first(Vics *v, Err *err)
{
    Source *again = NULL;
    Vics first = { .r = v->r, .only_context = true };
    if (!v->r->again(v->r, &again, err))
        return false;
    bool ok = scan_open(v->r->mem, again, &first.scan, err) && document_read(&first, err);
    source_close(again);
    arena_done(&first.scratch);
    v->scale = first.scale ? first.scale : str_copy(v->r->mem, "VICS, no profile stated");
    return ok;
}

static bool value_read(Vics *v, Err *err)
{
    ScanType type;
    if (!scan_peek(v->scan, &type, err))
        return false;
    if (type != SCAN_LIST)
        return err_set(err, ERR_INVALID, "\"value\" in the VICS document is no list.");
    if (v->has_value)
        return err_set(err, ERR_INVALID, "\"value\" is in the VICS document twice.");
    v->has_value = true;
    if (!v->scale && !v->only_context && !context_first(v, err))
        return false;
    return media_list(v, err);
}

static bool document_read(Vics *v, Err *err)
{
    ScanValue name;
    ScanType type;
    bool end = false;
    if (!scan_peek(v->scan, &type, err))
        return false;
    if (type != SCAN_OBJECT)
        return err_set(err, ERR_INVALID, "The JSON is not a VICS document: it is no object with \"value\".");
    if (!scan_enter(v->scan, err))
        return false;
    for (;;) {
        if (!scan_name(v->scan, &name, &end, err))
            return false;
        if (end)
            break;
        bool context = text_is(name.text, "@odata.context") || text_is(name.text, "odata.metadata");
        if (!(context                          ? context_read(v, err)
              : text_is(name.text, "value") ? value_read(v, err)
                                               : scan_skip(v->scan, err)))
            return false;
    }
    if (!v->has_value)
        return err_set(err, ERR_INVALID, "The JSON is not a VICS document: it has no \"value\".");
    return scan_close(v->scan, err);
}

bool read_vics(Reading *r, Err *err)
{
    CLEANUP(arena_done) Arena window = {0};
    Vics v = { .r = r, .cpu = cpu_best() };
    bool ok = scan_open(&window, r->src, &v.scan, err) && document_read(&v, err);
    arena_done(&v.scratch);
    if (!r->report->scale)
        r->report->scale = v.scale;
    return ok;
}
