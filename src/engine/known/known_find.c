/* known_find.c: from a digest to its place.
 *
 * A look-up reads its line, and the digest that a mark on it names. Nothing depends on a value before both
 * are asked for, so many look-ups run at once: groups of 32 go through three stages (ask for the lines; read
 * them and ask for digests; compare), and the stages of three groups alternate, so that each waits while the
 * others work. Outcomes are computed without branches, because hit or miss cannot be foretold and each wrong
 * guess would cost as much as the miss it saves. Very many questions are put in order first: see below. */
#include "engine/known/known_format.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { GROUP = 32 };

/* A question that one comparison may not settle: the marks that match after the first. */
typedef struct Hard { uint64_t rest; uint32_t i; } Hard;
typedef struct Group {
    const KnownLine *line[GROUP];
    const uint8_t   *at[GROUP];             /* what it is compared with */
    uint32_t         place[GROUP];          /* that has this place; KNOWN_NONE: none */
    Hard             hard[GROUP + 1];
    uint32_t         hards;
} Group;

/* The least place in [from, to) whose digest is not below. */
static uint32_t lower_bound(const KnownTable *t, uint32_t from, uint32_t to, const uint8_t *digest)
{
    while (from < to) {
        uint32_t mid = from + (to - from) / 2;
        if (memcmp(t->digests + (size_t)mid * t->bytes, digest, t->bytes) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

static bool same_at(const KnownTable *t, uint32_t place, const uint8_t *digest)
{
    return place < t->n && memcmp(t->digests + (size_t)place * t->bytes, digest, t->bytes) == 0;
}

/* Where the digests of the line that come after its marks end. */
static uint32_t line_end(const KnownTable *t, const KnownLine *line)
{
    uint32_t end = line + 1 < t->lines + t->line_count ? line[1].first : t->n;
    return end < t->n ? end : t->n;
}

/* What the quick way could not settle: the other marks that match, then what the line has no room for. */
static uint32_t __attribute__((noinline))
find_rest(const KnownTable *t, const KnownLine *line, uint64_t match, const uint8_t *digest)
{
    for (; match; match &= match - 1) {
        uint64_t place = (uint64_t)line->first + (uint64_t)__builtin_ctzll(match);
        if (place < t->n && same_at(t, (uint32_t)place, digest))
            return (uint32_t)place;
    }
    uint64_t from = (uint64_t)line->first + KNOWN_LINE_MAX;
    uint32_t end = line_end(t, line);
    if (!(line->count & KNOWN_LINE_MORE) || from >= end)
        return KNOWN_NONE;
    uint32_t place = lower_bound(t, (uint32_t)from, end, digest);
    return place < end && same_at(t, place, digest) ? place : KNOWN_NONE;
}

/* Of the first mark in `match`, kept within the table. */
static uint64_t first_place(const KnownTable *t, const KnownLine *line, uint64_t match)
{
    uint64_t place = (uint64_t)line->first + (uint64_t)__builtin_ctzll(match | UINT64_C(1) << 63);
    return place < t->n ? place : 0;
}

static size_t group_length(size_t g, size_t n) { return n - g * GROUP < GROUP ? n - g * GROUP : GROUP; }

/* A bit for each of the line's marks that equals the byte, in plain C: the high bit of each zero byte of
 * the difference, gathered by a multiplication. */
static inline uint64_t marks_portable(const KnownLine *line, uint8_t mark)
{
    const uint64_t low7 = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t words[8], match = 0;
    memcpy(words, line, sizeof words);
    for (int i = 0; i < 8; i++) {
        uint64_t x = words[i] ^ mark * UINT64_C(0x0101010101010101);
        uint64_t zero = ~(((x & low7) + low7) | x | low7) >> 7;
        match |= (zero * UINT64_C(0x0102040810204080) >> 56) << (8 * i);
    }
    return match;
}

#define FIND_NAME   find_portable
#define FIND_TARGET
#define FIND_MARKS  marks_portable
#include "engine/known/known_find_groups.h"

#if defined(__x86_64__)
__attribute__((target("avx2"))) static inline uint64_t marks_avx2(const KnownLine *line, uint8_t mark)
{
    const __m256i *at = (const __m256i *)(const void *)line;
    __m256i wanted = _mm256_set1_epi8((char)mark);
    uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256(at), wanted));
    uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256(at + 1), wanted));
    return low | (uint64_t)high << 32;
}

