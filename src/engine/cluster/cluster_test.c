/* cluster_test.c: what clustering must never do, on made cases and on random graphs. */
#include "engine/cluster/cluster.h"
#include "base/rng.h"
#include "base/test.h"

enum { NAME = 1, BORN = 2, PHONE = 4, ADDRESS = 8, NODES = 60, EDGES = 150 };
static const uint64_t SEED = 20261124;

static ClusterRules usual(void)
{
    return cluster_rules(10, 4, PHONE | ADDRESS);
}

typedef struct World {
    ClusterEdge edges[4 * EDGES];
    ClusterPair same[32], apart[64];
    ClusterInput in;
} World;

static void world_new(World *w, uint32_t nodes)
{
    *w = (World){ .in = { .nodes = nodes } };
    w->in.edges = w->edges;
    w->in.same = w->same;
    w->in.apart = w->apart;
}

static void edge(World *w, uint32_t a, uint32_t b, float bits, uint32_t aspects)
{
    w->edges[w->in.edge_count++] = (ClusterEdge){ a, b, bits, aspects };
}

static void clique(World *w, uint32_t from, uint32_t count, float bits)
{
    for (uint32_t a = from; a < from + count; a++)
        for (uint32_t b = a + 1; b < from + count; b++)
            edge(w, a, b, bits, NAME | BORN);
}

static ClusterResult run(const World *w, Arena *mem)
{
    ClusterRules rules = usual();
    ClusterResult out;
    cluster_all(&w->in, &rules, mem, &out);
    return out;
}

static void world_random(World *w, Rng *r, bool decisions)
{
    world_new(w, NODES);
    for (int i = 0; i < EDGES; i++) {
        uint32_t a = (uint32_t)rng_below(r, NODES), b = (a + 1 + (uint32_t)rng_below(r, 6)) % NODES;
        edge(w, a, b, (float)rng_below(r, 24), 1u + (uint32_t)rng_below(r, 15));
    }
    for (int i = 0; decisions && i < 12; i++) {
        uint32_t a = (uint32_t)rng_below(r, NODES), b = (a + 1 + (uint32_t)rng_below(r, 4)) % NODES;
        if (i % 3)
            w->apart[w->in.apart_count++] = (ClusterPair){ a, b };
        else
            w->same[w->in.same_count++] = (ClusterPair){ a, b };
    }
}

static void shuffle(Rng *r, void *at, size_t count, size_t size)
{
    uint8_t hold[32], *p = at;
    for (size_t i = count; i > 1; i--) {
        size_t k = rng_below(r, i);
        memcpy(hold, p + k * size, size);
        memcpy(p + k * size, p + (i - 1) * size, size);
        memcpy(p + (i - 1) * size, hold, size);
    }
}

TEST(pair_above_the_threshold_is_one)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    World w;
    world_new(&w, 4);
    edge(&w, 2, 0, 12, NAME | BORN);
    edge(&w, 1, 3, 9, NAME | BORN);
    ClusterResult r = run(&w, &mem);
    CHECK_INT(r.cluster[2], 0);
    CHECK_INT(r.cluster[3], 3);
    CHECK_INT(r.counts.clusters, 1);
}

TEST(one_bad_edge_does_not_join_two_families)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    for (float bad = 11; bad < 60; bad += 8) {
        World w;
        world_new(&w, 12);
        clique(&w, 0, 6, 14);
        clique(&w, 6, 6, 14);
        edge(&w, 2, 8, bad, NAME);
        ClusterResult r = run(&w, &mem);
        for (uint32_t i = 0; i < 12; i++)
            CHECK_INT(r.cluster[i], i < 6 ? 0 : 6);
    }
}

/* The heaviest pair of all is the wrong one: it joins first, and must not steal a record for good. */
TEST(record_pulled_away_by_a_bad_edge_comes_back)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    World w;
    world_new(&w, 10);
    clique(&w, 0, 5, 14);
    clique(&w, 5, 5, 14);
    edge(&w, 2, 8, 40, NAME | BORN);
    ClusterResult r = run(&w, &mem);
    CHECK_INT(r.cluster[8], 5);
    CHECK_INT(r.cluster[2], 0);
}

TEST(thin_chain_stops_growing)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    World w;
    world_new(&w, 40);
    for (uint32_t i = 0; i + 1 < 40; i++)
        edge(&w, i, i + 1, 11, NAME | BORN);
    ClusterResult r = run(&w, &mem);
    for (uint32_t i = 0; i < 40; i++) {
        uint32_t size = 0;
        for (uint32_t k = 0; k < 40; k++)
            size += r.cluster[k] == r.cluster[i];
        assert_true(size <= 8);
    }
    assert_true(r.counts.refused_thin > 0);
}

