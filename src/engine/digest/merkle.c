/* merkle.c: RFC 6962 section 2.1; the verifiers are those of RFC 9162 sections 2.1.3.2 and 2.1.4.2.
 *
 * Appending works level by level over a chunk of leaves: the new nodes of a level, with the frontier's
 * peak before them when they start at an odd index, pair into the new nodes of the level above. So the
 * hashing comes in wide batches, which is what sha256_many_after is quick at. Proofs walk from the root
 * down, hashing the uncompleted right edge as they go, and are then turned round. */
#include "engine/digest/merkle.h"
#include <assert.h>
#include <string.h>

enum { LEAF_PREFIX = 0, NODE_PREFIX = 1, CHUNK = 512 };

Hash32 merkle_leaf(const void *data, size_t len)
{
    Hash32 out;
    sha256_many_after(LEAF_PREFIX, &data, &len, 1, &out);
    return out;
}

void merkle_leaves(const void *const *data, const size_t *len, size_t n, Hash32 *out)
{
    sha256_many_after(LEAF_PREFIX, data, len, n, out);
}

Hash32 merkle_node(const Hash32 *left, const Hash32 *right)
{
    Hash32 pair[2] = { *left, *right }, out;
    merkle_parents(pair, 1, &out);
    return out;
}

/* By way of `made`, so that `out` may be `children`: parents i.. are written where children i.. were, all
 * read. */
void merkle_parents(const Hash32 *children, size_t n_parents, Hash32 *out)
{
    enum { STEP = 128 };
    const void *pair[STEP];
    size_t len[STEP];
    Hash32 made[STEP];
    for (size_t done = 0; done < n_parents;) {
        size_t n = n_parents - done < STEP ? n_parents - done : STEP;
        for (size_t i = 0; i < n; i++) {
            pair[i] = children + 2 * (done + i);
            len[i] = 2 * sizeof(Hash32);
        }
        sha256_many_after(NODE_PREFIX, pair, len, n, made);
        memcpy(out + done, made, n * sizeof *made);
        done += n;
    }
}

Hash32 merkle_empty_root(void)
{
    Hash32 out;
    const void *nothing = NULL;
    size_t len = 0;
    sha256_many(&nothing, &len, 1, &out);
    return out;
}

bool merkle_same(const Hash32 *a, const Hash32 *b) { return memcmp(a, b, sizeof *a) == 0; }

/* At most CHUNK leaves. Changes `f` even when `write` stops it. */
static bool append_chunk(MerkleFrontier *f, const Hash32 *leaves, size_t n, MerkleWrite *write, void *ctx)
{
    Hash32 room[CHUNK + 1], *nodes = room + 1;      /* room[0] is for the peak before them */
    memcpy(nodes, leaves, n * sizeof *nodes);
    uint64_t first = f->size;
    f->size += n;
    for (int level = 0; n > 0; level++, first /= 2) {
        if (write && !write(ctx, level, first, nodes, n))
            return false;
        size_t joined = first & 1;
        if (joined)
            room[0] = f->peak[level];
        const Hash32 *from = nodes - joined;
        size_t total = n + joined;
        f->peak[level] = total & 1 ? from[total - 1] : (Hash32){0};
        n = total / 2;
        merkle_parents(from, n, nodes);
    }
    return true;
}

bool merkle_append(MerkleFrontier *f, const Hash32 *leaf, MerkleWrite *write, void *ctx)
{
    return merkle_append_batch(f, leaf, 1, write, ctx);
}

bool merkle_append_batch(MerkleFrontier *f, const Hash32 *leaves, size_t n, MerkleWrite *write, void *ctx)
{
    if (n > MERKLE_SIZE_MAX - f->size)
        return false;
    MerkleFrontier next = *f;
    while (n > 0) {
        /* End each chunk on a multiple of CHUNK, so that later ones are whole subtrees with no odd ends. */
        size_t take = CHUNK - (size_t)(next.size % CHUNK);
        take = take < n ? take : n;
        if (!append_chunk(&next, leaves, take, write, ctx))
            return false;
        leaves += take;
        n -= take;
    }
    *f = next;
    return true;
}

static bool bit_set(uint64_t size, int level) { return size >> level & 1; }

