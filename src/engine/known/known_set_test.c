/* known_set_test.c: what a known-file set promises (known_set.h, invariants 1 to 4). */
#include <sys/stat.h>
#include <unistd.h>
#include "base/rng.h"
#include "base/test.h"
#include "engine/known/known_format.h"

enum { DIGEST_MOST = 144 };

/* ---- Synthetic entries ----------------------------------------------------------------------------------
 */

typedef struct Made {
    uint8_t    digest[DIGEST__COUNT][DIGEST_MOST];
    KnownEntry entry;
} Made;

typedef enum Shape { EVEN, MD5_ONLY, FEW_DIGESTS, SAME_PREFIX, SHA1_FIRST, SHAPES } Shape;
static const char *const shape_names[SHAPES] = { "even", "MD5 only", "few digests", "one prefix", "no MD5" };

static void random_digest(Rng *rng, Shape shape, uint8_t *out, size_t bytes)
{
    Rng few = rng_seed(rng_below(rng, 40));
    for (size_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)rng_next(shape == FEW_DIGESTS ? &few : rng);
    if (shape == SAME_PREFIX)
        memset(out, 0x5a, 15);
}

static Made *make_entries(Arena *mem, Rng *rng, Shape shape, size_t n)
{
    static const char *const sources[] = { "Alpha", "Beta", "Gamma" }, *const grades[] = { "A", "B", "C",
                                                                                           "" };
    Made *made = arena_new(mem, Made, n ? n : 1);
    for (size_t i = 0; i < n; i++) {
        KnownEntry *e = &made[i].entry;
        *e = KNOWN_ENTRY_BLANK;
        for (DigestKind k = 0; k < DIGEST__COUNT; k++) {
            random_digest(rng, shape, made[i].digest[k], digest_bytes(k));
            bool given = shape == MD5_ONLY    ? k == DIGEST_MD5
                         : shape == SHA1_FIRST ? k == DIGEST_SHA1 || (k > DIGEST_SHA1 && rng_below(rng, 2))
                                              : rng_below(rng, 3) > 0;
            if (given)
                e->digest[k] = made[i].digest[k];
        }
        if (shape == EVEN && i % 7 == 0)
            e->digest[DIGEST_MD5] = made[i / 2].digest[DIGEST_MD5];
        e->source = sources[rng_below(rng, 3)];
        e->version = "2026-05";
        e->grade = grades[rng_below(rng, 4)];
        e->scale = rng_below(rng, 2) ? "UK" : "VICS UK";
        if (shape != MD5_ONLY) {
            e->series = rng_below(rng, 3) ? NULL : str_fmt(mem, "series %d", (int)rng_below(rng, 50));
            e->votes = (int)rng_below(rng, 6) - 1;
            e->first_seen = rng_below(rng, 2) ? DATE_NONE : (Date)(10000 + (int)rng_below(rng, 9000));
            e->pdq_quality = (int)rng_below(rng, 102) - 1;
        }
        e->trusted = rng_below(rng, 2);
        e->benign = rng_below(rng, 9) == 0;
        e->negative = rng_below(rng, 20) == 0;
        e->victim_identified = rng_below(rng, 5) == 0;
    }
    return made;
}

/* ---- Building -------------------------------------------------------------------------------------------
 */

static const char *scratch(Arena *mem)
{
    const char *folder = getenv("MUSTER_TEST_DIR");
    return str_fmt(mem, "%s/muster-known-%d.set", folder ? folder : "/tmp", (int)getpid());
}

static KnownCounts build_with(Arena *mem, const char *path, const Made *made, size_t n, size_t budget)
{
    Err err = {0};
    CLEANUP(known_build_close) KnownBuild *b = NULL;
    KnownCounts counts = {0};
    KnownBuildOptions o = { .name = "test", .version = "1", .made = 1234567, .budget_bytes = budget };
    CHECK_OK(known_build_begin(path, &o, mem, &b, &err), &err);
    for (size_t i = 0; i < n; i++)
        CHECK_OK(known_build_add(b, &made[i].entry, &err), &err);
    CHECK_OK(known_build_end(b, &counts, &err), &err);
    return counts;
}

static Str file_bytes(Arena *mem, const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat s;
    assert_non_null(f);
    CHECK(fstat(fileno(f), &s) == 0);
    char *at = arena_alloc(mem, 1, (size_t)s.st_size + 64, 64);
    CHECK(fread(at, 1, (size_t)s.st_size, f) == (size_t)s.st_size);
    fclose(f);
    return (Str){ at, (size_t)s.st_size };
}

static void shuffle(Rng *rng, Made *made, size_t n)
{
    /* Entries point into each other's digests, so a copy by value keeps pointing at the old place, unmoved.
     */
    for (size_t i = n; i > 1; i--) {
        size_t j = rng_below(rng, i);
        KnownEntry swap = made[i - 1].entry;
        made[i - 1].entry = made[j].entry;
        made[j].entry = swap;
    }
}

static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

