/* merkle.h: the RFC 6962 (RFC 9162) Merkle tree over SHA-256: appending, roots, proofs and their verifiers.
 *
 * Pure arithmetic: the caller keeps the nodes. A node is named by (level, index): level 0 is leaf hashes,
 * and node (l, i) is the hash of the complete subtree over leaves i*2^l .. (i+1)*2^l - 1. Only complete
 * subtrees have names, so a node never changes once written. Every function here reads only nodes complete
 * at the size it is given.
 * Invariants: (1) one leaf sequence has one root however it was batched; (2) a failed call leaves its
 * frontier as it was; (3) verifiers take any bytes and never read outside them. Sizes are at most
 * MERKLE_SIZE_MAX. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "engine/digest/sha256.h"

#define MERKLE_SIZE_MAX ((uint64_t)INT64_MAX)
enum {
    MERKLE_LEVELS          = 64,                    /* levels 0..63 */
    MERKLE_INCLUSION_MAX   = 64,                    /* hashes: room every inclusion proof fits in */
    MERKLE_CONSISTENCY_MAX = 66,                    /* and every consistency proof */
    MERKLE_FRONTIER_BYTES  = 8 + 32 * MERKLE_LEVELS,
};

/* Hashing: SHA-256(0x00 || data) and SHA-256(0x01 || left || right). */
Hash32 merkle_leaf(const void *data, size_t len);
Hash32 merkle_node(const Hash32 *left, const Hash32 *right);
void   merkle_leaves(const void *const *data, const size_t *len, size_t n, Hash32 *out);
/* out[i] is the parent of children[2i] and children[2i+1]. `out` may be `children`, else must not overlap. */
void   merkle_parents(const Hash32 *children, size_t n_parents, Hash32 *out);
Hash32 merkle_empty_root(void);                     /* SHA-256 of nothing */
bool   merkle_same(const Hash32 *a, const Hash32 *b);

/* The right edge of a tree: enough to append and to know the root. {0} is the empty tree.
 * peak[l] is set exactly when bit l of size is: the complete subtree of 2^l leaves there. Others are zero. */
typedef struct MerkleFrontier {
    uint64_t size;
    Hash32   peak[MERKLE_LEVELS];
} MerkleFrontier;

/* Told of every node an append completes, as runs: nodes (level, first) .. (level, first + n - 1). Runs of
 * one level come in order; children come before parents. Return false to stop. The hashes live only during
 * the call. */
typedef bool MerkleWrite(void *ctx, int level, uint64_t first, const Hash32 *nodes, size_t n);

/* Appends leaf hashes (merkle_leaf / merkle_leaves). `write` may be NULL. False only when `write` said so or
 * the tree would pass MERKLE_SIZE_MAX; the frontier is then unchanged. */
MUST_USE bool merkle_append(MerkleFrontier *f, const Hash32 *leaf, MerkleWrite *write, void *ctx);
MUST_USE bool merkle_append_batch(MerkleFrontier *f, const Hash32 *leaves, size_t n, MerkleWrite *write,
                                  void *ctx);
Hash32 merkle_frontier_root(const MerkleFrontier *f);
/* One canonical form: size as 8 bytes big-endian, then the peaks, largest subtree first. Returns the length
 * used. Reading refuses any other length, and a size above MERKLE_SIZE_MAX. */
size_t merkle_frontier_write(const MerkleFrontier *f, uint8_t out[MERKLE_FRONTIER_BYTES]);
MUST_USE bool merkle_frontier_read(MerkleFrontier *f, const uint8_t *at, size_t len);

/* Fetches a node; false when it cannot. The functions below are then false too, and otherwise only for
 * arguments out of range (index >= size, old_size > new_size, size > MERKLE_SIZE_MAX). */
typedef bool MerkleRead(void *ctx, int level, uint64_t index, Hash32 *out);

MUST_USE bool merkle_root_at(MerkleRead *read, void *ctx, uint64_t size, Hash32 *root);
/* Rebuilds the frontier of a tree of that size. */
MUST_USE bool merkle_frontier_at(MerkleRead *read, void *ctx, uint64_t size, MerkleFrontier *f);
/* `proof` has room for MERKLE_INCLUSION_MAX; order as RFC 6962 PATH(index, D[size]): nearest the leaf first.
 */
MUST_USE bool merkle_inclusion(MerkleRead *read, void *ctx, uint64_t index, uint64_t size, Hash32 *proof,
                               size_t *n);
/* `proof` has room for MERKLE_CONSISTENCY_MAX; order as RFC 6962 PROOF(old_size, D[new_size]). Empty when
 * old_size is 0 or equals new_size. */
MUST_USE bool merkle_consistency(MerkleRead *read, void *ctx, uint64_t old_size, uint64_t new_size,
                                 Hash32 *proof, size_t *n);

/* True only when the proof, whole and exact, shows it. `leaf` is a leaf hash. */
MUST_USE bool merkle_verify_inclusion(const Hash32 *leaf, uint64_t index, uint64_t size, const Hash32 *proof,
                                      size_t n, const Hash32 *root);
/* An old size of 0 asks that old_root be the empty root and the proof be empty: everything extends nothing.
 */
MUST_USE bool merkle_verify_consistency(uint64_t old_size, const Hash32 *old_root, uint64_t new_size,
                                        const Hash32 *new_root, const Hash32 *proof, size_t n);
