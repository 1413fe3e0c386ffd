// near_faiss.cpp: the reference of near_bench.c, built by the benchmarks only and only where FAISS is: its
// exact index for short distances, IndexBinaryMultiHash with 16 hashes of 16 bits, one bit of which may
// differ.
//
//     engine_near_faiss FILE ROWS QUERIES DISTANCE
//
// FILE holds that many rows and then queries, 32 bytes each. Asks for a few seconds, then prints how many it
// asked, queries a second, hits, the sum of their distances and the seconds that building took. One thread
// and its processor time, as on the other side. A radius of FAISS is one more than a distance.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>
#include <faiss/IndexBinaryHash.h>
#include <faiss/impl/AuxIndexStructures.h>

static double now()
{
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    size_t rows = strtoull(argv[2], nullptr, 10), queries = strtoull(argv[3], nullptr, 10);
    int    distance = int(strtol(argv[4], nullptr, 10));
    std::vector<uint8_t> all((rows + queries) * 32);
    FILE *file = fopen(argv[1], "rb");
    if (!file || fread(all.data(), 32, rows + queries, file) != rows + queries)
        return 1;
    fclose(file);

    faiss::IndexBinaryMultiHash index(256, 16, 16);
    index.nflip = 1;
    double start = now();
    index.add(faiss::Index::idx_t(rows), all.data());
    double built = now() - start;

    const size_t piece = 8;
    const double enough_s = 4;
    double hits = 0, apart = 0, took = 0;
    size_t asked = 0;
    for (; asked + piece <= queries && took < enough_s; asked += piece) {
        faiss::RangeSearchResult found(piece);
        start = now();
        const uint8_t *at = all.data() + 32 * (rows + asked);
        index.range_search(faiss::Index::idx_t(piece), at, distance + 1, &found);
        took += now() - start;
        hits += double(found.lims[piece]);
        for (size_t i = 0; i < found.lims[piece]; i++)
            apart += found.distances[i];
    }
    printf("%zu %.3f %.0f %.0f %.2f\n", asked, double(asked) / took, hits, apart, built);
    return 0;
}