TEST(loosely_tied_record_is_cut_off)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    World w;
    world_new(&w, 16);
    edge(&w, 0, 15, 19, NAME | BORN);      /* strongest, so it joins before the others are there */
    clique(&w, 0, 15, 14);
    ClusterResult r = run(&w, &mem);
    CHECK_INT(r.cluster[14], 0);
    /* One pair of fifteen, counted nearly twice: just thick enough. */
    CHECK_INT(r.cluster[15], 0);
    w.edges[0].weight_bits = 14.5f;
    r = run(&w, &mem);
    CHECK_INT(r.cluster[15], 15);
    CHECK_INT(r.counts.cuts, 1);
}

TEST(shared_phone_makes_a_household_not_a_person)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    World w;
    world_new(&w, 5);
    edge(&w, 0, 1, 14, NAME | BORN);
    edge(&w, 1, 2, 20, PHONE);
    edge(&w, 2, 3, 20, PHONE | ADDRESS);
    ClusterResult r = run(&w, &mem);
    CHECK_INT(r.cluster[1], 0);
    CHECK_INT(r.cluster[2], 2);
    CHECK_INT(r.cluster[3], 3);
    for (uint32_t i = 0; i < 4; i++)
        CHECK_INT(r.household[i], 0);
    assert_true(r.household[4] == CLUSTER_NONE);
    CHECK_INT(r.counts.households, 1);
}

TEST(what_very_many_share_is_no_household)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    World w;
    world_new(&w, 40);
    for (uint32_t i = 1; i < 40; i++)
        edge(&w, 0, i, 20, PHONE);
    ClusterResult r = run(&w, &mem);
    assert_true(r.household[0] == CLUSTER_NONE && r.household[39] == CLUSTER_NONE);
}

TEST(kept_apart_is_never_in_one_cluster)
{
    Rng rng = rng_seed(SEED);
    for (int round = 0; round < 300; round++) {
        CLEANUP(arena_done) Arena mem = { 0 };
        World w;
        world_random(&w, &rng, true);
        ClusterResult r = run(&w, &mem);
        for (size_t i = 0; i < w.in.apart_count; i++)
            assert_true(w.apart[i].a == w.apart[i].b ||
                        r.cluster[w.apart[i].a] != r.cluster[w.apart[i].b]);
    }
}

TEST(decided_same_is_one_unless_kept_apart)
{
    Rng rng = rng_seed(SEED + 1);
    for (int round = 0; round < 100; round++) {
        CLEANUP(arena_done) Arena mem = { 0 };
        World w;
        world_random(&w, &rng, true);
        w.in.apart_count = 0;
        ClusterResult r = run(&w, &mem);
        for (size_t i = 0; i < w.in.same_count; i++)
            CHECK_INT(r.cluster[w.same[i].a], r.cluster[w.same[i].b]);
    }
}

TEST(order_of_input_changes_nothing)
{
    Rng rng = rng_seed(SEED + 2);
    for (int round = 0; round < 200; round++) {
        CLEANUP(arena_done) Arena mem = { 0 };
        World w;
        world_random(&w, &rng, true);
        ClusterResult one = run(&w, &mem);
        shuffle(&rng, w.edges, w.in.edge_count, sizeof w.edges[0]);
        shuffle(&rng, w.same, w.in.same_count, sizeof w.same[0]);
        shuffle(&rng, w.apart, w.in.apart_count, sizeof w.apart[0]);
        for (size_t i = 0; i < w.in.edge_count; i += 2)
            w.edges[i] =
                (ClusterEdge){ w.edges[i].b, w.edges[i].a, w.edges[i].weight_bits, w.edges[i].aspects };
        ClusterResult two = run(&w, &mem);
        assert_memory_equal(one.cluster, two.cluster, NODES * sizeof(uint32_t));
        assert_memory_equal(one.household, two.household, NODES * sizeof(uint32_t));
    }
}

/* With keys, the numbers of records do not matter either. */
TEST(numbering_changes_nothing_with_keys)
{
    Rng rng = rng_seed(SEED + 3);
    for (int round = 0; round < 200; round++) {
        CLEANUP(arena_done) Arena mem = { 0 };
        World w, v;
        uint64_t keys[NODES], moved[NODES];
        uint32_t to[NODES];
        world_random(&w, &rng, true);
        v = w;
        for (uint32_t i = 0; i < NODES; i++) {
            keys[i] = rng_next(&rng);
            to[i] = i;
        }
        shuffle(&rng, to, NODES, sizeof to[0]);
        for (uint32_t i = 0; i < NODES; i++)
            moved[to[i]] = keys[i];
        for (size_t i = 0; i < w.in.edge_count; i++)
            v.edges[i] = (ClusterEdge){ to[w.edges[i].a], to[w.edges[i].b], w.edges[i].weight_bits,
                                        w.edges[i].aspects };
        for (size_t i = 0; i < w.in.same_count; i++)
            v.same[i] = (ClusterPair){ to[w.same[i].a], to[w.same[i].b] };
        for (size_t i = 0; i < w.in.apart_count; i++)
            v.apart[i] = (ClusterPair){ to[w.apart[i].a], to[w.apart[i].b] };
        v.in.edges = v.edges;
        v.in.same = v.same;
        v.in.apart = v.apart;
        w.in.keys = keys;
        v.in.keys = moved;
        ClusterResult one = run(&w, &mem), two = run(&v, &mem);
        for (uint32_t i = 0; i < NODES; i++)
            for (uint32_t k = 0; k < NODES; k++)
                CHECK_INT(one.cluster[i] == one.cluster[k], two.cluster[to[i]] == two.cluster[to[k]]);
    }
}

