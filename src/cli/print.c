/* print.c: answers for people or for machines, and progress. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli/cli.h"

void print_json(const Cli *cli, const Json *j)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    (void)cli;
    puts(json_pretty(&mem, j));
}

void print_report(const Cli *cli, const Json *report, void (*tell)(const Json *report))
{
    if (cli->json)
        print_json(cli, report);
    else
        tell(report);
}

static const char *cell(Arena *mem, const Json *row, const char *key)
{
    const Json *v = json_get(row, key);
    switch (json_type(v)) {
    case JSON_TYPE_TEXT:
        return json_text_of(v);
    case JSON_TYPE_INT:
        return str_fmt(mem, "%lld", (long long)json_int_of(v));
    case JSON_TYPE_BOOL:
        return json_bool(row, key, false) ? "yes" : "no";
    case JSON_TYPE_NONE:
    case JSON_TYPE_NULL:
    case JSON_TYPE_REAL:
    case JSON_TYPE_LIST:
    case JSON_TYPE_OBJECT:
        return "";
    }
    return "";
}

/* Columns by code points, which is right for names in most scripts and near enough for the rest. */
static int width(const char *text)
{
    int n = 0;
    for (const char *p = text; *p; p++)
        n += ((unsigned char)*p & 0xC0) != 0x80;
    return n;
}

static void pad(const char *text, int to, bool right)
{
    int gap = to > width(text) ? to - width(text) : 0;
    printf("%*s%s%*s", right ? gap : 0, "", text, right ? 0 : gap, "");
}

void print_table(const Cli *cli, const Col *cols, size_t n, const Json *rows)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    if (cli->json) {
        print_json(cli, rows);
        return;
    }
    int *widths = arena_new(&mem, int, n);
    for (size_t c = 0; c < n; c++) {
        widths[c] = width(cols[c].head);
        for (size_t r = 0; r < json_count(rows); r++) {
            int w = width(cell(&mem, json_at(rows, r), cols[c].key));
            widths[c] = w > widths[c] ? w : widths[c];
        }
    }
    for (size_t c = 0; c < n; c++) {
        pad(cols[c].head, widths[c], cols[c].right);
        fputs(c + 1 < n ? "  " : "\n", stdout);
    }
    for (size_t r = 0; r < json_count(rows); r++)
        for (size_t c = 0; c < n; c++) {
            pad(cell(&mem, json_at(rows, r), cols[c].key), widths[c], cols[c].right);
            fputs(c + 1 < n ? "  " : "\n", stdout);
        }
}

Progress progress_begin(const Cli *cli, const char *what, const char *unit)
{
    return (Progress){ what, unit, instant_now(), 0, cli->quiet, isatty(STDERR_FILENO) };
}

void progress_show(Progress *p, int64_t done, int64_t total)
{
    Instant now = instant_now();
    if (p->quiet || !p->terminal || now - p->last_shown < US_PER_SECOND / 5)
        return;
    p->last_shown = now;
    double seconds = (double)(now - p->began) / (double)US_PER_SECOND,
           rate = seconds > 0 ? (double)done / seconds : 0;
    fprintf(stderr, "\r%s: %lld %s, %.0f a second", p->what, (long long)done, p->unit, rate);
    if (total > done && rate > 0)
        fprintf(stderr, ", %.0f s left (%lld%%)", (double)(total - done) / rate,
                (long long)(done * 100 / total));
    fputs("   ", stderr);
}

void progress_end(Progress *p)
{
    if (!p->quiet && p->terminal && p->last_shown)
        fputs("\r\033[K", stderr);
}

void progress_stage(void *ctx, const char *stage, size_t done)
{
    Progress *p = ctx;
    p->what = stage;
    progress_show(p, (int64_t)done, 0);
}
