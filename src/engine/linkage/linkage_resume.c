#include "engine/linkage/linkage_resume.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/map.h"

typedef struct Head { char magic[8]; uint64_t of, check; } Head;
typedef struct Part { LinkResumeState state; uint64_t pairs, check; } Part;

static const char magic[8] = "MUSTRLR1";

struct LinkResume {
    const char     *path;
    FILE           *file;
    size_t          rows;
    uint64_t        of;
    LinkResumeState state;
    uint64_t        end;          /* of the last whole part */
};

/* ---- check numbers */

static uint64_t mix_bytes(uint64_t h, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < len; i += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, at + i, len - i < sizeof word ? len - i : sizeof word);
        h = link_mix(h, word);
    }
    return h;
}

static uint64_t part_check(uint64_t of, const Part *part)
{
    return mix_bytes(of, part, offsetof(Part, check));
}

static uint64_t mix_model(uint64_t h, const LinkModel *model)
{
    for (size_t f = 0; f < model->comparison_count; f++) {
        const LinkComparison *k = &model->comparisons[f];
        for (size_t l = 0; l < LINK_LEVELS_MAX; l++)
            h = mix_bytes(h, &k->levels[l].weight_bits, sizeof k->levels[l].weight_bits);
        h = mix_bytes(h, &k->term_share, sizeof k->term_share);
        h = mix_bytes(h, &k->term_cap_bits, sizeof k->term_cap_bits);
    }
    for (size_t i = 0; i < model->dependence_count; i++) {
        const LinkDependence *d = &model->dependences[i];
        h = mix_bytes(link_mix(h, (uint64_t)d->a << 8 | d->b), d->bits, sizeof d->bits);
    }
    h = mix_bytes(h, &model->support_free_bits, sizeof model->support_free_bits);
    return mix_bytes(h, &model->match_share, sizeof model->match_share);
}

/* Of the rows' codes and blocks, the rules, everything that weighs, and how pairs are dealt. */
static uint64_t number_of_run(const LinkSweep *s)
{
    const LinkBlocks *b = s->plan->blocks;
    uint64_t          h = link_mix(b->rows, b->rule_count);
    for (size_t row = 0; row < b->rows; row++) {
        h = mix_bytes(h, link_columns_row(s->c, (uint32_t)row), LINK_FIELDS_MAX * sizeof(uint32_t));
        h = mix_bytes(h, link_blocks_row(b, (uint32_t)row), b->rule_count * sizeof(uint32_t));
    }
    h = mix_bytes(h, link_columns_sources(s->c), b->rows);
    h = link_mix(link_mix(h, s->plan->across_only), s->at_once);
    return mix_bytes(mix_model(h, s->model), &s->keep_bits, sizeof s->keep_bits);
}

/* ---- reading */

static bool not_readable(const LinkResume *r, Err *err)
{
    return err_set(err, ERR_STORE, "%s could not be read or written: %s.", r->path, strerror(errno));
}

/* Check numbers of pairs run from the part's own, so that a pair cannot stand in another part. */
static bool pairs_pass(const LinkResume *r, uint64_t count, uint64_t check, LinkKeeper *keeper, bool *whole,
                       Err *err)
{
    uint64_t kept_check;
    LinkPair pair;
    *whole = false;
    for (uint64_t i = 0; i < count; i++) {
        if (fread(&pair, sizeof pair, 1, r->file) != 1)
            return true;
        check = mix_bytes(check, &pair, sizeof pair);
        if (pair.a >= pair.b || pair.b >= r->rows)
            return true;
        if (keeper && !link_keep(keeper, pair, err))
            return false;
    }
    *whole = fread(&kept_check, sizeof kept_check, 1, r->file) == 1 && kept_check == check;
    return true;
}

/* The next part, as long as it is whole; its pairs to `keeper`, unless that is NULL. */
static bool part_pass(const LinkResume *r, Part *part, LinkKeeper *keeper, bool *whole, Err *err)
{
    *whole = false;
    if (fread(part, sizeof *part, 1, r->file) != 1 || part->check != part_check(r->of, part))
        return true;
    return pairs_pass(r, part->pairs, part->check, keeper, whole, err);
}