#define FIND_NAME   find_avx2
#define FIND_TARGET __attribute__((target("avx2,bmi,bmi2")))
#define FIND_MARKS  marks_avx2
#include "engine/known/known_find_groups.h"

__attribute__((target("avx512f,avx512bw"))) static inline uint64_t marks_avx512(const KnownLine *line,
                                                                                uint8_t mark)
{
    return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(line), _mm512_set1_epi8((char)mark));
}

/* The same as known_line_of, of eight digests at a time: both halves of the product with a number of 32 bits.
 */
__attribute__((target("avx512f,avx512bw"))) static inline void
lines_avx512(const KnownTable *t, const uint8_t *digests, const KnownLine **line)
{
    const __m512i first_words = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    const __m512i swap = _mm512_broadcast_i32x4(_mm_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10,
                                                              9, 8));
    const __m512i count = _mm512_set1_epi64((int64_t)t->line_count);
    const __m512i base = _mm512_set1_epi64((int64_t)(uintptr_t)t->lines);
    for (size_t i = 0; i < GROUP; i += 8, digests += 8 * 16) {
        __m512i prefix = _mm512_permutex2var_epi64(_mm512_loadu_si512(digests), first_words,
                                                   _mm512_loadu_si512(digests + 64));
        prefix = _mm512_shuffle_epi8(prefix, swap);
        __m512i low = _mm512_srli_epi64(_mm512_mul_epu32(prefix, count), 32);
        __m512i high = _mm512_mul_epu32(_mm512_srli_epi64(prefix, 32), count);
        __m512i number = _mm512_srli_epi64(_mm512_add_epi64(high, low), 32);
        _mm512_storeu_si512(line + i, _mm512_add_epi64(base, _mm512_slli_epi64(number, 6)));
    }
}
_Static_assert(sizeof(KnownLine) == 1 << 6 && sizeof(KnownLine *) == 8, "lines_avx512 counts on it");

#define FIND_NAME   find_avx512
#define FIND_LINES_16 lines_avx512
#define FIND_TARGET __attribute__((target("avx512f,avx512bw,bmi,bmi2")))
#define FIND_MARKS  marks_avx512
#include "engine/known/known_find_groups.h"
#endif

bool known_path_here(KnownPath path)
{
    switch (path) {
    case KNOWN_PORTABLE: return true;
#if defined(__x86_64__)
    case KNOWN_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
               __builtin_cpu_supports("bmi2");
    case KNOWN_AVX512:
        return known_path_here(KNOWN_AVX2) && __builtin_cpu_supports("avx512f")
            && __builtin_cpu_supports("avx512bw");
#else
    case KNOWN_AVX2:
    case KNOWN_AVX512:
#endif
    case KNOWN_PATHS: break;
    }
    return false;
}

KnownPath known_path_best(void)
{
    KnownPath path = KNOWN_PATHS - 1;
    while (!known_path_here(path))
        path--;
    return path;
}

void known_find_by(KnownPath path, const KnownTable *table, const uint8_t *digests, size_t n,
                   uint32_t *places)
{
    typedef void Find(const KnownTable *t, const uint8_t *digests, size_t n, uint32_t *places);
    static Find *const finds[KNOWN_PATHS] = {
        [KNOWN_PORTABLE] = find_portable,
#if defined(__x86_64__)
        [KNOWN_AVX2] = find_avx2,
        [KNOWN_AVX512] = find_avx512,
#endif
    };
    if (table->n)
        finds[path](table, digests, n, places);
    else
        memset(places, 0xff, n * sizeof *places);
}

/* ---- Many at once, in order ----------------------------------------------------------------------------
 *
 * In a table of hundreds of megabytes a look-up waits less for lines than for pages: the processor keeps the
 * addresses of a few thousand, walks its tables for all others, and holds back what comes after a walk. (The
 * huge pages of a virtual machine are often small ones to the processor, so they are no help to rely on.) So
 * questions are dealt to shares by their first byte, and each share's part of the table, a 256th, is looked
 * through by itself. Its pages are asked for beforehand, one after another, when walks run side by side. */

