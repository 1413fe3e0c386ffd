/* similarity_sound.c: what a name sounds like. */
#include <string.h>
#include "engine/similarity/similarity_inside.h"

enum { NAME_LETTERS = 64 };

/* The letters A-Z of a text in capitals; how many. */
static size_t letters_of(Str s, char out[NAME_LETTERS + 1])
{
    size_t n = 0;
    for (size_t i = 0; i < s.len && n < NAME_LETTERS; i++) {
        char c = s.at[i] >= 'a' && s.at[i] <= 'z' ? (char)(s.at[i] - 32) : s.at[i];
        if (c >= 'A' && c <= 'Z')
            out[n++] = c;
    }
    out[n] = 0;
    return n;
}

static bool vowel(char c) { return c && strchr("AEIOU", c); }

/* ---- Soundex. H and W do not part two letters of one group; vowels do. */

void sim_soundex(Str text, char out[SIM_CODE])
{
    static const char group[] = "01230120022455012623010202";    /* of A to Z */
    char   letters[NAME_LETTERS + 1];
    size_t n = letters_of(text, letters), k = 0;
    memset(out, 0, SIM_CODE);
    if (!n)
        return;
    out[k++] = letters[0];
    char last = group[letters[0] - 'A'];
    for (size_t i = 1; i < n && k < 4; i++) {
        char g = group[letters[i] - 'A'];
        if (g != '0' && g != last)
            out[k++] = g;
        if (letters[i] != 'H' && letters[i] != 'W')
            last = g;
    }
    while (k < 4)
        out[k++] = '0';
}

/* ---- NYSIIS, in the steps of the published description */

typedef struct Spelling { const char *from, *to; } Spelling;

static void nysiis_ends(char *name, size_t *n)
{
    static const Spelling first[] = {
        { "MAC", "MCC" }, { "KN", "NN" }, { "K", "C" }, { "PH", "FF" }, { "PF", "FF" }, { "SCH", "SSS" },
    };
    static const Spelling last[] = {
        { "EE", "Y" }, { "IE", "Y" }, { "DT", "D" }, { "RT", "D" }, { "RD", "D" }, { "NT", "D" }, { "ND", "D" },
    };
    FOR_EACH(s, first)
        if (strncmp(name, s->from, strlen(s->from)) == 0) {
            memcpy(name, s->to, strlen(s->to));
            break;
        }
    FOR_EACH(s, last)
        if (*n > 2 && strcmp(name + *n - 2, s->from) == 0) {
            name[--*n - 1] = s->to[0];
            name[*n] = 0;
            break;
        }
}

/* Replaces what stands at i as the rules say; name[i - 1] was already done. */
static void nysiis_letter(char *name, size_t i)
{
    static const Spelling rules[] = {
        { "EV", "AF" }, { "A", "A" },   { "E", "A" },     { "I", "A" },   { "O", "A" }, { "U", "A" },
        { "Q", "G" },   { "Z", "S" },   { "M", "N" },     { "KN", "NN" }, { "K", "C" }, { "SCH", "SSS" },
        { "PH", "FF" },
    };
    FOR_EACH(s, rules)
        if (strncmp(name + i, s->from, strlen(s->from)) == 0) {
            memcpy(name + i, s->to, strlen(s->to));
            return;
        }
    if (name[i] == 'H' && (!vowel(name[i - 1]) || !vowel(name[i + 1])))
        name[i] = name[i - 1];
    if (name[i] == 'W' && vowel(name[i - 1]))
        name[i] = name[i - 1];
}

void sim_nysiis(Str text, char out[SIM_CODE])
{
    char   name[NAME_LETTERS + 1], key[NAME_LETTERS + 1];
    size_t n = letters_of(text, name), k = 0;
    memset(out, 0, SIM_CODE);
    if (!n)
        return;
    nysiis_ends(name, &n);
    key[k++] = name[0];
    for (size_t i = 1; i < n; i++) {
        nysiis_letter(name, i);
        if (name[i] != key[k - 1])
            key[k++] = name[i];
    }
    if (k > 1 && key[k - 1] == 'S')
        k--;
    if (k > 2 && key[k - 2] == 'A' && key[k - 1] == 'Y')
        key[--k - 1] = 'Y';
    if (k > 1 && key[k - 1] == 'A')
        k--;
    memcpy(out, key, k < 6 ? k : 6);
}

/* ---- our own: the first row that fits is the sound of a spelling.
 *
 * Sounds: A a vowel (only at the beginning), H, and B D F G J K L M N P R S T V X (sh, ch and their like).
 * One sound twice running is once. Rows of a letter stand together, longer spellings first. */