/* Goes through the parts from the first one. */
static bool parts_pass(LinkResume *r, LinkKeeper *keeper, uint64_t until, Err *err)
{
    Part part;
    bool whole = true;
    if (fseeko(r->file, sizeof(Head), SEEK_SET) != 0)
        return not_readable(r, err);
    for (uint64_t at = sizeof(Head); whole && at < until; at = (uint64_t)ftello(r->file)) {
        if (!part_pass(r, &part, keeper, &whole, err))
            return false;
        if (!whole || keeper)
            continue;
        r->state = part.state;
        r->end = (uint64_t)ftello(r->file);
    }
    return true;
}

/* ---- opening */

static bool head_write(LinkResume *r, Err *err)
{
    Head head = { .of = r->of };
    memcpy(head.magic, magic, sizeof magic);
    head.check = mix_bytes(0, &head, offsetof(Head, check));
    r->end = sizeof head;
    return (fwrite(&head, sizeof head, 1, r->file) == 1 && fflush(r->file) == 0) || not_readable(r, err);
}

static bool head_read(LinkResume *r, Err *err)
{
    Head head;
    if (fread(&head, sizeof head, 1, r->file) != 1 || memcmp(head.magic, magic, sizeof magic) != 0 ||
        head.check != mix_bytes(0, &head, offsetof(Head, check)))
        return err_set(err, ERR_INVALID, "%s does not hold a run of linking that was stopped.", r->path);
    if (head.of == r->of)
        return true;
    (void)err_set(err, ERR_CONFLICT, "%s holds a run that was stopped, but of other rows, rules or weights.",
                  r->path);
    return err_hint(err, "Run it with the file and options that it was begun with, or remove it to begin "
                         "anew.");
}

bool link_resume_open(Arena *mem, const char *path, const LinkSweep *sweep, LinkResume **resume, Err *err)
{
    LinkResume *r = arena_new(mem, LinkResume, 1);
    *r = (LinkResume){ .path = str_copy(mem, path), .rows = link_columns_rows(sweep->c) };
    r->of = number_of_run(sweep);
    r->file = fopen(path, "r+be");
    bool begun = r->file;
    if (!r->file)
        r->file = errno == ENOENT ? fopen(path, "w+bxe") : NULL;
    if (!r->file)
        return err_set(err, ERR_STORE, "%s could not be opened: %s.", path, strerror(errno));
    bool ok = begun ? head_read(r, err) : head_write(r, err);
    r->end = sizeof(Head);
    ok = ok && (!begun || parts_pass(r, NULL, UINT64_MAX, err));
    if (ok && ftruncate(fileno(r->file), (off_t)r->end) != 0)
        ok = not_readable(r, err);
    if (ok)
        *resume = r;
    else
        (void)fclose(r->file);
    return ok;
}

LinkResumeState link_resume_state(const LinkResume *resume)
{
    return resume->state;
}

bool link_resume_replay(const LinkResume *resume, LinkKeeper *keeper, Err *err)
{
    LinkResume again = *resume;
    return parts_pass(&again, keeper, resume->end, err);
}

/* ---- adding */

static bool pairs_write(LinkResume *r, const LinkPair *pairs, size_t count, uint64_t *check)
{
    for (size_t i = 0; i < count; i++)
        *check = mix_bytes(*check, &pairs[i], sizeof pairs[i]);
    return !count || fwrite(pairs, sizeof *pairs, count, r->file) == count;
}

bool link_resume_add(LinkResume *r, const LinkResumeState *state, LinkStore *store, Err *err)
{
    Part   part = { .state = *state };
    size_t count;
    for (unsigned i = 0; link_store_fresh(store, i, &count); i++)
        part.pairs += count;
    part.check = part_check(r->of, &part);
    uint64_t check = part.check;
    bool ok = fseeko(r->file, (off_t)r->end, SEEK_SET) == 0 && fwrite(&part, sizeof part, 1, r->file) == 1;
    const LinkPair *pairs;
    for (unsigned i = 0; ok && (pairs = link_store_fresh(store, i, &count)); i++)
        ok = pairs_write(r, pairs, count, &check);
    ok = ok && fwrite(&check, sizeof check, 1, r->file) == 1 && fflush(r->file) == 0 &&
         fdatasync(fileno(r->file)) == 0;
    link_store_forget_fresh(store);
    if (!ok)
        return not_readable(r, err);
    r->state = *state;
    r->end = (uint64_t)ftello(r->file);
    return true;
}

void link_resume_done(LinkResume *r, bool finished)
{
    if (!r)
        return;
    (void)fclose(r->file);
    if (finished)
        (void)unlink(r->path);
}
