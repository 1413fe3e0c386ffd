/* similarity_bench.c: Jaro-Winkler and Levenshtein over a million pairs of names, beside DuckDB's built-in
 * functions on one thread, in one run; and whether both say the same. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "base/arena.h"
#include "base/rng.h"
#include "engine/similarity/similarity.h"

enum { PAIRS = 1000000, ROUNDS = 7, NAME = 32, SEED = 7, LINE = 256 };

typedef struct Work {
    char     room[2 * PAIRS * NAME];             /* one text after another, as a dictionary keeps them */
    Str      a[PAIRS], b[PAIRS];
    double   jaro[PAIRS];
    uint16_t lev[PAIRS], osa[PAIRS];
} Work;

/* A given or a family name as long as people's are: 3 to 13 letters. */
static size_t made_name(Rng *rng, char *out)
{
    static const char *const first[] = { "james",    "mary",   "oliver", "amelia", "george", "isla",
                                         "mohammed", "ava",    "noah",   "freya",  "jack",   "christopher",
                                         "leo",      "olivia", "jo",     "grace" };
    static const char *const head[] = { "smi", "jon", "wil", "tay", "bro", "da",   "ev", "tho", "jo", "ro",
                                        "wri", "wal", "whi", "ed",  "gre", "hall", "wo", "cla", "ha", "mar" };
    static const char *const tail[] = { "th",  "es",    "liams", "lor", "wn",   "vies", "ans",
                                        "mas", "hnson", "berts", "ght", "ker",  "te",   "wards",
                                        "en",  "ley",   "od",    "rke", "rris", "tinez" };
    if (rng_below(rng, 2))
        return (size_t)snprintf(out, NAME, "%s", first[rng_below(rng, COUNT_OF(first))]);
    return (size_t)snprintf(out, NAME, "%s%s", head[rng_below(rng, COUNT_OF(head))],
                            tail[rng_below(rng, COUNT_OF(tail))]);
}

static void make_pairs(Work *w)
{
    Rng   rng = rng_seed(SEED);
    char *at = w->room;
    for (size_t i = 0; i < PAIRS; i++) {
        size_t n = made_name(&rng, at), m = n;
        w->a[i] = (Str){ at, n };
        at += n;
        if (rng_below(&rng, 2)) {            /* half are one name with a letter written wrongly */
            memcpy(at, w->a[i].at, n);
            at[rng_below(&rng, n)] = (char)('a' + (int)rng_below(&rng, 26));
        } else {
            m = made_name(&rng, at);
        }
        w->b[i] = (Str){ at, m };
        at += m;
    }
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

typedef struct Measure {
    const char *task, *sql, *target;
    double ours_s, duckdb_s, ours_sum, duckdb_sum;
} Measure;
enum { JARO, LEV, OSA, MEASURES };

static double run(Work *w, int measure, Cpu level)
{
    double began = now_s();
    switch (measure) {
    case JARO: sim_jaro_winkler_pairs(level, w->a, 1, w->b, PAIRS, w->jaro); break;
    case LEV:  sim_levenshtein_pairs(level, w->a, 1, w->b, PAIRS, w->lev); break;
    default:   sim_osa_pairs(level, w->a, 1, w->b, PAIRS, w->osa); break;
    }
    return now_s() - began;
}

static double sum(const Work *w, int measure)
{
    double total = 0;
    for (size_t i = 0; i < PAIRS; i++)
        total += measure == JARO ? w->jaro[i] : measure == LEV ? w->lev[i] : w->osa[i];
    return total;
}

static double best_of(Work *w, int measure, Cpu level)
{
    double best = 0;
    for (int i = 0; i < ROUNDS / 2 + 1; i++) {
        double took = run(w, measure, level);
        best = best == 0 || took < best ? took : best;
    }
    return best;
}

static void write_statements(const Measure *m, const char *csv, FILE *sql)
{
    fprintf(sql,
            "CREATE TABLE pairs AS SELECT a, b FROM read_csv('%s', header = true, all_varchar = true)\n;\n",
            csv);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < MEASURES; i++)
            fprintf(sql, "SELECT CAST(sum(%s(a, b)) AS DOUBLE) FROM pairs\n;\n", m[i].sql);
}