Hash32 merkle_frontier_root(const MerkleFrontier *f)
{
    if (f->size == 0)
        return merkle_empty_root();
    int level = __builtin_ctzll(f->size);
    Hash32 root = f->peak[level];
    while (++level < MERKLE_LEVELS)
        if (bit_set(f->size, level))
            root = merkle_node(&f->peak[level], &root);
    return root;
}

size_t merkle_frontier_write(const MerkleFrontier *f, uint8_t out[MERKLE_FRONTIER_BYTES])
{
    size_t at = 0;
    for (int shift = 56; shift >= 0; shift -= 8)
        out[at++] = (uint8_t)(f->size >> shift);
    for (int level = MERKLE_LEVELS - 1; level >= 0; level--) {
        if (!bit_set(f->size, level))
            continue;
        memcpy(out + at, f->peak[level].bytes, sizeof(Hash32));
        at += sizeof(Hash32);
    }
    return at;
}

bool merkle_frontier_read(MerkleFrontier *f, const uint8_t *at, size_t len)
{
    MerkleFrontier got = {0};
    if (len < 8)
        return false;
    for (int i = 0; i < 8; i++)
        got.size = got.size << 8 | at[i];
    if (got.size > MERKLE_SIZE_MAX || len != 8 + sizeof(Hash32) * (size_t)__builtin_popcountll(got.size))
        return false;
    const uint8_t *peak = at + 8;
    for (int level = MERKLE_LEVELS - 1; level >= 0; level--) {
        if (!bit_set(got.size, level))
            continue;
        memcpy(got.peak[level].bytes, peak, sizeof(Hash32));
        peak += sizeof(Hash32);
    }
    *f = got;
    return true;
}

bool merkle_frontier_at(MerkleRead *read, void *ctx, uint64_t size, MerkleFrontier *f)
{
    MerkleFrontier got = { .size = size };
    if (size > MERKLE_SIZE_MAX)
        return false;
    for (int level = 0; level < MERKLE_LEVELS - 1; level++)
        if (bit_set(size, level) && !read(ctx, level, (size >> level) - 1, &got.peak[level]))
            return false;
    *f = got;
    return true;
}

bool merkle_root_at(MerkleRead *read, void *ctx, uint64_t size, Hash32 *root)
{
    MerkleFrontier f;
    if (!merkle_frontier_at(read, ctx, size, &f))
        return false;
    *root = merkle_frontier_root(&f);
    return true;
}

typedef struct Range { uint64_t begin, size; } Range;       /* leaves begin .. begin + size - 1 */

/* RFC 6962's k: the largest power of two smaller than size, where a tree of that size (at least 2) divides.
 */
static uint64_t split_of(uint64_t size) { return (uint64_t)1 << (63 - __builtin_clzll(size - 1)); }

/* Adds the hash of a range to the proof. `begin` is a multiple of a power of two at or above the size, as
 * every range split off a tree is, so it is made of complete subtrees: one for each bit of the size, the
 * largest first. */
static bool proof_add(MerkleRead *read, void *ctx, Range range, Hash32 *proof, size_t *n)
{
    assert(*n < MERKLE_INCLUSION_MAX && range.size > 0);
    uint64_t end = range.begin + range.size;
    Hash32 hash, part;
    bool any = false;
    for (int level = 0; level < MERKLE_LEVELS - 1; level++) {
        if (!bit_set(range.size, level))
            continue;
        end -= (uint64_t)1 << level;
        if (!read(ctx, level, end >> level, &part))
            return false;
        hash = any ? merkle_node(&part, &hash) : part;
        any = true;
    }
    proof[(*n)++] = hash;
    return true;
}

static void proof_turn(Hash32 *proof, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        Hash32 kept = proof[i];
        proof[i] = proof[n - 1 - i];
        proof[n - 1 - i] = kept;
    }
}

bool merkle_inclusion(MerkleRead *read, void *ctx, uint64_t index, uint64_t size, Hash32 *proof, size_t *n)
{
    if (index >= size || size > MERKLE_SIZE_MAX)
        return false;
    *n = 0;
    for (Range at = { 0, size }; at.size > 1;) {
        uint64_t k = split_of(at.size);
        Range left = { at.begin, k }, right = { at.begin + k, at.size - k };
        bool goes_left = index < right.begin;
        if (!proof_add(read, ctx, goes_left ? right : left, proof, n))
            return false;
        at = goes_left ? left : right;
    }
    proof_turn(proof, *n);
    return true;
}

