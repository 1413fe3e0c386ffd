/* vics_bench.c: a national set of VICS JSON, read and made into a set file.
 *
 * Beside: jansson, which loads the document and is then walked for the same members (what our own base/json.h
 * would do), and yajl's bare event rate: a parse in 64 KiB pieces with callbacks that do nothing. Making the
 * set sorts, sums and writes a third as many bytes again, flushed to the disk. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <yajl/yajl_parse.h>
#include "base/rng.h"
#include "match/read/known_read.h"

enum { ENTRIES = 150000, ROUNDS = 5, PIECE = 64 * 1024 };

/* Processor time: one thread each, and neighbours come and go. */
static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void digits(StrBuf *text, Rng *rng, size_t n, const char *set, size_t set_size)
{
    for (size_t i = 0; i < n; i++)
        buf_char(text, set[rng_below(rng, set_size)]);
}

/* Shaped as tools write it: four of five with SHA-1, half with PhotoDNA, some with tags, exifs and paths. */
static void entry_write(StrBuf *text, Rng *rng, int i)
{
    static const char hex[] = "0123456789ABCDEF";
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    buf_fmt(text, "%s{\"MediaID\": %d, \"Category\": %d, \"MD5\": \"", i ? ", " : "", i, i % 4);
    digits(text, rng, 32, hex, 16);
    buf_fmt(text, "\", \"MediaSize\": %d, \"DateUpdated\": \"2025-01-02T03:04:05-05:00\","
                  " \"IsPrecategorized\": \"false\"", 1000 + i);
    if (i % 5) {
        buf_add(text, ", \"SHA1\": \"");
        digits(text, rng, 40, hex, 16);
        buf_char(text, '"');
    }
    if (i % 2) {
        buf_add(text, ", \"PhotoDNA\": \"");
        digits(text, rng, 192, base64, 64);
        buf_char(text, '"');
    }
    if (i % 7 == 0)
        buf_add(text, ", \"Series\": \"Synthetic ] } \\\" , series \xE2\x9C\x93\", \"VictimIdentified\": "
                      "\"true\","
                      " \"Tags\": \"tag, with ] brackets\", \"Exifs\": [{\"PropertyName\": \"Make\","
                      " \"PropertyValue\": \"Synthetic {camera}\"}]");
    if (i % 3 == 0)
        buf_add(text, ", \"MediaFiles\": [{\"FileName\": \"orig_1.png\", \"FilePath\": "
                      "\"\\\\DCIM\\\\orig_1.png\","
                      " \"Created\": \"2024-01-02T03:04:05+00:00\"}]");
    buf_char(text, '}');
}

static void document_write(StrBuf *text)
{
    Rng rng = rng_seed(1);
    buf_add(text, "{\"@odata.context\": "
                  "\"http://example.invalid/ProjectVic/DataModels/2.0.xml/UK/$metadata#Media\","
                  " \"value\": [");
    for (int i = 0; i < ENTRIES; i++)
        entry_write(text, &rng, i);
    buf_add(text, "]}");
}

/* ---- ours ---- */

static bool sum(void *ctx, const KnownEntry *entry, Err *err)
{
    uint64_t *out = ctx;
    (void)err;
    if (entry->digest[DIGEST_MD5])
        *out += entry->digest[DIGEST_MD5][0] + (uint64_t)(entry->grade[0] == '1');
    return true;
}

static bool into_set(void *ctx, const KnownEntry *entry, Err *err)
{
    return known_build_add(ctx, entry, err);
}

static void must(bool ok, const Err *err)
{
    if (ok)
        return;
    fprintf(stderr, "%s [%s]\n", err->told, err->trail);
    exit(1);
}

static uint64_t by_us(Str text)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    KnownReadReport r;
    KnownReadOptions options = KNOWN_READ_DEFAULT;
    uint64_t out = 0;
    must(known_read_bytes(text, "bench", &options, sum, &out, &mem, &r, &err), &err);
    return out;
}

static const char *set_path(Arena *mem) { return str_fmt(mem, "/tmp/vics-bench-%d.set", (int)getpid()); }

static uint64_t by_us_set(Str text)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(known_build_close) KnownBuild *build = NULL;
    Err err = {0};
    KnownReadReport r;
    KnownReadOptions options = KNOWN_READ_DEFAULT;
    KnownCounts counts;
    must(known_build_begin(set_path(&mem), &(KnownBuildOptions){ .name = "bench", .version = "1" }, &mem,
                           &build, &err),
         &err);
    must(known_read_bytes(text, "bench", &options, into_set, build, &mem, &r, &err), &err);
    must(known_build_end(build, &counts, &err), &err);
    return counts.entries;
}