static bool same_entry(const KnownEntry *a, const KnownEntry *b)
{
    for (DigestKind k = 0; k < DIGEST__COUNT; k++)
        if (!a->digest[k] != !b->digest[k]
            || (a->digest[k] && memcmp(a->digest[k], b->digest[k], digest_bytes(k)) != 0))
            return false;
    return same_text(a->source, b->source) && same_text(a->version, b->version) &&
           same_text(a->grade, b->grade) && same_text(a->scale, b->scale) &&
           same_text(a->series, b->series) && a->votes == b->votes && a->trusted == b->trusted &&
           a->victim_identified == b->victim_identified && a->benign == b->benign &&
           a->negative == b->negative && a->first_seen == b->first_seen && a->pdq_quality == b->pdq_quality;
}

/* ---- Round trip -----------------------------------------------------------------------------------------
 */

static bool holds_at(const KnownSet *set, DigestKind k, KnownHit hit, const KnownEntry *want)
{
    Err err = {0};
    for (uint32_t i = 0; i < hit.count; i++) {
        uint32_t row;
        KnownEntry got;
        CHECK_OK(known_row(set, k, hit.place + i, &row, &err), &err);
        CHECK_OK(known_entry(set, row, &got, &err), &err);
        if (same_entry(&got, want))
            return true;
    }
    return false;
}

static void check_holds(const KnownSet *set, const Made *made, size_t n)
{
    Err err = {0};
    for (size_t i = 0; i < n; i++)
        for (DigestKind k = 0; k < DIGEST__COUNT; k++) {
            const KnownEntry *e = &made[i].entry;
            KnownHit hit;
            if (!e->digest[k])
                continue;
            CHECK_OK(known_find(set, k, e->digest[k], &hit, &err), &err);
            CHECK(hit.count > 0);
            CHECK(holds_at(set, k, hit, e));
        }
}

static void check_sorted(const KnownSet *set)
{
    for (DigestKind k = 0; k < DIGEST__COUNT; k++) {
        size_t n, bytes = digest_bytes(k);
        const uint8_t *d = known_digests(set, k, &n);
        CHECK_INT(n, known_info(set).counts.digests[k]);
        for (size_t i = 1; i < n; i++)
            CHECK(memcmp(d + (i - 1) * bytes, d + i * bytes, bytes) <= 0);
    }
}

TEST(what_is_written_reads_back)
{
    static const size_t sizes[] = { 0, 1, 2, 3, 60, 1000, 20000 };
    for (Shape shape = 0; shape < SHAPES; shape++)
        FOR_EACH(n, sizes) {
            CLEANUP(arena_done) Arena mem = {0};
            CLEANUP(known_close) KnownSet *set = NULL;
            Err err = {0};
            Rng rng = rng_seed(*n * 31 + shape);
            print_message("# %s, %zu\n", shape_names[shape], *n);
            Made *made = make_entries(&mem, &rng, shape, *n);
            const char *path = scratch(&mem);
            KnownCounts counts = build_with(&mem, path, made, *n, 0);
            CHECK_INT(counts.entries + counts.repeated + counts.without_digest, *n);
            CHECK_OK(known_open(path, &mem, &set, &err), &err);
            unlink(path);
            check_holds(set, made, *n);
            check_sorted(set);
            CHECK_OK(known_verify(set, 2, &err), &err);
            CHECK_INT(known_info(set).counts.entries, counts.entries);
            CHECK_TEXT(known_info(set).name, "test");
            CHECK_TEXT(known_info(set).signature, "");
        }
}

TEST(order_and_memory_do_not_change_the_bytes)
{
    for (Shape shape = 0; shape < SHAPES; shape++) {
        CLEANUP(arena_done) Arena mem = {0};
        Rng rng = rng_seed(77 + shape);
        enum { N = 30000 };
        Made *made = make_entries(&mem, &rng, shape, N);
        const char *path = scratch(&mem);
        KnownCounts counts = build_with(&mem, path, made, N, 0);
        Str want = file_bytes(&mem, path);
        for (int round = 0; round < 2; round++) {
            shuffle(&rng, made, N);
            KnownCounts again = build_with(&mem, path, made, N, 1 << 20);
            Str got = file_bytes(&mem, path);
            CHECK_INT(again.entries, counts.entries);
            CHECK(str_eq(want, got));
        }
        unlink(path);
    }
}

/* ---- Lists under one grade ------------------------------------------------------------------------------
 */

/* Digests alike in all else, in three parts as `parts` says, one entry that differs after part `odd_at`. */
typedef struct List { DigestKind kind; const uint8_t *digests; size_t n; int odd_at; } List;

static KnownCounts build_list(Arena *mem, const char *path, const List *l, size_t budget)
{
    enum { PARTS = 3 };
    Err err = {0};
    CLEANUP(known_build_close) KnownBuild *b = NULL;
    KnownCounts counts = {0};
    KnownBuildOptions o = { .name = "list", .budget_bytes = budget };
    KnownEntry like = KNOWN_ENTRY_BLANK, odd = KNOWN_ENTRY_BLANK;
    uint8_t digest[DIGEST_MOST] = { 0x5a, 1 };
    like.source = odd.source = "Alpha";
    like.series = "one";
    like.votes = 3;
    odd.digest[DIGEST_MD5] = odd.digest[DIGEST_SHA1] = digest;
    CHECK_OK(known_build_begin(path, &o, mem, &b, &err), &err);
    for (int i = 0; i <= PARTS; i++) {
        size_t from = l->n / PARTS * (size_t)i, to = i + 1 < PARTS ? l->n / PARTS * (size_t)(i + 1) : l->n;
        if (i == l->odd_at)
            CHECK_OK(known_build_add(b, &odd, &err), &err);
        if (i < PARTS)
            CHECK_OK(known_build_add_many(b, l->kind, l->digests + from * digest_bytes(l->kind), to - from,
                                          &like, &err),
                     &err);
    }
    CHECK_OK(known_build_end(b, &counts, &err), &err);
    return counts;
}

