#include "engine/digest/merkle.h"
#include "base/rng.h"
#include "base/str.h"
#include "base/test.h"

enum { SIZES = 130, LEVELS = 9 };

/* A tree whose nodes are kept as the append reports them. */
typedef struct Tree {
    Hash32         node[LEVELS][256];
    uint64_t       count[LEVELS];
    Hash32         leaf[SIZES];
    MerkleFrontier f;
    uint64_t limit; /* reading a node that covers a leaf at or past this is a fault; 0 for none */
    int            refuse_level;  /* the write of this level fails */
} Tree;

static bool keep(void *ctx, int level, uint64_t first, const Hash32 *nodes, size_t n)
{
    Tree *t = ctx;
    if (level == t->refuse_level)
        return false;
    CHECK_INT(first, t->count[level]);
    memcpy(&t->node[level][first], nodes, n * sizeof *nodes);
    t->count[level] += n;
    return true;
}

static bool fetch(void *ctx, int level, uint64_t index, Hash32 *out)
{
    const Tree *t = ctx;
    CHECK(level >= 0 && level < LEVELS && index < t->count[level]);
    if (t->limit > 0)
        CHECK(((index + 1) << level) <= t->limit);
    *out = t->node[level][index];
    return true;
}

static bool fetch_nothing(void *ctx, int level, uint64_t index, Hash32 *out)
{
    (void)ctx, (void)level, (void)index, (void)out;
    return false;
}

static Tree *tree_new(Arena *mem)
{
    Tree *t = arena_new(mem, Tree, 1);
    t->refuse_level = -1;
    for (int i = 0; i < SIZES; i++) {
        uint8_t data[3] = { (uint8_t)i, 0x5A, (uint8_t)(i >> 4) };
        t->leaf[i] = merkle_leaf(data, (size_t)(i % 4));
    }
    CHECK(merkle_append_batch(&t->f, t->leaf, SIZES, keep, t));
    return t;
}

/* RFC 6962 section 2.1, word for word. */
static Hash32 naive_root(const Hash32 *leaf, size_t n)
{
    if (n == 0)
        return merkle_empty_root();
    if (n == 1)
        return leaf[0];
    size_t k = 1;
    while (k * 2 < n)
        k *= 2;
    Hash32 left = naive_root(leaf, k), right = naive_root(leaf + k, n - k);
    return merkle_node(&left, &right);
}

static Hash32 hash_of(const char *hex)
{
    Hash32 h;
    CHECK(hex_read(str_of(hex), h.bytes, sizeof h.bytes));
    return h;
}

static void check_hash(const Hash32 *got, const char *want)
{
    Hash32 h = hash_of(want);
    assert_memory_equal(got->bytes, h.bytes, sizeof h.bytes);
}

/* ---- the vectors of the Certificate Transparency project ---- */

static const char *const ct_leaves[] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
};
static const char *const ct_roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};
#define A0 "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
#define A1 "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
#define A4 "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
#define B0 "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
#define B1 "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
#define B2 "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
#define B3 "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
#define C0 "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
#define C1 "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"

typedef struct Vector { uint64_t at, size; size_t n; const char *proof[3]; } Vector;
static const Vector ct_inclusion[] = {
    { 0, 1, 0, { 0 } },
    { 0, 8, 3, { A1, B1, C1 } },
    { 1, 5, 3, { A0, B1, A4 } },
    { 2, 3, 1, { B0 } },
    { 5, 8, 3, { A4, B3, C0 } },
};
static const Vector ct_consistency[] = {
    { 1, 1, 0, { 0 } },
    { 1, 8, 3, { A1, B1, C1 } },
    { 2, 5, 2, { B1, A4 } },
    { 2, 8, 2, { B1, C1 } },
    { 6, 8, 3, { B2, B3, C0 } },
};