enum { SHARES = 256, WRITE_AHEAD = 24, PAGE_BYTES = 4096, QUESTIONS_EACH = 4, PAGES_LEAST = 2048 };

static size_t table_pages(const KnownTable *t)
{
    return ((size_t)t->n * t->bytes + (size_t)t->line_count * KNOWN_LINE_BYTES) / PAGE_BYTES;
}

/* Reads them: a request alone is dropped by some processors when the address takes a walk. */
static void ask_pages(const uint8_t *from, const uint8_t *to)
{
    for (; from < to; from += PAGE_BYTES)
        (void)*(const volatile uint8_t *)from;
}

/* Asks for the pages of a share's lines and digests, when there are questions enough to pay for it. */
static void ask_share(const KnownTable *t, size_t share, size_t questions)
{
    uint64_t prefix = (uint64_t)share << 56;
    const KnownLine *from = &t->lines[known_line_of(prefix, t->line_count)];
    const KnownLine *to = &t->lines[known_line_of(prefix | UINT64_MAX >> 8, t->line_count)];
    size_t first = from->first < t->n ? from->first : t->n, last = to->first < t->n ? to->first : t->n;
    size_t bytes = last > first ? (last - first) * t->bytes : 0;
    if (bytes / PAGE_BYTES > questions * QUESTIONS_EACH)
        return;
    ask_pages((const uint8_t *)from, (const uint8_t *)(to + 1));
    ask_pages(t->digests + first * t->bytes, t->digests + first * t->bytes + bytes);
}

/* Puts the digests at `sorted` in order of their first bytes, and the number of each at `number`. `end` is
 * where each share ends. */
static inline __attribute__((always_inline)) void
deal(const uint8_t *digests, size_t n, size_t bytes, uint8_t *sorted, uint32_t *number,
                 uint32_t end[SHARES])
{
    uint32_t count[SHARES] = {0}, at = 0;
    for (size_t i = 0; i < n; i++)
        count[digests[i * bytes]]++;
    for (size_t s = 0; s < SHARES; s++) {
        end[s] = at;                                    /* its beginning, for now */
        at += count[s];
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t to = end[digests[i * bytes]]++;
        memcpy(sorted + (size_t)to * bytes, digests + i * bytes, bytes);
        number[to] = (uint32_t)i;
        /* More streams than the processor follows by itself. */
        __builtin_prefetch(sorted + (size_t)(to + 8) * bytes, 1);
    }
}

static void find_dealt(KnownPath path, const KnownTable *t, const uint8_t *digests, size_t n,
                       uint32_t *places, uint8_t *room)
{
    uint8_t  *sorted = room;
    uint32_t *number = (uint32_t *)(void *)(room + n * t->bytes), *found = number + n;
    uint32_t  end[SHARES], from = 0;
    if (t->bytes == 16)                                 /* copies of a known length are quicker */
        deal(digests, n, 16, sorted, number, end);
    else
        deal(digests, n, t->bytes, sorted, number, end);
    for (size_t s = 0; s < SHARES; from = end[s++]) {
        if (end[s] == from)
            continue;
        ask_share(t, s, end[s] - from);
        known_find_by(path, t, sorted + (size_t)from * t->bytes, end[s] - from, found + from);
    }
    for (size_t i = 0; i < n; i++) {
        __builtin_prefetch(&places[number[i + WRITE_AHEAD < n ? i + WRITE_AHEAD : i]], 1);
        places[number[i]] = found[i];
    }
}

void known_find_in_order(KnownPath path, const KnownTable *t, const uint8_t *digests, size_t n,
                         uint32_t *places, const Pages *room)
{
    size_t most = t->n ? room->len / (t->bytes + 2 * sizeof(uint32_t)) : n;
    for (size_t from = 0; from < n; from += most) {
        size_t count = n - from < most ? n - from : most;
        if (t->n)
            find_dealt(path, t, digests + from * t->bytes, count, places + from, room->at);
        else
            known_find_by(path, t, digests, count, places);
    }
}