static void check_list(List *l)
{
    static const size_t budgets[] = { 8 << 20, 1 << 20, 200 * 1024 };
    CLEANUP(arena_done) Arena mem = {0};
    const char *path = scratch(&mem);
    int first = l->odd_at, last = first < 0 ? first : 3;    /* it is nowhere, or in every place */
    KnownCounts want = build_list(&mem, path, l, 0);
    Str bytes = file_bytes(&mem, path);
    CHECK_INT(want.entries + want.repeated, l->n + (l->odd_at >= 0));
    FOR_EACH(budget, budgets)
        for (int odd_at = first; odd_at <= last; odd_at++) {
            l->odd_at = odd_at;
            KnownCounts got = build_list(&mem, path, l, *budget);
            CHECK_INT(got.repeated, want.repeated);
            CHECK(str_eq(bytes, file_bytes(&mem, path)));
        }
    unlink(path);
}

TEST(a_list_makes_the_same_bytes_as_its_rows)
{
    static const Shape shapes[] = { EVEN, FEW_DIGESTS, SAME_PREFIX };
    for (DigestKind k = 0; k < DIGEST__COUNT; k++)
        FOR_EACH(shape, shapes)
            for (int odd_at = -1; odd_at <= 0; odd_at++) {
                CLEANUP(arena_done) Arena mem = {0};
                Rng rng = rng_seed(900 + k);
                size_t n = k == DIGEST_MD5 ? 300000 : 20000;       /* past the first log for one of them */
                uint8_t *digests = arena_new(&mem, uint8_t, n * digest_bytes(k));
                print_message("# %s, %s\n", digest_name(k), shape_names[*shape]);
                for (size_t i = 0; i < n; i++)
                    random_digest(&rng, *shape, digests + i * digest_bytes(k), digest_bytes(k));
                check_list(&(List){ k, digests, n, odd_at });
            }
}

/* ---- Paths ----------------------------------------------------------------------------------------------
 */

/* Questions: digests that are there, that are not, and that differ from one there in one bit. */
static uint8_t *questions(Arena *mem, Rng *rng, const KnownTable *t, size_t n)
{
    uint8_t *q = arena_new(mem, uint8_t, n * t->bytes + 1);
    for (size_t i = 0; i < n; i++) {
        uint8_t *at = q + i * t->bytes;
        memcpy(at, t->digests + rng_below(rng, t->n) * t->bytes, t->bytes);
        if (i % 3 == 1)
            at[rng_below(rng, t->bytes)] ^= (uint8_t)(1u << rng_below(rng, 8));
        for (uint32_t b = 0; i % 3 == 2 && b < t->bytes; b++)
            at[b] = (uint8_t)rng_next(rng);
    }
    return q;
}

