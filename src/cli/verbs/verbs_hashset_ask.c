/* verbs_hashset_ask.c: sets of known files are asked: which digests they hold, and which pictures are near.
 * No database is needed. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/source.h"
#include "cli/cli.h"
#include "match/read/known_read.h"
#include "match/set_file.h"

enum {
    QUERY_BYTES = 8 * 1024 * 1024,
    OUT_BYTES = 1024 * 1024,
    NEAR_CAP = 1000,
    NEAR_BATCH = 4096,
};

/* ---- find ---- */

typedef struct Finding {
    Cli    *cli;
    Json   *hits;                            /* with --json */
    char   *out;                             /* OUT_BYTES; lines on their way to standard output */
    size_t  used;
} Finding;

static void hits_flush(Finding *f)
{
    fwrite(f->out, 1, f->used, stdout);
    f->used = 0;
}

/* "digest source version scale grade series" becomes "digest source grade series". A line is shorter than
 * OUT_BYTES by far: KNOWN_TEXT_MAX bounds its texts. */
static void hit_print(Finding *f, Str line)
{
    static const bool kept[] = { true, true, false, false, true, true };
    const char *at = line.at, *end = line.at + line.len;
    if (f->used + line.len + 1 > OUT_BYTES)
        hits_flush(f);
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        const char *tab = i + 1 < COUNT_OF(kept) ? memchr(at, '\t', (size_t)(end - at)) : NULL;
        size_t len = (size_t)((tab ? tab : end) - at);
        if (kept[i]) {
            memcpy(f->out + f->used, at, len);
            f->used += len;
            f->out[f->used++] = i + 1 < COUNT_OF(kept) ? '\t' : '\n';
        }
        at += len + (tab != NULL);
    }
}

static void hit_json(Finding *f, Str line)
{
    static const char *const keys[] = { "digest", "set", "version", "scale", "grade", "series" };
    Json *j = json_new_object();
    size_t n = 0;
    for (size_t from = 0, at = 0; at <= line.len && n < COUNT_OF(keys); at++)
        if (at == line.len || line.at[at] == '\t') {
            json_set_text(j, keys[n++], str_copy_n(&f->cli->mem, line.at + from, at - from));
            from = at + 1;
        }
    json_push(f->hits, j);
}

static bool hits_print(void *ctx, Str lines)
{
    Finding *f = ctx;
    while (lines.len) {
        const char *end = memchr(lines.at, '\n', lines.len);
        size_t len = end ? (size_t)(end - lines.at) : lines.len;
        (f->hits ? hit_json : hit_print)(f, (Str){ lines.at, len });
        lines = (Str){ lines.at + len + (end != NULL), lines.len - len - (end != NULL) };
    }
    return true;
}

/* Lines of each length are asked of the kinds of that length; a piece of one kind is asked once. */
static bool piece_find(const KnownSet *set, Str piece, Finding *f, KnownTextCounts *sum, Err *err)
{
    KnownInfo info = known_info(set);
    uint64_t asked = 0;
    KnownTextCounts c = {0};
    for (int k = DIGEST_MD5; k <= DIGEST_PDQ; k++) {
        if (k == DIGEST_PDQ && !info.counts.digests[k])
            break;
        if (!known_find_text(set, (DigestKind)k, piece, hits_print, f, &c, err))
            return false;
        asked += k == DIGEST_PDQ ? 0 : c.asked;
        sum->known += c.known;
        sum->hits += c.hits;
        if (c.asked && !c.bad_lines && k != DIGEST_SHA256)
            break;                           /* all lines were of this kind */
    }
    sum->asked += asked;
    sum->bad_lines += c.asked + c.bad_lines > asked ? c.asked + c.bad_lines - asked : 0;
    return true;
}

