#include <stdlib.h>
#include <string.h>
#include "link/person/person_inside.h"

static bool word_char(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

const char *or_null(const char *text) { return text && *text ? text : NULL; }

/* "O'Brien" and "J.R." are written with and without; so are the signs that Cyrillic letters leave. */
static bool dropped(char c) { return c == '\'' || c == '"' || c == '`' || c == '.'; }

Words words_read(const PersonTools *tools, Arena *mem, const char *text)
{
    Words w = {0};
    char *s = fold_latin(tools->fold, mem, text), *to = s;
    if (strlen(s) > PERSON_TEXT)
        s[PERSON_TEXT] = 0;
    for (const char *from = s; *from && w.count < PERSON_WORDS;) {
        while (*from && !word_char(*from))
            from++;
        if (!*from)
            break;
        char *begin = to;
        for (; *from && (word_char(*from) || dropped(*from)); from++)
            if (!dropped(*from))
                *to++ = *from;
        if (*from)
            from++;
        *to++ = 0;                           /* never past `from`: a word was at least as long as written */
        w.at[w.count++] = begin;
    }
    return w;
}

char *words_join(Arena *mem, const Words *w, size_t from, size_t to)
{
    size_t lens[PERSON_WORDS], all = 1;
    for (size_t i = from; i < to; i++)
        all += (lens[i] = strlen(w->at[i])) + 1;
    char *text = arena_new(mem, char, all), *at = text;
    for (size_t i = from; i < to; i++) {
        if (i > from)
            *at++ = ' ';
        memcpy(at, w->at[i], lens[i]);
        at += lens[i];
    }
    return text;
}

void words_drop(Words *w, size_t at, size_t count)
{
    memmove(w->at + at, w->at + at + count, (w->count - at - count) * sizeof *w->at);
    w->count -= count;
}

/* From the end, so that what was joined can be joined again and doing it twice changes nothing. */
void words_glue(const PersonRules *rules, Arena *mem, Words *w, bool family)
{
    for (size_t i = w->count; i-- > 0 && w->count > 1;) {
        if (i + 1 >= w->count || !rules_word(rules, WORD_JOINED, w->at[i]) || strlen(w->at[i + 1]) < 3)
            continue;
        if (!family && !w->at[i][1])
            continue;
        w->at[i] = str_fmt(mem, "%s%s", w->at[i], w->at[i + 1]);
        words_drop(w, i + 1, 1);
    }
}

void words_bare(const PersonRules *rules, Words *w)
{
    while (w->count > 1 && rules_word(rules, WORD_TITLE, w->at[0]))
        words_drop(w, 0, 1);
    while (w->count > 1 && rules_word(rules, WORD_HONOUR, w->at[w->count - 1]))
        w->count--;
}

static int text_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void words_sort(Words *w)
{
    if (w->count > 1)
        qsort(w->at, w->count, sizeof *w->at, text_order);
}