static uint32_t place_by_walking(const KnownTable *t, const uint8_t *digest)
{
    uint32_t low = 0, high = t->n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (memcmp(t->digests + (size_t)mid * t->bytes, digest, t->bytes) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low < t->n && memcmp(t->digests + (size_t)low * t->bytes, digest, t->bytes) == 0 ? low
                                                                                            : KNOWN_NONE;
}

TEST(every_path_finds_the_same_first_place)
{
    for (Shape shape = 0; shape < SHAPES; shape++) {
        CLEANUP(arena_done) Arena mem = {0};
        CLEANUP(known_close) KnownSet *set = NULL;
        Err err = {0};
        Rng rng = rng_seed(5 + shape);
        enum { N = 20000, ASKED = 5003 };
        const char *path = scratch(&mem);
        build_with(&mem, path, make_entries(&mem, &rng, shape, N), N, 0);
        CHECK_OK(known_open(path, &mem, &set, &err), &err);
        unlink(path);
        for (DigestKind k = 0; k < DIGEST__COUNT; k++) {
            uint32_t places[ASKED];
            const KnownTable *t = &set->table[k];
            if (!t->n)
                continue;
            uint8_t *q = questions(&mem, &rng, t, ASKED);
            for (KnownPath path_number = 0; path_number < KNOWN_PATHS; path_number++) {
                if (!known_path_here(path_number))
                    continue;
                known_find_by(path_number, t, q, ASKED, places);
                for (size_t i = 0; i < ASKED; i++)
                    CHECK_INT(places[i], place_by_walking(t, q + i * t->bytes));
                /* In order, with room for fewer than are asked. */
                Pages room = { arena_alloc(&mem, 900, t->bytes + 8, 64), 900 * (t->bytes + 8) };
                memset(places, 1, sizeof places);
                known_find_in_order(path_number, t, q, ASKED, places, &room);
                for (size_t i = 0; i < ASKED; i++)
                    CHECK_INT(places[i], place_by_walking(t, q + i * t->bytes));
            }
            CHECK_OK(known_load(set, k, &err), &err);
            memset(places, 1, sizeof places);
            CHECK_OK(known_find_many(set, k, q, ASKED, places, &err), &err);
            for (size_t i = 0; i < ASKED; i++) {
                KnownHit hit;
                CHECK_INT(places[i], place_by_walking(t, q + i * t->bytes));
                CHECK_OK(known_find(set, k, q + i * t->bytes, &hit, &err), &err);
                CHECK_INT(hit.place, places[i]);
            }
        }
    }
}

/* Enough of both that questions are put in order, by the set's own choice. */
TEST(many_questions_of_a_large_set_are_answered_alike)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(known_close) KnownSet *set = NULL;
    CLEANUP(known_build_close) KnownBuild *b = NULL;
    Err err = {0};
    enum { N = 600000, ASKED = 9001, MD5 = 16 };
    Rng rng = rng_seed(8);
    KnownBuildOptions o = {0};
    KnownCounts counts;
    KnownEntry like = KNOWN_ENTRY_BLANK;
    const char *path = scratch(&mem);
    uint64_t *digests = arena_new(&mem, uint64_t, 2 * N);
    for (size_t i = 0; i < 2 * N; i++)
        digests[i] = rng_next(&rng);
    like.source = "Alpha";
    CHECK_OK(known_build_begin(path, &o, &mem, &b, &err), &err);
    CHECK_OK(known_build_add_many(b, DIGEST_MD5, (const uint8_t *)digests, N, &like, &err), &err);
    CHECK_OK(known_build_end(b, &counts, &err), &err);
    CHECK_OK(known_open(path, &mem, &set, &err), &err);
    unlink(path);
    uint8_t *q = questions(&mem, &rng, &set->table[DIGEST_MD5], ASKED);
    uint32_t *places = arena_new(&mem, uint32_t, ASKED);
    for (int loaded = 0; loaded < 3; loaded++) {
        if (loaded == 1)
            CHECK_OK(known_load(set, DIGEST_MD5, &err), &err);
        atomic_store(&set->room_taken, loaded == 2);            /* as if another thread had it */
        memset(places, 1, ASKED * sizeof *places);
        CHECK_OK(known_find_many(set, DIGEST_MD5, q, ASKED, places, &err), &err);
        for (size_t i = 0; i < ASKED; i++)
            CHECK_INT(places[i], place_by_walking(&set->table[DIGEST_MD5], q + i * MD5));
        CHECK_INT(atomic_load(&set->room_taken), loaded == 2);
    }
}

TEST(a_lookup_part_costs_a_digest_and_five_bytes)
{
    CLEANUP(arena_done) Arena mem = {0};
    Rng rng = rng_seed(3);
    enum { N = 50000 };
    const char *path = scratch(&mem);
    KnownCounts c = build_with(&mem, path, make_entries(&mem, &rng, EVEN, N), N, 0);
    uint64_t most = 0, all = 0;
    for (DigestKind k = 0; k < DIGEST__COUNT; k++) {
        most += c.digests[k] * (digest_bytes(k) + 5);
        all += c.digests[k];
    }
    CHECK(all > N);
    CHECK(c.lookup_bytes <= most);
    unlink(path);
}

/* ---- Entries side by side --------------------------------------------------------------------------------
 */

static KnownEntry entry_of(const uint8_t *md5, const uint8_t *sha1, const char *source, const char *grade,
                           const char *scale)
{
    KnownEntry e = KNOWN_ENTRY_BLANK;
    e.digest[DIGEST_MD5] = md5;
    e.digest[DIGEST_SHA1] = sha1;
    e.source = source;
    e.version = "1";
    e.grade = grade;
    e.scale = scale;
    return e;
}

static KnownCounts build_entries(Arena *mem, const char *path, const KnownEntry *entries, size_t n)
{
    Made *made = arena_new(mem, Made, n);
    for (size_t i = 0; i < n; i++)
        made[i].entry = entries[i];
    return build_with(mem, path, made, n, 0);
}