/* A loaded set's room, when no other thread has it, as new memory is dear next to the look-ups. */
static void find_whole(const KnownSet *set, const KnownTable *t, const uint8_t *digests, size_t n,
                       uint32_t *places)
{
    KnownPath path = known_path_best();
    size_t pages = table_pages(t);
    if (pages < PAGES_LEAST || n < pages / QUESTIONS_EACH) {
        known_find_by(path, t, digests, n, places);
        return;
    }
    atomic_bool *taken = (atomic_bool *)(uintptr_t)&set->room_taken;
    bool ours = set->room.at && !atomic_exchange_explicit(taken, true, memory_order_acquire);
    Pages room = ours ? set->room : pages_new(KNOWN_ROOM_BYTES);
    known_find_in_order(path, t, digests, n, places, &room);
    if (ours)
        atomic_store_explicit(taken, false, memory_order_release);
    else
        pages_done(&room);
}

/* ---- Answers that rest only on blocks whose sums are right -------------------------------------------- */

/* One look-up; its line and whatever it may compare are checked first. */
static bool find_soundly(const KnownSet *set, const KnownTable *t, const uint8_t *digest, uint32_t *place,
                         Err *err)
{
    const KnownLine *line = &t->lines[known_line_of(known_prefix(digest), t->line_count)];
    bool last = line + 1 == t->lines + t->line_count;
    if (!known_sound(set, line, last ? sizeof *line : 2 * sizeof *line, err))
        return false;
    uint32_t end = line_end(t, line), first = line->first < end ? line->first : end;
    if (!(line->count & KNOWN_LINE_MORE) && end - first > KNOWN_LINE_MAX)
        end = first + KNOWN_LINE_MAX;
    if (!known_sound(set, t->digests + (size_t)first * t->bytes, (size_t)(end - first) * t->bytes, err))
        return false;
    known_find_by(KNOWN_PORTABLE, t, digest, 1, place);
    return true;
}

bool known_find_many(const KnownSet *set, DigestKind kind, const uint8_t *digests, size_t n, uint32_t *places,
                     Err *err)
{
    const KnownTable *t = &set->table[kind];
    bool whole = t->n == 0 || atomic_load_explicit(&set->whole[kind], memory_order_acquire);
    /* As many random look-ups as there are blocks touch two blocks in three: better all at once. */
    if (!whole && n >= (size_t)t->n * t->bytes / KNOWN_BLOCK_BYTES) {
        if (!known_check(set, kind, err))
            return false;
        whole = true;
    }
    if (whole) {
        find_whole(set, t, digests, n, places);
        return true;
    }
    for (size_t i = 0; i < n; i++)
        if (!find_soundly(set, t, digests + i * t->bytes, &places[i], err))
            return false;
    return true;
}

/* Doubles the step while digests are equal, then halves it: a digest may be there millions of times. */
bool known_hit_at(const KnownSet *set, DigestKind kind, uint32_t place, KnownHit *hit, Err *err)
{
    const KnownTable *t = &set->table[kind];
    *hit = (KnownHit){ place, 0 };
    if (place >= t->n)
        return err_set(err, ERR_INVALID, "The known-file set has no such place.");
    const uint8_t *digest = t->digests + (size_t)place * t->bytes;
    uint32_t low = place, step = 1;                 /* `low` is the same digest */
    for (bool growing = true; step;) {
        uint64_t next = (uint64_t)low + step;
        bool same = false;
        if (next < t->n) {
            const uint8_t *other = t->digests + (size_t)next * t->bytes;
            if (!known_sound(set, other, t->bytes, err))
                return false;
            same = memcmp(other, digest, t->bytes) == 0;
        }
        low = same ? (uint32_t)next : low;
        growing = growing && same && step < 1u << 30;
        step = growing ? step * 2 : step / 2;
    }
    *hit = (KnownHit){ place, low - place + 1 };
    return known_sound(set, digest, t->bytes, err);
}

bool known_find(const KnownSet *set, DigestKind kind, const uint8_t *digest, KnownHit *hit, Err *err)
{
    uint32_t place;
    *hit = (KnownHit){ KNOWN_NONE, 0 };
    if (set->table[kind].n == 0)
        return true;
    if (!find_soundly(set, &set->table[kind], digest, &place, err))
        return false;
    return place == KNOWN_NONE || known_hit_at(set, kind, place, hit, err);
}
