/* The ways scripts are customarily romanised are a table: ICU's own identifiers where it has the table that
 * passports and atlases follow (BGN, UNGEGN), our rules on top where those end in scholars' letters. What no
 * row covers goes through ICU's Any-Latin. Each row is opened once, when first met. */
#include "base/fold.h"
#include <assert.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

enum { FOLD_LONGEST = 4096, ROOM = 8 };      /* ROOM: how many times longer a text may become */

typedef struct Way {
    UScriptCode script;
    const char *letters;     /* only for texts that hold one of these; NULL: any of the script */
    const char *rules;       /* ICU transform rules */
} Way;

/* Scripts of India write no vowel where one is inherent, and no one says it at the end of a name, nor between
 * two syllables that have vowels of their own (Balavindara: Balvindar). ISO 15919's letters become those a
 * passport shows. */
#define INDIC                                                                                                \
    "::Any-Latin; ::NFC; ṁ } [pbm] > m; ṁ > n; ṅ > n; ñ > n; ch > chh; c > ch; ś > sh; ṣ > sh; ph > f;"      \
    " [:L:] { a } [^[:L:][:M:]] > ; [:L:] { a } $ > ; ::Null;"                                               \
    " $V = [aeiouāīūēō]; $C = [bcdfgjklmnprstvyzhṭḍṇ]; $T = $C h? [rlvy]? $V;"                    \
    " $V $C { a } $T > ; $V $C h { a } $T > ;"

/* Korean family names have customary spellings that no table of sounds gives. `W` stands around a word. */
#define KOREAN                                                                                               \
    "$W = [[:^L:]$]; $W { 김 } $W > kim; $W { 이 } $W > lee; $W { 박 } $W > park; $W { 최 } $W > choi;"       \
    " $W { 정 } $W > jung; $W { 강 } $W > kang; $W { 조 } $W > cho; $W { 윤 } $W > yoon;"                     \
    " $W { 임 } $W > lim; $W { 오 } $W > oh; $W { 신 } $W > shin; $W { 권 } $W > kwon; $W { 황 } $W > hwang;" \
    " $W { 안 } $W > ahn; $W { 유 } $W > yoo; $W { 문 } $W > moon; $W { 백 } $W > baek; $W { 노 } $W > roh;"

/* Languages that share a script are told by letters only they have: those rows stand first. */
static const Way ways[] = {
    { USCRIPT_CYRILLIC,   "ђјљњћџ",  "::Serbian-Latin/BGN;"    },
    { USCRIPT_CYRILLIC,   "ў",       "::Belarusian-Latin/BGN;" },
    { USCRIPT_CYRILLIC,   "іїєґ",    "::Ukrainian-Latin/BGN;"  },
    { USCRIPT_CYRILLIC,   "ъ",       "::Bulgarian-Latin/BGN;"  },      /* hardly met in Russian names */
    { USCRIPT_CYRILLIC,   NULL,      "::Russian-Latin/BGN;"    },
    { USCRIPT_GREEK,      NULL,      "::Greek-Latin/UNGEGN;"   },
    { USCRIPT_ARMENIAN,   NULL,      "::Armenian-Latin/BGN;"   },
    { USCRIPT_ARABIC,     "پچژگکی",  "::Persian-Latin/BGN;"    },
    { USCRIPT_HEBREW,     NULL,      "::Hebrew-Latin/BGN;"     },
    { USCRIPT_ETHIOPIC,   NULL,      "::Amharic-Latin/BGN;"    },
    { USCRIPT_DEVANAGARI, NULL,      INDIC                     },
    { USCRIPT_BENGALI,    NULL,      INDIC                     },
    { USCRIPT_GURMUKHI,   NULL,      "ੰ > ਂ; ::Null;" INDIC      },      /* ICU drops one of its nasal signs */
    { USCRIPT_GUJARATI,   NULL,      INDIC                     },
    { USCRIPT_HANGUL,     NULL,      KOREAN                    },
};
/* Last for every text. A soft or hard sign and the like come out as apostrophes. */
static const char to_ascii[] = "::Any-Latin; ::NFD; ::[:Mn:] Remove; ::NFC; ::Latin-ASCII; ::Lower;"
                               " ::[^\\u0020-\\u007E] Remove;";

struct Fold {
    UTransliterator *way[COUNT_OF(ways)], *last;
    bool             tried[COUNT_OF(ways)];
};

Fold *fold_new(Arena *mem)
{
    return arena_new(mem, Fold, 1);
}

void fold_done(Fold **fold)
{
    Fold *f = *fold;
    for (size_t i = 0; f && i < COUNT_OF(ways); i++)
        utrans_close(f->way[i]);
    if (f)
        utrans_close(f->last);
    *fold = NULL;
}

/* ---- between UTF-8 and ICU's UTF-16 */

typedef struct Wide {
    UChar  *at;
    int32_t len, cap;
} Wide;

static Wide wide_of(Arena *mem, const char *text)
{
    int32_t    bytes = (int32_t)strnlen(text, FOLD_LONGEST);
    Wide       w = { .cap = bytes * ROOM + 64 };
    UErrorCode code = U_ZERO_ERROR;
    w.at = arena_new(mem, UChar, w.cap);
    u_strFromUTF8WithSub(w.at, w.cap, &w.len, text, bytes, 0xFFFD, NULL, &code);
    return w;
}