TEST(conflicting_grades_are_kept_and_listed)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(known_close) KnownSet *set = NULL;
    Err err = {0};
    static const uint8_t one[20] = "one", two[20] = "two", three[20] = "three", four[20] = "four",
                         five[20] = "5";
    const KnownEntry entries[] = {
        entry_of(one, NULL, "Alpha", "A", "UK"),
        entry_of(one, NULL, "Beta", "B", "UK"), /* a conflict */
        entry_of(two, NULL, "Alpha", "A", "UK"),
        entry_of(two, NULL, "Beta", "1", "VICS"), /* two scales */
        entry_of(two, NULL, "Gamma", "A", "UK"),
        entry_of(two, NULL, "Gamma", "A", "UK"), /* said twice */
        entry_of(three, four, "Alpha", "A", "UK"),
        entry_of(three, four, "Beta", "C", "UK"), /* one, not two */
        entry_of(NULL, five, "Alpha", "A", "UK"),
        entry_of(four, five, "Beta", "C", "UK"), /* by SHA-1 */
        entry_of(five, NULL, "Alpha", "", "UK"),
        entry_of(five, NULL, "Beta", "C", "UK"), /* not graded */
    };
    const char *path = scratch(&mem);
    KnownCounts c = build_entries(&mem, path, entries, COUNT_OF(entries));
    CHECK_INT(c.entries, COUNT_OF(entries) - 1);
    CHECK_INT(c.repeated, 1);
    CHECK_INT(c.conflicts, 3);
    CHECK_OK(known_open(path, &mem, &set, &err), &err);
    unlink(path);
    static const struct { DigestKind kind; const uint8_t *digest; } want[] = {
        { DIGEST_MD5, one }, { DIGEST_MD5, three }, { DIGEST_SHA1, five },
    };
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        KnownConflict got;
        size_t n;
        CHECK_OK(known_conflict(set, i, &got, &err), &err);
        CHECK_INT(got.kind, want[i].kind);
        CHECK_INT(got.hit.count, 2);
        const uint8_t *d = known_digests(set, got.kind, &n) + got.hit.place * digest_bytes(got.kind);
        CHECK(memcmp(d, want[i].digest, digest_bytes(got.kind)) == 0);
    }
    KnownConflict none;
    CHECK_FAILS(known_conflict(set, 3, &none, &err), &err, ERR_NOT_FOUND);
    uint64_t counted = 0;
    for (size_t i = 0; i < known_info(set).labels; i++) {
        KnownLabel label;
        CHECK_OK(known_label(set, i, &label, &err), &err);
        counted += label.entries;
    }
    CHECK_INT(counted, c.entries);
}

TEST(a_benign_entry_conflicts_with_a_graded_one)
{
    CLEANUP(arena_done) Arena mem = {0};
    static const uint8_t one[20] = "one";
    KnownEntry entries[] = { entry_of(one, NULL, "Alpha", "A", "UK"),
                             entry_of(one, NULL, "NSRL", NULL, NULL) };
    entries[1].benign = true;
    const char *path = scratch(&mem);
    CHECK_INT(build_entries(&mem, path, entries, COUNT_OF(entries)).conflicts, 1);
    unlink(path);
}

TEST(the_empty_file_is_nobodys)
{
    CLEANUP(arena_done) Arena mem = {0};
    uint8_t md5[16], sha1[20], other[20] = "other";
    CHECK(hex_read(STR("d41d8cd98f00b204e9800998ecf8427e"), md5, 16));
    CHECK(hex_read(STR("da39a3ee5e6b4b0d3255bfef95601890afd80709"), sha1, 20));
    KnownEntry entries[] = { entry_of(md5, sha1, "Alpha", "A", "UK"),
                             entry_of(md5, other, "Alpha", "A", "UK") };
    const char *path = scratch(&mem);
    KnownCounts c = build_entries(&mem, path, entries, COUNT_OF(entries));
    CHECK_INT(c.empty_ignored, 3);
    CHECK_INT(c.without_digest, 1);
    CHECK_INT(c.entries, 1);
    CHECK_INT(c.digests[DIGEST_MD5], 0);
    unlink(path);
}

TEST(what_cannot_be_kept_is_refused)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(known_build_close) KnownBuild *b = NULL;
    Err err = {0};
    static const uint8_t one[20] = "one";
    char *longest = arena_new(&mem, char, KNOWN_TEXT_MAX + 2);
    memset(longest, 'x', KNOWN_TEXT_MAX + 1);
    KnownEntry e = entry_of(one, NULL, longest, "A", "UK");
    KnownBuildOptions o = {0};
    CHECK_OK(known_build_begin(scratch(&mem), &o, &mem, &b, &err), &err);
    CHECK_FAILS(known_build_add(b, &e, &err), &err, ERR_INVALID);
    e.source = "Alpha";
    e.pdq_quality = 101;
    CHECK_FAILS(known_build_add(b, &e, &err), &err, ERR_INVALID);
    e.pdq_quality = 100;
    CHECK_OK(known_build_add(b, &e, &err), &err);
    known_build_close(&b);
    CHECK(access(scratch(&mem), F_OK) != 0);
    o.name = longest;
    CHECK_FAILS(known_build_begin(scratch(&mem), &o, &mem, &b, &err), &err, ERR_INVALID);
}

static bool stop(void *ctx, const KnownProgress *p)
{
    (void)p;
    ++*(int *)ctx;
    return false;
}

TEST(a_stopped_build_leaves_nothing)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(known_build_close) KnownBuild *b = NULL;
    Err err = {0};
    int calls = 0;
    KnownCounts counts;
    const char *path = scratch(&mem);
    KnownBuildOptions o = { .progress = stop, .ctx = &calls };
    CHECK_OK(known_build_begin(path, &o, &mem, &b, &err), &err);
    CHECK_FAILS(known_build_end(b, &counts, &err), &err, ERR_CONFLICT);
    CHECK_INT(calls, 1);
    CHECK(access(path, F_OK) != 0);
}

/* ---- Altered files ---------------------------------------------------------------------------------------
 */