static Tree *ct_tree(Arena *mem)
{
    Tree *t = arena_new(mem, Tree, 1);
    t->refuse_level = -1;
    for (size_t i = 0; i < COUNT_OF(ct_leaves); i++) {
        uint8_t data[16];
        size_t len = strlen(ct_leaves[i]) / 2;
        CHECK(len == 0 || hex_read(str_of(ct_leaves[i]), data, len));
        t->leaf[i] = merkle_leaf(data, len);
        Hash32 root = merkle_frontier_root(&t->f);
        check_hash(&root, ct_roots[i]);
        CHECK(merkle_append(&t->f, &t->leaf[i], keep, t));
    }
    Hash32 root = merkle_frontier_root(&t->f);
    check_hash(&root, ct_roots[8]);
    return t;
}

static void check_vector(const Vector *v, const Hash32 *proof, size_t n)
{
    CHECK_INT(n, v->n);
    for (size_t i = 0; i < n; i++)
        check_hash(&proof[i], v->proof[i]);
}

TEST(certificate_transparency_vectors_hold)
{
    CLEANUP(arena_done) Arena mem = {0};
    Tree *t = ct_tree(&mem);
    Hash32 proof[MERKLE_CONSISTENCY_MAX];
    size_t n;
    FOR_EACH(v, ct_inclusion) {
        Hash32 root = hash_of(ct_roots[v->size]);
        CHECK(merkle_inclusion(fetch, t, v->at, v->size, proof, &n));
        check_vector(v, proof, n);
        CHECK(merkle_verify_inclusion(&t->leaf[v->at], v->at, v->size, proof, n, &root));
    }
    FOR_EACH(v, ct_consistency) {
        Hash32 old_root = hash_of(ct_roots[v->at]), root = hash_of(ct_roots[v->size]);
        CHECK(merkle_consistency(fetch, t, v->at, v->size, proof, &n));
        check_vector(v, proof, n);
        CHECK(merkle_verify_consistency(v->at, &old_root, v->size, &root, proof, n));
    }
}

/* ---- properties ---- */

TEST(every_way_of_appending_gives_the_rfc_root)
{
    CLEANUP(arena_done) Arena mem = {0};
    Tree *t = tree_new(&mem);
    Rng rng = rng_seed(3);
    for (size_t n = 0; n <= SIZES; n++) {
        Hash32 want = naive_root(t->leaf, n), got;
        MerkleFrontier one = {0}, some = {0}, at;
        for (size_t i = 0; i < n; i++)
            CHECK(merkle_append(&one, &t->leaf[i], NULL, NULL));
        for (size_t i = 0; i < n;) {
            size_t take = 1 + (size_t)rng_below(&rng, n - i);
            CHECK(merkle_append_batch(&some, t->leaf + i, take, NULL, NULL));
            i += take;
        }
        got = merkle_frontier_root(&one);
        CHECK(merkle_same(&got, &want));
        assert_memory_equal(&one, &some, sizeof one);
        t->limit = n;
        CHECK(merkle_root_at(fetch, t, n, &got) && merkle_same(&got, &want));
        CHECK(merkle_frontier_at(fetch, t, n, &at));
        assert_memory_equal(&one, &at, sizeof one);
    }
}

TEST(a_large_batch_equals_single_appends)
{
    enum { LARGE = 3000 };
    CLEANUP(arena_done) Arena mem = {0};
    Hash32 *leaf = arena_new(&mem, Hash32, LARGE);
    const void **at = arena_new(&mem, const void *, LARGE);
    size_t *len = arena_new(&mem, size_t, LARGE);
    uint32_t *data = arena_new(&mem, uint32_t, LARGE);
    MerkleFrontier one = {0}, batch = {0};
    for (uint32_t i = 0; i < LARGE; i++) {
        data[i] = i;
        at[i] = &data[i];
        len[i] = sizeof data[i];
    }
    merkle_leaves(at, len, LARGE, leaf);
    for (size_t i = 0; i < LARGE; i++) {
        Hash32 alone = merkle_leaf(at[i], len[i]);
        CHECK(merkle_same(&alone, &leaf[i]));
        CHECK(merkle_append(&one, &leaf[i], NULL, NULL));
    }
    CHECK(merkle_append_batch(&batch, leaf, 700, NULL, NULL));
    CHECK(merkle_append_batch(&batch, leaf + 700, LARGE - 700, NULL, NULL));
    assert_memory_equal(&one, &batch, sizeof one);
    Hash32 root = merkle_frontier_root(&batch), want = naive_root(leaf, LARGE);
    CHECK(merkle_same(&root, &want));
    Hash32 *parents = arena_new(&mem, Hash32, LARGE / 2);
    merkle_parents(leaf, LARGE / 2, parents);
    merkle_parents(leaf, LARGE / 2, leaf);
    assert_memory_equal(leaf, parents, LARGE / 2 * sizeof *leaf);
}