/* ---- the growing base */

typedef struct Known {       /* what the base was told, kept beside it */
    ClusterEdge edge[NODES][NODES];
    bool        has[NODES][NODES];
    ClusterTie  tie[NODES][NODES];
} Known;

static void base_step(ClusterBase *base, Known *k, Rng *rng)
{
    uint32_t a = (uint32_t)rng_below(rng, NODES), b = (a + 1 + (uint32_t)rng_below(rng, 6)) % NODES;
    uint32_t lo = a < b ? a : b, hi = a < b ? b : a;
    uint64_t what = rng_below(rng, 10);
    if (what < 6) {
        ClusterEdge e = { lo, hi, (float)rng_below(rng, 24), 1u + (uint32_t)rng_below(rng, 15) };
        cluster_base_edge(base, &e);
        k->edge[lo][hi] = e;
        k->has[lo][hi] = true;
    } else if (what < 8) {
        cluster_base_unedge(base, a, b);
        k->has[lo][hi] = false;
    } else {
        k->tie[lo][hi] = (ClusterTie)rng_below(rng, 3);
        cluster_base_tie(base, a, b, k->tie[lo][hi]);
    }
}

static void base_matches_full_run(const ClusterBase *base, const Known *k)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    static World w;
    world_new(&w, NODES);
    for (uint32_t a = 0; a < NODES; a++)
        for (uint32_t b = a + 1; b < NODES; b++) {
            if (k->has[a][b])
                w.edges[w.in.edge_count++] = k->edge[a][b];
            if (k->tie[a][b] == CLUSTER_SAME && w.in.same_count < 32)
                w.same[w.in.same_count++] = (ClusterPair){ a, b };
            if (k->tie[a][b] == CLUSTER_APART && w.in.apart_count < 64)
                w.apart[w.in.apart_count++] = (ClusterPair){ a, b };
        }
    assert_true(w.in.same_count < 32 && w.in.apart_count < 64);
    ClusterResult r = run(&w, &mem);
    for (uint32_t i = 0; i < NODES; i++) {
        CHECK_INT(cluster_base_cluster(base, i), r.cluster[i]);
        assert_true(cluster_base_household(base, i) == r.household[i]);
    }
}

TEST(settled_base_equals_a_full_run)
{
    Rng rng = rng_seed(SEED + 4);
    for (int round = 0; round < 40; round++) {
        static Known k;
        ClusterRules rules = usual();
        ClusterBase *base = cluster_base_new(&rules);
        k = (Known){ 0 };
        for (uint32_t i = 0; i < NODES; i++)
            cluster_base_add(base, i);
        for (int step = 0; step < 120; step++) {
            CLEANUP(arena_done) Arena mem = { 0 };
            uint32_t *changed = NULL, was[NODES];
            size_t count = 0, differ = 0;
            for (uint32_t i = 0; i < NODES; i++)
                was[i] = cluster_base_cluster(base, i);
            for (uint64_t n = 1 + rng_below(&rng, 3); n > 0; n--)
                base_step(base, &k, &rng);
            cluster_base_settle(base, &mem, &changed, &count);
            base_matches_full_run(base, &k);
            for (uint32_t i = 0; i < NODES; i++)
                differ += was[i] != cluster_base_cluster(base, i);
            assert_true(differ <= count);
        }
        cluster_base_done(base);
    }
}

TEST_MAIN(pair_above_the_threshold_is_one, one_bad_edge_does_not_join_two_families,
          record_pulled_away_by_a_bad_edge_comes_back, thin_chain_stops_growing,
          loosely_tied_record_is_cut_off, shared_phone_makes_a_household_not_a_person,
          what_very_many_share_is_no_household, kept_apart_is_never_in_one_cluster,
          decided_same_is_one_unless_kept_apart, order_of_input_changes_nothing,
          numbering_changes_nothing_with_keys, settled_base_equals_a_full_run)