static Str small_set(Arena *mem, size_t n)
{
    Rng rng = rng_seed(9);
    const char *path = scratch(mem);
    build_with(mem, path, make_entries(mem, &rng, EVEN, n), n, 0);
    Str bytes = file_bytes(mem, path);
    unlink(path);
    return bytes;
}

static bool usable(const uint8_t *at, size_t len)
{
    CLEANUP(arena_done) Arena mem = {0};
    KnownSet *set = NULL;
    Err err = {0};
    bool ok = known_open_bytes(at, len, &mem, &set, &err) && known_verify(set, 1, &err);
    CHECK(ok || (err.kind == ERR_INVALID && err.told[0] && err.hint[0]));
    return ok;
}

TEST(any_altered_byte_is_refused)
{
    CLEANUP(arena_done) Arena mem = {0};
    Str bytes = small_set(&mem, 12);
    uint8_t *at = (uint8_t *)(uintptr_t)bytes.at;
    CHECK(usable(at, bytes.len));
    for (size_t i = 0; i < bytes.len; i++) {
        at[i] ^= 0x41;
        CHECK(!usable(at, bytes.len));
        at[i] ^= 0x41;
    }
    CHECK(usable(at, bytes.len));
}

TEST(a_shortened_file_is_refused_at_opening)
{
    CLEANUP(arena_done) Arena mem = {0};
    Str bytes = small_set(&mem, 300);
    const uint8_t *at = (const uint8_t *)bytes.at;
    const KnownHeader *h = (const KnownHeader *)(const void *)at;
    KnownSet *set = NULL;
    Err err = {0};
    for (uint32_t i = 0; i < h->sections; i++) {
        const size_t cuts[] = { h->section[i].at, h->section[i].at + 1,
                                h->section[i].at + h->section[i].bytes - 1 };
        FOR_EACH(cut, cuts)
            if (*cut < bytes.len)
                CHECK_FAILS(known_open_bytes(at, *cut, &mem, &set, &err), &err, ERR_INVALID);
    }
    for (size_t cut = 0; cut < KNOWN_DATA_AT + 100; cut++)
        CHECK_FAILS(known_open_bytes(at, cut, &mem, &set, &err), &err, ERR_INVALID);
}

/* Finding refuses an altered block by itself, hit or miss, one or many. */
TEST(an_altered_block_gives_no_answer)
{
    CLEANUP(arena_done) Arena mem = {0};
    Str bytes = small_set(&mem, 20000);
    uint8_t *at = (uint8_t *)(uintptr_t)bytes.at;
    KnownSet *set = NULL, *fresh = NULL;
    Err err = {0};
    KnownHit hit;
    uint32_t places[1];
    CHECK_OK(known_open_bytes(at, bytes.len, &mem, &set, &err), &err);
    const KnownTable *t = &set->table[DIGEST_MD5];
    uint8_t wanted[16];
    memcpy(wanted, t->digests + 4000 * 16, sizeof wanted);
    uint8_t *stored = at + (t->digests - at) + 4000 * 16;
    stored[3] ^= 1;
    CHECK_OK(known_open_bytes(at, bytes.len, &mem, &fresh, &err), &err);
    CHECK_FAILS(known_find(fresh, DIGEST_MD5, wanted, &hit, &err), &err, ERR_INVALID);
    CHECK_FAILS(known_find_many(fresh, DIGEST_MD5, wanted, 1, places, &err), &err, ERR_INVALID);
    CHECK_FAILS(known_check(fresh, DIGEST_MD5, &err), &err, ERR_INVALID);
    CHECK_FAILS(known_load(fresh, DIGEST_MD5, &err), &err, ERR_INVALID);
    stored[3] ^= 1;
    KnownLine *line = (KnownLine *)(void *)(at + ((const uint8_t *)t->lines - at));
    line += known_line_of(known_prefix(wanted), t->line_count);
    line->count = 0;
    CHECK_OK(known_open_bytes(at, bytes.len, &mem, &fresh, &err), &err);
    CHECK_FAILS(known_find(fresh, DIGEST_MD5, wanted, &hit, &err), &err, ERR_INVALID);
}

TEST(a_signature_note_changes_nothing_else)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(known_close) KnownSet *set = NULL;
    Err err = {0};
    Rng rng = rng_seed(4);
    const char *path = scratch(&mem);
    KnownCounts counts = build_with(&mem, path, make_entries(&mem, &rng, EVEN, 10), 10, 0);
    CHECK_OK(known_signature_write(path, "a note", &err), &err);
    CHECK_OK(known_open(path, &mem, &set, &err), &err);
    CHECK_TEXT(known_info(set).signature, "a note");
    KnownInfo info = known_info(set);
    CHECK(memcmp(&info.counts.root, &counts.root, sizeof counts.root) == 0);
    CHECK_OK(known_verify(set, 1, &err), &err);
    char *longest = arena_new(&mem, char, KNOWN_SIGNATURE_MAX + 2);
    memset(longest, 'x', KNOWN_SIGNATURE_MAX + 1);
    CHECK_FAILS(known_signature_write(path, longest, &err), &err, ERR_LIMIT);
    unlink(path);
}

/* ---- Text ------------------------------------------------------------------------------------------------
 */