TEST(a_frontier_is_read_back_as_it_was_written)
{
    CLEANUP(arena_done) Arena mem = {0};
    Tree *t = tree_new(&mem);
    MerkleFrontier f = {0}, back;
    uint8_t bytes[MERKLE_FRONTIER_BYTES + 1] = {0};
    for (size_t n = 0; n <= SIZES; n++) {
        size_t len = merkle_frontier_write(&f, bytes);
        CHECK(merkle_frontier_read(&back, bytes, len));
        assert_memory_equal(&f, &back, sizeof f);
        CHECK(!merkle_frontier_read(&back, bytes, len - 1));
        CHECK(!merkle_frontier_read(&back, bytes, len + 1));
        if (n < SIZES)
            CHECK(merkle_append(&f, &t->leaf[n], NULL, NULL));
    }
    memset(bytes, 0, sizeof bytes);
    bytes[0] = 0x80;
    CHECK(!merkle_frontier_read(&back, bytes, 8 + 32));
}

TEST(a_refused_write_leaves_the_frontier_alone)
{
    CLEANUP(arena_done) Arena mem = {0};
    Tree *t = tree_new(&mem);
    for (int level = 0; level < 2; level++) {
        MerkleFrontier before = t->f;
        t->refuse_level = level;
        memset(t->count, 0, sizeof t->count);
        for (int l = 0; l < LEVELS; l++)
            t->count[l] = (uint64_t)SIZES >> l;
        CHECK(!merkle_append_batch(&t->f, t->leaf, 5, keep, t));
        assert_memory_equal(&t->f, &before, sizeof before);
    }
    MerkleFrontier full = { .size = MERKLE_SIZE_MAX };
    CHECK(!merkle_append(&full, &t->leaf[0], NULL, NULL));
    CHECK_INT(full.size, MERKLE_SIZE_MAX);
}

/* A proof with any bit changed, a hash dropped, added or exchanged must not verify. */
typedef struct Claim { bool consistency; uint64_t at, size; Hash32 leaf, old_root, root; } Claim;

static bool claim_holds(const Claim *c, const Hash32 *proof, size_t n)
{
    return c->consistency ? merkle_verify_consistency(c->at, &c->old_root, c->size, &c->root, proof, n)
                          : merkle_verify_inclusion(&c->leaf, c->at, c->size, proof, n, &c->root);
}

static void check_claim(const Claim *c, const Hash32 *proof, size_t n, Rng *rng)
{
    Hash32 bad[MERKLE_CONSISTENCY_MAX + 1] = {0};
    CHECK(claim_holds(c, proof, n));
    memcpy(bad, proof, n * sizeof *proof);
    for (size_t i = 0; i < n; i++) {
        uint64_t bit = rng_below(rng, 256);
        bad[i].bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK(!claim_holds(c, bad, n));
        bad[i] = proof[i];
    }
    if (n > 0) {
        CHECK(!claim_holds(c, proof, n - 1));
        CHECK(!claim_holds(c, proof + 1, n - 1));
    }
    CHECK(!claim_holds(c, bad, n + 1));
    memmove(bad + 1, bad, n * sizeof *bad);
    CHECK(!claim_holds(c, bad, n + 1));
    Claim other = *c;
    other.root.bytes[31] ^= 1;
    CHECK(c->consistency && c->at == 0 && c->size > 0 ? claim_holds(&other, proof, n)
                                                      : !claim_holds(&other, proof, n));
    other = *c;
    other.leaf.bytes[0] ^= 1;
    other.old_root.bytes[0] ^= 1;
    CHECK(!claim_holds(&other, proof, n));
}