/* Whole lines of a file or standard input, a few megabytes at a time. */
typedef bool PieceTake(void *ctx, Str piece, Err *err);
static bool pieces_read(Cli *cli, const char *path, PieceTake *take, void *ctx, Err *err)
{
    Source *src = NULL;
    char *buf = arena_new(&cli->mem, char, QUERY_BYTES);
    size_t held = 0, got = 1;
    if (!source_open(&cli->mem, str_same(path, "-") ? "/dev/stdin" : path, 0, &src, err))
        return err_while(err, "reading the digests");
    bool ok = true;
    while (ok && (got || held)) {
        ok = source_read(src, buf + held, QUERY_BYTES - held, &got, err);
        held += ok ? got : 0;
        const char *last = got && held < QUERY_BYTES ? memrchr(buf, '\n', held)
                           : got ? memrchr(buf, '\n', held) : buf + held - 1;
        if (!ok || !held)
            break;
        if (!last && held < QUERY_BYTES)
            continue;
        if (!last) {
            ok = err_set(err, ERR_LIMIT, "A line of the digests is too long.");
            break;
        }
        size_t whole = (size_t)(last + 1 - buf);
        ok = take(ctx, (Str){ buf, whole }, err);
        memmove(buf, buf + whole, held - whole);
        held -= whole;
    }
    source_close(src);
    return ok;
}

typedef struct FindAll { SetFile *sets; size_t count; Finding f; KnownTextCounts sum; } FindAll;

static bool piece_find_all(void *ctx, Str piece, Err *err)
{
    FindAll *a = ctx;
    for (size_t i = 0; i < a->count; i++)
        if (!piece_find(a->sets[i].set, piece, &a->f, &a->sum, err))
            return false;
    return true;
}

static bool sets_open(Cli *cli, SetFile **out, size_t *count, Err *err)
{
    *out = arena_new(&cli->mem, SetFile, cli->args.option_count);
    *count = 0;
    for (size_t i = 0; i < cli->args.option_count; i++)
        if (str_same(cli->args.options[i].name, "set") &&
            !set_file_open(cli->args.options[i].value, &cli->mem, &(*out)[(*count)++], err))
            return false;
    return true;
}

static void sets_done(SetFile *sets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        set_file_done(&sets[i]);
}

bool verb_hashset_find(Cli *cli, Err *err)
{
    FindAll a = { .f = { .cli = cli, .hits = cli->json ? json_new_list() : NULL,
                         .out = arena_new(&cli->mem, char, OUT_BYTES) } };
    CLEANUP(json_done) Json *hits = a.f.hits;
    bool ok = sets_open(cli, &a.sets, &a.count, err);
    for (size_t i = 0; ok && i < cli->args.word_count; i++)
        ok = pieces_read(cli, cli->args.words[i], piece_find_all, &a, err);
    sets_done(a.sets, a.count);
    hits_flush(&a.f);
    fflush(stdout);
    if (ok && a.sum.bad_lines)
        fprintf(stderr, "muster: %llu lines are no digests.\n", (unsigned long long)a.sum.bad_lines);
    if (ok && cli->json) {
        CLEANUP(json_done) Json *j = json_new_object();
        json_set_int(j, "asked", (int64_t)a.sum.asked);
        json_set_int(j, "known", (int64_t)a.sum.known);
        json_set_int(j, "bad_lines", (int64_t)a.sum.bad_lines);
        json_set(j, "hits", json_keep(hits));
        print_json(cli, j);
    }
    return ok;
}

/* ---- near ---- */

typedef struct NearAsk {
    Cli      *cli;
    SetFile  *sets;
    size_t    count;
    int       distance;
    uint8_t  *hashes;                        /* NEAR_BATCH of them */
    size_t    n;
    uint64_t  asked, known, bad_lines;
    Json     *hits;
} NearAsk;