static bool gather(void *ctx, Str lines)
{
    buf_add_n(ctx, lines.at, lines.len);
    return true;
}

static const struct { const char *name, *text; size_t digests, bad; } line_cases[] = {
    { "one a line",            "00112233445566778899aabbccddeeff\nFFEEDDCCBBAA99887766554433221100\n", 2, 0 },
    { "no newline at the end", "00112233445566778899aabbccddeeff", 1, 0 },
    { "as md5sum writes",      "00112233445566778899aabbccddeeff  a b\n"
                               "\\00112233445566778899aabbccddeeff *c\n", 2, 0 },
    { "carriage returns",      "00112233445566778899aabbccddeeff\r\n\r\n", 1, 0 },
    { "remarks and blanks",    "%%%% HASHDEEP-1.0\n## x\n\n  \n00112233445566778899aabbccddeeff\n", 1, 0 },
    { "too short",             "00112233445566778899aabbccddeef\n", 0, 1 },
    { "too long",              "00112233445566778899aabbccddeeff0\n", 0, 1 },
    { "not hexadecimal",       "00112233445566778899aabbccddeefg\n", 0, 1 },
    { "below and above",       "00112233445566778899aabbccddee:f\n00112233445566778899aabbccddee@f\n", 0, 2 },
    { "letters beyond ASCII",  "00112233445566778899aabbccddee\xc3\xa9\n", 0, 1 },
    { "nothing",               "", 0, 0 },
};

TEST(lines_are_read_alike_on_every_path)
{
    FOR_EACH(c, line_cases)
        for (KnownPath path = 0; path < KNOWN_PATHS; path++) {
            uint8_t digests[16 * 4] = {0};
            KnownLines lines = { .digests = digests, .max = 4 };
            if (!known_path_here(path))
                continue;
            CHECK_INT(known_lines_by(path, DIGEST_MD5, str_of(c->text), &lines), strlen(c->text));
            if (lines.n != c->digests || lines.bad != c->bad)
                fail_msg("%s: %zu digests, %d bad", c->name, lines.n, (int)lines.bad);
            CHECK(lines.n == 0 || digests[1] == 0x11 || digests[1] == 0xee);
        }
}

TEST(hex_of_every_kind_reads_back)
{
    CLEANUP(arena_done) Arena mem = {0};
    Rng rng = rng_seed(12);
    for (DigestKind k = 0; k < DIGEST__COUNT; k++)
        for (KnownPath path = 0; path < KNOWN_PATHS; path++)
            for (int round = 0; round < 200; round++) {
                uint8_t want[DIGEST_MOST], got[DIGEST_MOST] = {0};
                KnownLines lines = { .digests = got, .max = 1 };
                if (!known_path_here(path))
                    continue;
                random_digest(&rng, EVEN, want, digest_bytes(k));
                char *hex = hex_write(&mem, want, digest_bytes(k));
                CHECK_INT(known_lines_by(path, k, str_of(hex), &lines), strlen(hex));
                CHECK_INT(lines.n, 1);
                CHECK(memcmp(want, got, digest_bytes(k)) == 0);
                hex[rng_below(&rng, strlen(hex))] = (char)(round % 2 ? 'g' : '/');
                lines.n = 0;
                CHECK_INT(known_lines_by(path, k, str_of(hex), &lines), strlen(hex));
                CHECK_INT(lines.n, 0);
            }
}

TEST(text_in_and_out)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(known_close) KnownSet *set = NULL;
    CLEANUP(known_build_close) KnownBuild *b = NULL;
    Err err = {0};
    KnownCounts counts;
    KnownTextCounts found;
    uint64_t bad = 0;
    const char *path = scratch(&mem);
    KnownEntry like = KNOWN_ENTRY_BLANK;
    like.source = "Alpha";
    like.version = "3";
    like.grade = "A";
    like.scale = "UK";
    like.series = "a\tb";
    KnownBuildOptions o = {0};
    CHECK_OK(known_build_begin(path, &o, &mem, &b, &err), &err);
    CHECK_OK(known_build_add_text(b, DIGEST_MD5, STR("00112233445566778899aabbccddeeff  x\nnonsense\n"
                                                     "aa112233445566778899aabbccddeeff\n"),
                                  &like, &bad, &err), &err);
    like.source = "Beta";
    like.series = NULL;
    CHECK_OK(known_build_add_text(b, DIGEST_MD5, STR("00112233445566778899AABBCCDDEEFF"), &like, &bad, &err),
             &err);
    CHECK_OK(known_build_end(b, &counts, &err), &err);
    CHECK_INT(bad, 1);
    CHECK_INT(counts.entries, 3);
    CHECK_OK(known_open(path, &mem, &set, &err), &err);
    unlink(path);
    StrBuf out = { .mem = &mem };
    CHECK_OK(known_find_text(set, DIGEST_MD5, STR("00112233445566778899AABBCCDDEEFF\n"
                                                  "11112233445566778899AABBCCDDEEFF\n?\n"),
                             gather, &out, &found, &err), &err);
    CHECK_TEXT(buf_text(&out), "00112233445566778899aabbccddeeff\tAlpha\t3\tUK\tA\ta b\n"
                               "00112233445566778899aabbccddeeff\tBeta\t3\tUK\tA\t\n");
    CHECK_INT(found.asked, 2);
    CHECK_INT(found.known, 1);
    CHECK_INT(found.hits, 2);
    CHECK_INT(found.bad_lines, 1);
}