bool merkle_consistency(MerkleRead *read, void *ctx, uint64_t old_size, uint64_t new_size, Hash32 *proof,
                        size_t *n)
{
    if (old_size > new_size || new_size > MERKLE_SIZE_MAX)
        return false;
    *n = 0;
    if (old_size == 0 || old_size == new_size)
        return true;
    Range at = { 0, new_size };
    while (at.begin + at.size > old_size) {         /* down to the subtree that ends where the old tree did */
        uint64_t k = split_of(at.size);
        Range left = { at.begin, k }, right = { at.begin + k, at.size - k };
        bool goes_left = old_size <= right.begin;
        if (!proof_add(read, ctx, goes_left ? right : left, proof, n))
            return false;
        at = goes_left ? left : right;
    }
    /* When that subtree is the whole old tree, the verifier has its hash already: the old root. */
    if (at.begin > 0 && !proof_add(read, ctx, at, proof, n))
        return false;
    proof_turn(proof, *n);
    return true;
}

/* Where a verifier stands in the tree: the node on the path, and the last node of its level. */
typedef struct Climb { uint64_t node, last; } Climb;

static void climb_up(Climb *c)
{
    c->node >>= 1;
    c->last >>= 1;
}

/* The proof's hash stands to the left. Levels where the node has no sibling, being last, are then skipped. */
static bool climb_joins_left(Climb *c)
{
    if (!(c->node & 1) && c->node != c->last)
        return false;
    while (!(c->node & 1) && c->node != 0)
        climb_up(c);
    return true;
}

bool merkle_verify_inclusion(const Hash32 *leaf, uint64_t index, uint64_t size, const Hash32 *proof, size_t n,
                             const Hash32 *root)
{
    if (index >= size || size > MERKLE_SIZE_MAX)
        return false;
    Climb at = { index, size - 1 };
    Hash32 hash = *leaf;
    for (size_t i = 0; i < n; i++) {
        if (at.last == 0)
            return false;
        hash = climb_joins_left(&at) ? merkle_node(&proof[i], &hash) : merkle_node(&hash, &proof[i]);
        climb_up(&at);
    }
    return at.last == 0 && merkle_same(&hash, root);
}

/* Sizes at which there is nothing to prove by hashing. */
static bool verify_trivial(uint64_t old_size, const Hash32 *old_root, uint64_t new_size,
                           const Hash32 *new_root)
{
    if (old_size == new_size && !merkle_same(old_root, new_root))
        return false;
    if (old_size > 0)
        return true;
    Hash32 empty = merkle_empty_root();
    return merkle_same(old_root, &empty);
}

bool merkle_verify_consistency(uint64_t old_size, const Hash32 *old_root, uint64_t new_size,
                               const Hash32 *new_root, const Hash32 *proof, size_t n)
{
    if (old_size > new_size || new_size > MERKLE_SIZE_MAX)
        return false;
    if (old_size == 0 || old_size == new_size)
        return n == 0 && verify_trivial(old_size, old_root, new_size, new_root);
    if (n == 0)
        return false;
    Climb at = { old_size - 1, new_size - 1 };
    while (at.node & 1)
        climb_up(&at);
    bool whole =
        (old_size & (old_size - 1)) == 0; /* the old tree is one subtree, so the proof leaves it out */
    Hash32 old_hash = whole ? *old_root : proof[0], new_hash = old_hash;
    for (size_t i = whole ? 0 : 1; i < n; i++) {
        if (at.last == 0)
            return false;
        if (climb_joins_left(&at)) {
            old_hash = merkle_node(&proof[i], &old_hash);
            new_hash = merkle_node(&proof[i], &new_hash);
        } else {
            new_hash = merkle_node(&new_hash, &proof[i]);
        }
        climb_up(&at);
    }
    return at.last == 0 && merkle_same(&old_hash, old_root) && merkle_same(&new_hash, new_root);
}