static bool ask_duckdb(Measure *m, const Work *w, const char *folder)
{
    char  csv[LINE], sql[LINE], command[3 * LINE], line[LINE];
    snprintf(csv, sizeof csv, "%s/similarity.csv", folder);
    snprintf(sql, sizeof sql, "%s/similarity.sql", folder);
    FILE *f = fopen(csv, "w"), *s = fopen(sql, "w");
    if (!f || !s)
        return false;
    fprintf(f, "a,b\n");
    for (size_t i = 0; i < PAIRS; i++)
        fprintf(f, STR_FMT "," STR_FMT "\n", STR_ARG(w->a[i]), STR_ARG(w->b[i]));
    write_statements(m, csv, s);
    fclose(f);
    fclose(s);
    snprintf(command, sizeof command, "node tests/bench/duckdb.mjs 1 %s", sql);
    FILE *out = popen(command, "r");
    int   got = -1;                          /* the first line is the table's */
    while (out && fgets(line, sizeof line, out)) {
        double seconds = 0, total = 0;
        if (got >= 0 && sscanf(line, "%lf\t%lf", &seconds, &total) == 2) {
            Measure *one = &m[got % MEASURES];
            one->duckdb_sum = total;
            one->duckdb_s = one->duckdb_s == 0 || seconds < one->duckdb_s ? seconds : one->duckdb_s;
        }
        got++;
    }
    remove(csv);
    remove(sql);
    return out && pclose(out) == 0 && got == ROUNDS * MEASURES;
}

int main(int argc, char **argv)
{
    CLEANUP(arena_done) Arena mem = {0};
    Work   *w = arena_new(&mem, Work, 1);
    Measure m[MEASURES] = {
        { .task = "Jaro-Winkler, name pairs", .sql = "jaro_winkler_similarity", .target = "ratio>=5" },
        { .task = "Levenshtein, name pairs", .sql = "levenshtein", .target = "ratio>=5" },
        { .task = "with swapped neighbours, name pairs", .sql = "damerau_levenshtein", .target = "ratio>=5" },
    };
    make_pairs(w);
    /* Half our rounds before DuckDB's and half after, so that what else the machine does falls on both. */
    double before[MEASURES];
    for (int i = 0; i < MEASURES; i++)
        before[i] = best_of(w, i, cpu_best());
    bool asked = ask_duckdb(m, w, argc > 1 ? argv[1] : "/tmp"), same = true;
    for (int level = 0; level < CPU__COUNT; level++)
        for (int i = 0; i < MEASURES && cpu_here((Cpu)level); i++) {
            m[i].ours_s = best_of(w, i, (Cpu)level);
            if (level == (int)cpu_best() && before[i] < m[i].ours_s)
                m[i].ours_s = before[i];
            m[i].ours_sum = sum(w, i);
            printf("%-9s %-40s %6.1f M pairs/s\n", cpu_name((Cpu)level), m[i].task,
                   PAIRS / m[i].ours_s / 1e6);
        }
    for (int i = 0; i < MEASURES; i++) {
        double ours = PAIRS / m[i].ours_s, theirs = asked ? PAIRS / m[i].duckdb_s : 0;
        if (asked)
            printf("row\t%s\t%.0f\t/s\tDuckDB %s, one thread\t%.0f\t%.2f\t%s\n", m[i].task, ours, m[i].sql,
                   theirs, ours / theirs, m[i].target);
        else
            printf("row\t%s\t%.0f\t/s\t-\t-\t-\t-\n", m[i].task, ours);
        double apart = m[i].ours_sum - m[i].duckdb_sum;
        if (asked && i != OSA && (apart > 1e-3 || apart < -1e-3))
            same = false;
    }
    if (!asked)
        puts("DuckDB is not here: npm ci in tests/bench");
    puts(same ? "both say the same" : "THE SUMS DIFFER");
    return same ? 0 : 1;
}