/* ---- Comparing and joining -------------------------------------------------------------------------------
 */

typedef struct Seen { int change[4]; bool right; } Seen;

static bool note_change(void *ctx, KnownChange change, const KnownEntry *before, const KnownEntry *after)
{
    Seen *s = ctx;
    s->change[change]++;
    s->right = s->right && !before == (change == KNOWN_ADDED) && !after == (change == KNOWN_REMOVED);
    return true;
}

TEST(differences_are_told_as_what_they_are)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(known_close) KnownSet *before = NULL, *after = NULL;
    Err err = {0};
    static const uint8_t same[20] = "same", gone[20] = "gone", fresh[20] = "new", graded[20] = "graded",
                         other[20] = "other", both[20] = "both";
    KnownEntry old[] = {
        entry_of(same, NULL, "Alpha", "A", "UK"),   entry_of(gone, NULL, "Alpha", "A", "UK"),
        entry_of(graded, NULL, "Alpha", "A", "UK"), entry_of(other, NULL, "Alpha", "A", "UK"),
        entry_of(both, NULL, "Alpha", "A", "UK"),
    };
    KnownEntry now[] = {
        entry_of(same, NULL, "Alpha", "A", "UK"),   entry_of(fresh, NULL, "Alpha", "A", "UK"),
        entry_of(graded, NULL, "Alpha", "B", "UK"), entry_of(other, NULL, "Alpha", "A", "UK"),
        entry_of(both, NULL, "Alpha", "A", "UK"),   entry_of(both, NULL, "Beta", "B", "UK"),
    };
    now[0].version = "2";
    now[3].series = "a series";
    const char *path = scratch(&mem);
    build_entries(&mem, path, old, COUNT_OF(old));
    CHECK_OK(known_open(path, &mem, &before, &err), &err);
    build_entries(&mem, path, now, COUNT_OF(now));
    CHECK_OK(known_open(path, &mem, &after, &err), &err);
    unlink(path);
    Seen seen = { .right = true };
    KnownDiffCounts c;
    CHECK_OK(known_diff(before, after, note_change, &seen, &c, &err), &err);
    CHECK_INT(c.same, 2);
    CHECK_INT(c.added, 2);
    CHECK_INT(c.removed, 1);
    CHECK_INT(c.regraded, 1);
    CHECK_INT(c.changed, 1);
    CHECK_INT(seen.change[KNOWN_ADDED], 2);
    CHECK(seen.right);
    CHECK_OK(known_diff(before, before, NULL, NULL, &c, &err), &err);
    CHECK_INT(c.same, COUNT_OF(old));
    CHECK_INT(c.added + c.removed + c.changed + c.regraded, 0);
}

TEST(merged_sets_are_the_set_of_all)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(known_close) KnownSet *first = NULL, *second = NULL;
    CLEANUP(known_build_close) KnownBuild *b = NULL;
    Err err = {0};
    Rng rng = rng_seed(21);
    enum { N = 3000, CUT = 1700 };
    Made *made = make_entries(&mem, &rng, SHA1_FIRST, N);
    const char *path = scratch(&mem);
    KnownCounts counts;
    build_with(&mem, path, made, CUT, 0);
    CHECK_OK(known_open(path, &mem, &first, &err), &err);
    build_with(&mem, path, made + CUT, N - CUT, 0);
    CHECK_OK(known_open(path, &mem, &second, &err), &err);
    KnownCounts all = build_with(&mem, path, made, N, 0);
    KnownBuildOptions o = { .name = "test", .version = "1", .made = 1234567 };
    CHECK_OK(known_build_begin(path, &o, &mem, &b, &err), &err);
    CHECK_OK(known_merge(b, first, &err), &err);
    CHECK_OK(known_merge(b, second, &err), &err);
    CHECK_OK(known_build_end(b, &counts, &err), &err);
    unlink(path);
    CHECK_INT(counts.repeated, all.repeated);
    CHECK(memcmp(&counts.root, &all.root, sizeof all.root) == 0);
}

TEST_MAIN(what_is_written_reads_back, order_and_memory_do_not_change_the_bytes,
          a_list_makes_the_same_bytes_as_its_rows,
          every_path_finds_the_same_first_place,
          many_questions_of_a_large_set_are_answered_alike, a_lookup_part_costs_a_digest_and_five_bytes,
          conflicting_grades_are_kept_and_listed, a_benign_entry_conflicts_with_a_graded_one,
          the_empty_file_is_nobodys, what_cannot_be_kept_is_refused, a_stopped_build_leaves_nothing,
          any_altered_byte_is_refused, a_shortened_file_is_refused_at_opening,
          an_altered_block_gives_no_answer, a_signature_note_changes_nothing_else,
          lines_are_read_alike_on_every_path, hex_of_every_kind_reads_back, text_in_and_out,
          differences_are_told_as_what_they_are, merged_sets_are_the_set_of_all)