static bool near_print(NearAsk *a, const SetFile *file, const uint8_t *asked, const NearHit *hit, Err *err)
{
    uint32_t row = 0;
    KnownEntry e;
    CLEANUP(arena_done) Arena mem = {0};
    if (!known_row(file->set, DIGEST_PDQ, hit->row, &row, err) || !known_entry(file->set, row, &e, err))
        return false;
    const char *query = hex_write(&mem, asked, 32), *found = hex_write(&mem, e.digest[DIGEST_PDQ], 32);
    if (!a->hits) {
        printf("%s\t%u\t%s\t%s\t%s\t%s\n", query, hit->distance, found, e.source, e.grade, e.series);
        return true;
    }
    Json *j = json_new_object();
    json_set_text(j, "digest", query);
    json_set_int(j, "distance", hit->distance);
    json_set_text(j, "found", found);
    json_set_text(j, "set", e.source);
    json_set_text(j, "version", e.version);
    json_set_text(j, "scale", e.scale);
    json_set_text(j, "grade", e.grade);
    json_set_text(j, "series", e.series);
    json_push(a->hits, j);
    return true;
}

static bool near_batch(NearAsk *a, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    NearFound *found = arena_new(&mem, NearFound, a->n + 1);
    for (size_t s = 0; s < a->count; s++) {
        set_file_find_near(&a->sets[s], a->hashes, a->n, a->distance, NEAR_CAP, &mem, found);
        for (size_t i = 0; i < a->n; i++) {
            a->known += found[i].n > 0;
            for (uint32_t h = 0; h < found[i].n; h++)
                if (!near_print(a, &a->sets[s], a->hashes + 32 * i, &found[i].hits[h], err))
                    return false;
            if (found[i].total > found[i].n)
                fprintf(stderr, "muster: %u more are near one of the hashes.\n", found[i].total - found[i].n);
        }
    }
    a->n = 0;
    return true;
}

static bool near_piece(void *ctx, Str piece, Err *err)
{
    NearAsk *a = ctx;
    while (piece.len) {
        const char *end = memchr(piece.at, '\n', piece.len);
        Str line = str_trim((Str){ piece.at, end ? (size_t)(end - piece.at) : piece.len });
        size_t used = end ? (size_t)(end + 1 - piece.at) : piece.len;
        piece = (Str){ piece.at + used, piece.len - used };
        if (!line.len || line.at[0] == '#')
            continue;
        bool good = line.len >= 64 && (line.len == 64 || line.at[64] == '\t' || line.at[64] == ' ' ||
                                       line.at[64] == ',') &&
                    digest_parse(DIGEST_PDQ, (Str){ line.at, 64 }, a->hashes + 32 * a->n);
        a->asked += good;
        a->bad_lines += !good;
        a->n += good;
        if (a->n == NEAR_BATCH && !near_batch(a, err))
            return false;
    }
    return true;
}

bool verb_hashset_near(Cli *cli, Err *err)
{
    int64_t distance = NEAR_DISTANCE;
    NearAsk a = { .cli = cli, .hashes = arena_new(&cli->mem, uint8_t, NEAR_BATCH * 32),
                  .hits = cli->json ? json_new_list() : NULL };
    CLEANUP(json_done) Json *hits = a.hits;
    if (!arg_int(cli, "distance", NEAR_DISTANCE, 0, 256, &distance, err))
        return false;
    a.distance = (int)distance;
    bool ok = sets_open(cli, &a.sets, &a.count, err);
    for (size_t i = 0; ok && i < a.count; i++)
        ok = set_file_near(&a.sets[i], &cli->mem, err);
    for (size_t i = 0; ok && i < cli->args.word_count; i++)
        ok = pieces_read(cli, cli->args.words[i], near_piece, &a, err);
    ok = ok && near_batch(&a, err);
    sets_done(a.sets, a.count);
    fflush(stdout);
    if (ok && a.bad_lines)
        fprintf(stderr, "muster: %llu lines are no PDQ hashes.\n", (unsigned long long)a.bad_lines);
    if (ok && cli->json) {
        CLEANUP(json_done) Json *j = json_new_object();
        json_set_int(j, "asked", (int64_t)a.asked);
        json_set_int(j, "near", (int64_t)a.known);
        json_set_int(j, "bad_lines", (int64_t)a.bad_lines);
        json_set(j, "hits", json_keep(hits));
        print_json(cli, j);
    }
    return ok;
}