static char *wide_text(Arena *mem, const Wide *w)
{
    char      *text = arena_new(mem, char, 3 * w->len + 1);
    int32_t    len = 0;
    UErrorCode code = U_ZERO_ERROR;
    u_strToUTF8WithSub(text, 3 * w->len + 1, &len, w->at, w->len, 0xFFFD, NULL, &code);
    return text;
}

static void case_fold(Arena *mem, Wide *w)
{
    UErrorCode code = U_ZERO_ERROR;
    const UNormalizer2 *form = unorm2_getNFKCCasefoldInstance(&code);
    Wide out = { .at = arena_new(mem, UChar, w->cap), .cap = w->cap };
    out.len = unorm2_normalize(form, w->at, w->len, out.at, out.cap, &code);
    if (U_SUCCESS(code))
        *w = out;
}

/* A way that cannot be opened is ICU without that table: the last way still reads the text. */
static UTransliterator *way_open(const char *rules)
{
    UChar       id[8], text[1024];
    UErrorCode  code = U_ZERO_ERROR;
    UParseError where;
    u_uastrcpy(id, "fold");
    u_strFromUTF8(text, COUNT_OF(text), NULL, rules, -1, &code);
    UTransliterator *t = utrans_openU(id, -1, UTRANS_FORWARD, text, -1, &where, &code);
    return U_SUCCESS(code) ? t : NULL;
}

static void way_apply(UTransliterator *way, Wide *w)
{
    int32_t    limit = w->len;
    UErrorCode code = U_ZERO_ERROR;
    utrans_transUChars(way, w->at, &w->len, w->cap, 0, &limit, &code);
}

static bool holds(const Wide *w, const char *letters)
{
    UChar      set[32];
    UErrorCode code = U_ZERO_ERROR;
    u_strFromUTF8(set, COUNT_OF(set), NULL, letters, -1, &code);
    for (int32_t i = 0; i < w->len; i++)
        if (u_strchr(set, w->at[i]))
            return true;
    return false;
}

/* The scripts of the table lie in the basic plane, one unit a letter. */
static bool has_script(const Wide *w, UScriptCode script)
{
    UErrorCode code = U_ZERO_ERROR;
    for (int32_t i = 0; i < w->len; i++)
        if (uscript_getScript(w->at[i], &code) == script)
            return true;
    return false;
}

/* ---- what the header promises */

/* Eight bytes at a time: nearly every text is ASCII, and each is asked. */
static bool all_ascii(const char *text, size_t len)
{
    uint64_t high = 0, some;
    size_t   i = 0;
    for (; i + sizeof some <= len; i += sizeof some) {
        memcpy(&some, text + i, sizeof some);
        high |= some;
    }
    for (; i < len; i++)
        high |= (uint64_t)(unsigned char)text[i];
    return !(high & UINT64_C(0x8080808080808080));
}

bool fold_is_ascii(const char *text)
{
    return all_ascii(text, strlen(text));
}

/* Control characters would part words that no eye sees parted: they become blanks. */
static char ascii_fold(char c)
{
    char blank = c < ' ' || c == 0x7F ? ' ' : c;
    return (char)(blank + (c >= 'A' && c <= 'Z' ? 32 : 0));
}

static char *ascii_lower(Arena *mem, const char *text, size_t len)
{
    size_t n = len < FOLD_LONGEST ? len : FOLD_LONGEST;
    char  *out = arena_new(mem, char, n + 1);
    for (size_t i = 0; i < n; i++)
        out[i] = ascii_fold(text[i]);
    return out;
}

char *fold_case(Fold *fold, Arena *mem, const char *text)
{
    (void)fold;
    Str all = str_of(text);
    if (all_ascii(all.at, all.len))
        return ascii_lower(mem, all.at, all.len);
    Wide w = wide_of(mem, text);
    case_fold(mem, &w);
    return wide_text(mem, &w);
}

char *fold_latin(Fold *fold, Arena *mem, const char *text)
{
    Str all = str_of(text);
    if (all_ascii(all.at, all.len))
        return ascii_lower(mem, all.at, all.len);
    Wide w = wide_of(mem, text);
    case_fold(mem, &w);
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        if (!has_script(&w, ways[i].script) || (ways[i].letters && !holds(&w, ways[i].letters)))
            continue;
        if (!fold->tried[i])
            fold->way[i] = way_open(ways[i].rules);
        fold->tried[i] = true;
        if (fold->way[i])
            way_apply(fold->way[i], &w);
    }
    if (!fold->last)
        fold->last = way_open(to_ascii);
    assert(fold->last);
    way_apply(fold->last, &w);
    case_fold(mem, &w);
    const char *latin = wide_text(mem, &w);
    return ascii_lower(mem, latin, strlen(latin));
}

const char *fold_script(const char *text)
{
    enum { KINDS = 8 };
    struct { UScriptCode script; int letters; } seen[KINDS] = {0};
    Str    s = str_of(text);
    size_t kinds = 0, best = 0;
    for (size_t i = 0; i < s.len;) {
        uint32_t   value = 0;
        size_t     bytes = utf8_point(s, i, &value), k = 0;
        UErrorCode code = U_ZERO_ERROR;
        i += bytes ? bytes : 1;
        if (!bytes || !u_isalpha((UChar32)value))
            continue;
        UScriptCode script = uscript_getScript((UChar32)value, &code);
        while (k < kinds && seen[k].script != script)
            k++;
        if (k == KINDS)
            continue;
        kinds += k == kinds;
        seen[k].script = script;
        best = ++seen[k].letters > seen[best].letters ? k : best;
    }
    const char *name = kinds ? uscript_getShortName(seen[best].script) : NULL;
    return name ? name : "";
}