/* ---- jansson ---- */

static uint64_t by_jansson(Str text)
{
    static const char *const members[] = { "SHA1", "PhotoDNA", "Series", "DateUpdated", "VictimIdentified" };
    json_error_t error;
    uint64_t out = 0;
    json_t *j = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &error), *media;
    size_t i;
    if (!j)
        exit(1);
    json_array_foreach(json_object_get(j, "value"), i, media)
    {
        uint8_t md5[16];
        if (digest_parse(DIGEST_MD5, str_of(json_string_value(json_object_get(media, "MD5"))), md5))
            out += md5[0];
        out += json_integer_value(json_object_get(media, "Category")) == 1;
        FOR_EACH(m, members)
            out += (uint64_t)(json_object_get(media, *m) == j);
    }
    json_decref(j);
    return out;
}

/* ---- yajl ---- */

static int on_null(void *c) { ++*(uint64_t *)c; return 1; }
static int on_bool(void *c, int b) { *(uint64_t *)c += b != 0; return 1; }
static int on_number(void *c, const char *at, size_t n) { (void)at; *(uint64_t *)c += n; return 1; }
static int on_text(void *c, const unsigned char *at, size_t n) { (void)at; *(uint64_t *)c += n; return 1; }
static int on_mark(void *c) { ++*(uint64_t *)c; return 1; }

static uint64_t by_yajl(Str text)
{
    static yajl_callbacks calls = { .yajl_null = on_null,
                                    .yajl_boolean = on_bool,
                                    .yajl_number = on_number,
                                    .yajl_string = on_text,
                                    .yajl_start_map = on_mark,
                                    .yajl_map_key = on_text,
                                    .yajl_end_map = on_mark,
                                    .yajl_start_array = on_mark,
                                    .yajl_end_array = on_mark };
    uint64_t out = 0;
    yajl_handle h = yajl_alloc(&calls, NULL, &out);
    for (size_t at = 0; at < text.len; at += PIECE) {
        size_t n = text.len - at < PIECE ? text.len - at : PIECE;
        if (yajl_parse(h, (const unsigned char *)text.at + at, n) != yajl_status_ok)
            exit(1);
    }
    yajl_complete_parse(h);
    yajl_free(h);
    return out;
}

typedef struct Runner { uint64_t (*run)(Str); double best; uint64_t out; } Runner;

/* In turn, so that all meet the same neighbours; the best of the rounds is the one least disturbed. MB/s. */
static void rounds(Str text, Runner *runners, size_t n, const char *made)
{
    for (int i = 0; i < ROUNDS; i++)
        for (size_t k = 0; k < n; k++) {
            unlink(made);
            double from = now_s();
            runners[k].out = runners[k].run(text);
            double mb = (double)text.len / 1e6 / (now_s() - from);
            runners[k].best = mb > runners[k].best ? mb : runners[k].best;
        }
}

static void row(const char *task, double value, const char *reference, double beside, const char *target)
{
    printf("row\t%s\t%.0f\tMB/s\t%s\t%.0f\t%.2f\t%s\n", task, value, reference, beside, value / beside,
           target);
}

int main(void)
{
    CLEANUP(arena_done) Arena mem = {0};
    StrBuf text = { .mem = &mem };
    /* jansson takes seconds, after which a virtual machine has given our memory back to its host and has to
     * ask for it again page by page: it has rounds of its own. */
    Runner runs[] = { { by_us, 0, 0 }, { by_us_set, 0, 0 }, { by_jansson, 0, 0 }, { by_yajl, 0, 0 } };
    Runner quick[] = { runs[0], runs[1], runs[3] };
    document_write(&text);
    rounds((Str){ text.at, text.len }, quick, COUNT_OF(quick), set_path(&mem));
    rounds((Str){ text.at, text.len }, &runs[2], 1, set_path(&mem));
    runs[0] = quick[0];
    runs[1] = quick[1];
    runs[3] = quick[2];
    if (runs[0].out != runs[2].out || runs[1].out == 0) {
        fprintf(stderr, "the readers differ: %" PRIu64 " and %" PRIu64 "\n", runs[0].out, runs[2].out);
        return 1;
    }
    row("VICS JSON read into entries", runs[0].best, "jansson", runs[2].best, "ratio>=3");
    row("VICS JSON read into entries", runs[0].best, "yajl's bare events", runs[3].best, "ratio>=1");
    row("VICS JSON into a set file", runs[1].best, "jansson", runs[2].best, "ratio>=3");
    row("VICS JSON into a set file", runs[1].best, "yajl's bare events", runs[3].best, "ratio>=1");
    return 0;
}