TEST(every_inclusion_is_proved_and_only_as_it_is)
{
    CLEANUP(arena_done) Arena mem = {0};
    Tree *t = tree_new(&mem);
    Rng rng = rng_seed(11);
    Hash32 proof[MERKLE_INCLUSION_MAX];
    size_t n;
    for (uint64_t size = 1; size <= SIZES; size++) {
        t->limit = size;
        Claim c = { .size = size, .root = naive_root(t->leaf, size) };
        for (c.at = 0; c.at < size; c.at++) {
            c.leaf = t->leaf[c.at];
            CHECK(merkle_inclusion(fetch, t, c.at, size, proof, &n));
            check_claim(&c, proof, n, &rng);
            CHECK(!merkle_verify_inclusion(&c.leaf, c.at ^ 1, size, proof, n, &c.root) || size == 1);
        }
        CHECK(!merkle_inclusion(fetch, t, size, size, proof, &n));
        CHECK(!merkle_verify_inclusion(&t->leaf[0], size, size, proof, n, &c.root));
    }
    CHECK(!merkle_inclusion(fetch, t, 0, 0, proof, &n));
    CHECK(!merkle_inclusion(fetch_nothing, t, 1, 5, proof, &n));
}

TEST(every_consistency_is_proved_and_only_as_it_is)
{
    CLEANUP(arena_done) Arena mem = {0};
    Tree *t = tree_new(&mem);
    Rng rng = rng_seed(12);
    Hash32 proof[MERKLE_CONSISTENCY_MAX] = {0}, roots[SIZES + 1];
    size_t n;
    for (size_t i = 0; i <= SIZES; i++)
        roots[i] = naive_root(t->leaf, i);
    for (uint64_t size = 0; size <= SIZES; size++) {
        t->limit = size;
        for (uint64_t old = 0; old <= size; old++) {
            Claim c = { true, old, size, {{0}}, roots[old], roots[size] };
            CHECK(merkle_consistency(fetch, t, old, size, proof, &n));
            CHECK((n == 0) == (old == 0 || old == size));
            check_claim(&c, proof, n, &rng);
        }
        CHECK(!merkle_consistency(fetch, t, size + 1, size, proof, &n));
        CHECK(!merkle_verify_consistency(size + 1, &roots[0], size, &roots[size], proof, 0));
    }
    CHECK(!merkle_consistency(fetch_nothing, t, 3, 5, proof, &n));
}

/* Proofs are longest here; a verifier given too many hashes must stop by itself. */
TEST(the_largest_sizes_are_handled)
{
    Hash32 proof[MERKLE_CONSISTENCY_MAX] = {0}, zero = {0};
    CHECK(
        !merkle_verify_inclusion(&zero, MERKLE_SIZE_MAX - 1, MERKLE_SIZE_MAX, proof, COUNT_OF(proof), &zero));
    CHECK(!merkle_verify_inclusion(&zero, 0, MERKLE_SIZE_MAX + 1, proof, 0, &zero));
    CHECK(!merkle_verify_consistency(MERKLE_SIZE_MAX - 1, &zero, MERKLE_SIZE_MAX, &zero, proof,
                                     COUNT_OF(proof)));
    CHECK(!merkle_verify_consistency(1, &zero, UINT64_MAX, &zero, proof, 1));
}

TEST_MAIN(certificate_transparency_vectors_hold, every_way_of_appending_gives_the_rfc_root,
          a_large_batch_equals_single_appends, a_frontier_is_read_back_as_it_was_written,
          a_refused_write_leaves_the_frontier_alone, every_inclusion_is_proved_and_only_as_it_is,
          every_consistency_is_proved_and_only_as_it_is, the_largest_sizes_are_handled)