typedef enum Where {
    ANY,
    START,
    LATER,
    END,
    FRONT /* before e, i, y */,
    MET /* before a consonant or the end */
} Where;

typedef struct Sound { const char *spelling; Where where; const char *sound; } Sound;

static const Sound sounds[] = {
    { "A", START, "A" },     { "A", ANY, "" },
    { "B", ANY, "B" },
    { "CHR", ANY, "KR" },    { "CHS", ANY, "KS" },  { "CZ", START, "X" }, { "CZ", ANY, "X" },
    { "CHK", ANY, "XK" },    { "CH", ANY, "X" },    { "CK", ANY, "K" },   { "CS", END, "X" },
    { "C", FRONT, "S" },     { "C", ANY, "K" },
    { "DZH", ANY, "J" },     { "DSCH", ANY, "J" },  { "DJ", ANY, "J" },   { "DGE", ANY, "J" },
    { "DT", ANY, "T" },      { "DZ", ANY, "S" },    { "DH", ANY, "D" },   { "D", ANY, "D" },
    { "E", START, "A" },     { "E", ANY, "" },
    { "F", ANY, "F" },
    { "GHN", ANY, "N" },     { "GH", START, "G" },  { "GH", MET, "" },    { "GH", ANY, "G" },
    { "GN", START, "N" },    { "G", FRONT, "J" },   { "G", ANY, "G" },
    { "H", START, "H" },     { "H", ANY, "" },
    { "IA", START, "J" },    { "IO", START, "J" },  { "IU", START, "J" }, { "I", START, "A" },
    { "I", ANY, "" },
    { "JE", START, "J" },    { "J", MET, "" },      { "J", ANY, "J" },
    { "KH", START, "H" },    { "KH", ANY, "" },     { "KN", START, "N" }, { "KS", ANY, "KS" },
    { "K", ANY, "K" },
    { "LL", ANY, "L" },      { "L", ANY, "L" },
    { "MB", END, "M" },      { "M", ANY, "M" },
    { "N", ANY, "N" },
    { "O", START, "A" },     { "O", ANY, "" },
    { "PF", ANY, "F" },      { "PH", ANY, "F" },    { "P", ANY, "P" },
    { "Q", ANY, "K" },
    { "RZ", LATER, "R" },    { "RH", ANY, "R" },    { "R", ANY, "R" },
    { "SCHTSCH", ANY, "X" }, { "SHCH", ANY, "X" },  { "SCH", ANY, "X" },  { "SH", ANY, "X" },
    { "SZ", ANY, "X" },      { "SS", ANY, "S" },    { "S", ANY, "S" },
    { "TSCH", ANY, "X" },    { "TCH", ANY, "X" },   { "TSH", ANY, "X" },  { "TS", ANY, "S" },
    { "TZ", ANY, "S" },      { "TH", ANY, "T" },    { "T", ANY, "T" },
    { "U", START, "A" },     { "U", ANY, "" },
    { "V", END, "F" },       { "V", ANY, "V" },
    { "WR", START, "R" },    { "WH", START, "V" },  { "W", MET, "" },     { "W", ANY, "V" },
    { "X", START, "S" },     { "X", ANY, "KS" },
    { "YE", START, "A" },    { "Y", START, "J" },   { "Y", ANY, "" },
    { "ZH", ANY, "J" },      { "ZSCH", ANY, "X" },  { "Z", ANY, "S" },
};

static bool fits(const Sound *s, const char *name, size_t i, size_t length)
{
    if (strncmp(name + i, s->spelling, length) != 0)
        return false;
    char next = name[i + length];
    switch (s->where) {
    case ANY:   return true;
    case START: return i == 0;
    case LATER: return i > 0;
    case END:   return !next;
    case FRONT: return next && strchr("EIY", next);
    case MET:   return !vowel(next) && next != 'Y';
    }
    return false;
}

void sim_phonetic(Str text, char out[SIM_CODE])
{
    char   name[NAME_LETTERS + 1];
    size_t n = letters_of(text, name), k = 0;
    memset(out, 0, SIM_CODE);
    for (size_t i = 0; i < n && k < SIM_CODE - 1;) {
        size_t length = 1;
        FOR_EACH(s, sounds) {
            if (s->spelling[0] != name[i] || !fits(s, name, i, length = strlen(s->spelling)))
                continue;
            for (const char *c = s->sound; *c && k < SIM_CODE - 1; c++)
                if (!k || out[k - 1] != *c)
                    out[k++] = *c;
            break;
        }
        i += length;
    }
}
