/* linkage_bench.c: a whole linkage run over made-up people, beside DuckDB doing only the comparing in SQL;
 * and one new record against all of them.
 *
 *   linkage_bench FOLDER [ROWS [THREADS [PAIRS]]]      FOLDER takes a CSV of about 120 bytes a row
 *
 * Linked twice, the better of the two counts: memory that a virtual machine's host has taken back costs the
 * first run up to half as much again, while DuckDB has its table in memory when its time begins.
 *
 * With PAIRS, which is how many pairs a row planning may spend (0: as usual), DuckDB is left out. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include "base/source.h"
#include "engine/cluster/cluster.h"
#include "engine/linkage/linkage_index.h"
#include "engine/linkage/linkage_testing.h"
#include "link/evaluate/table.h"

static double seconds(void)
{
    struct timespec t;
    clock_gettime(getenv("CPUTIME") ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* `better`: how many times better than the reference's value ours is. */
static void row_beside(const char *task, double value, const char *unit, const char *reference, double its,
                       double better, const char *target)
{
    bool beside = reference && its > 0;
    printf("row\t%s\t%.4g\t%s\t%s\t", task, value, unit, beside ? reference : "-");
    if (beside)
        printf("%.4g\t%.2f\t%s\n", its, better, target);
    else
        printf("-\t-\t%s\n", target);
    fflush(stdout);
}

static void row(const char *task, double value, const char *unit, const char *reference, double its,
                const char *target)
{
    row_beside(task, value, unit, reference, its, its / value, target);
}

/* Of a rate or a share: more is better. */
static void row_more(const char *task, double value, const char *unit, const char *reference, double its)
{
    row_beside(task, value, unit, reference, its, its > 0 ? value / its : 0, "-");
}

/* ---- the table */

static const char header[] = "person,given,family,born,city,postcode,street,email,phone,job\n";

static void street_and_rest(Rng *rng, char *street, char *phone, char *job)
{
    char word[24];
    made_word(500000 + rng_below(rng, 30000), word, sizeof word);
    snprintf(street, 64, "%d %s street", 1 + (int)rng_below(rng, 120), word);
    snprintf(phone, 32, "07700 9%05d", (int)rng_below(rng, 100000));
    made_word(700000 + made_skewed(rng, 200), job, 24);
}

static void line_write(FILE *out, Rng *rng, uint32_t person, const MadeRow *r, const char *street,
                       const char *phone, const char *job)
{
    bool no_phone = rng_below(rng, 100) < 30, no_job = rng_below(rng, 100) < 20;
    fprintf(out, "%u,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", person, r->text[MADE_GIVEN], r->text[MADE_FAMILY],
            r->text[MADE_BORN], r->text[MADE_CITY], r->text[MADE_POSTCODE], street, r->text[MADE_EMAIL],
            no_phone ? "" : phone, no_job ? "" : job);
}

/* `people` takes the person of each row: those of one stand together. */
static void table_write(const char *path, size_t rows, uint32_t *people)
{
    FILE *out = fopen(path, "w");
    Rng   rng = rng_seed(20);
    if (!out)
        exit(1);
    fputs(header, out);
    for (size_t i = 0, person = 0; i < rows; person++) {
        MadeRow original = made_person(&rng, person);
        char    street[64], phone[32], job[24];
        street_and_rest(&rng, street, phone, job);
        for (size_t copies = 1 + rng_below(&rng, 2); copies > 0 && i < rows; copies--, i++) {
            MadeRow r = original;
            if (copies > 1)
                made_spoil(&rng, &r);
            line_write(out, &rng, (uint32_t)person, &r, street, phone, job);
            people[i] = (uint32_t)person;
        }
    }
    fclose(out);
}

/* ---- ours */

typedef struct Run {
    Arena         mem;
    Table         table;
    LinkPlan      plan;
    LinkModel     prior, model;
    LinkPairs    *pairs;
    LinkRunCounts counts;
    double        read_s, plan_s, train_s, score_s, cluster_s;
} Run;

static void cluster(Run *r)
{
    size_t          n;
    Arena           scratch = { 0 };
    const LinkPair *p = link_pairs_all(r->pairs, &n);
    ClusterEdge    *edges = arena_new(&scratch, ClusterEdge, n + 1);
    ClusterRules    rules = cluster_rules(2.5, -0.5, 0);
    ClusterResult   out;
    for (size_t i = 0; i < n; i++)
        edges[i] = (ClusterEdge){ p[i].a, p[i].b, p[i].weight_bits, 0 };
    cluster_all(&(ClusterInput){ .nodes = (uint32_t)r->table.rows, .edges = edges, .edge_count = n }, &rules,
                &scratch, &out);
    arena_done(&scratch);
}

static bool run(Run *r, const char *path, unsigned threads, double pairs_per_row, Err *err)
{
    LinkRunOptions options = { .threads = threads, .seed = 1, .keep_bits = -0.5 };
    PersonRules   *rules = NULL;
    TableMap       map;
    double         at = seconds();
    if (!person_rules_load(&r->mem, &rules, err) ||
        !table_map_read(&r->mem, "given=given,family=family,birth_date=born,city=city,postcode=postcode,"
                                 "address=street,email=email,phone=phone,occupation=job", &map, err))
        return false;
    PersonTools tools = { rules, fold_new(&r->mem) };
    table_begin(&r->mem, &tools, &map, &r->table);
    r->table.threads = threads;
    if (!table_add(&r->table, &tools, &map, NULL, path, 0, &r->mem, err))
        return false;
    link_columns_count(r->table.columns);
    r->read_s = seconds() - at;
    at = seconds();
    LinkLimits limits = link_limits_default(r->table.rows);
    limits.threads = threads;
    if (pairs_per_row > 0) {
        limits.pairs_per_row = pairs_per_row;
        limits.least_found = 0;
    }
    link_model_by_hand(r->table.columns, &r->prior);
    r->plan = link_plan_make(r->table.columns, &r->prior, false, limits, 1);
    r->plan_s = seconds() - at;
    at = seconds();
    if (!link_model_train(r->table.columns, &r->plan, &r->prior, &options, &r->model, err))
        return false;
    r->train_s = seconds() - at;
    at = seconds();
    if (!link_pairs(r->table.columns, &r->model, &r->plan, &options, &r->pairs, &r->counts, err))
        return false;
    r->score_s = seconds() - at;
    at = seconds();
    cluster(r);
    r->cluster_s = seconds() - at;
    fold_done(&tools.fold);
    return true;
}

static void told(const Run *r)
{
    fprintf(stderr, "read %.2f plan %.2f train %.2f score %.2f cluster %.2f s; %llu pairs, %llu kept\n",
            r->read_s, r->plan_s, r->train_s, r->score_s, r->cluster_s,
            (unsigned long long)r->counts.candidate_pairs, (unsigned long long)r->counts.kept);
}

static void run_done(Run *r)
{
    link_pairs_done(r->pairs);
    link_plan_done(&r->plan);
    link_model_done(&r->model);
    link_model_done(&r->prior);
    arena_done(&r->mem);
    *r = (Run){ 0 };
}

/* ---- what the rules bring up of the pairs that are one person: fewer pairs prove nothing if they lose some
 */

typedef struct Truth { uint64_t pairs, brought; } Truth;

static bool brought_up(const Run *r, uint32_t a, uint32_t b)
{
    for (size_t rule = 0; rule < r->plan.rule_count; rule++)
        if (!r->plan.rules[rule].refused && link_rule_holds(&r->plan, rule, r->table.columns, a, b))
            return true;
    return false;
}

static Truth truth_of(const Run *r, const uint32_t *people)
{
    Truth t = { 0 };
    for (uint32_t a = 0; a < r->table.rows; a++)
        for (uint32_t b = a + 1; b < r->table.rows && people[a] == people[b]; b++) {
            t.pairs++;
            t.brought += brought_up(r, a, b);
        }
    return t;
}

/* ---- DuckDB: rules of its own that give about as many pairs, nine comparisons as levels, their sum */

static const char sql_load[] =
    "CREATE TABLE p AS SELECT row_number() OVER () AS id, *, substr(born, 1, 4) AS year, left(given, 1) AS g1"
    " FROM read_csv('%s', all_varchar = true)\n;\n";
static const char sql_rules[] =
    "WITH c AS ("
    " SELECT a.id AS x, b.id AS y FROM p a JOIN p b ON a.family = b.family AND a.year = b.year AND a.id < "
    "b.id"
    " UNION SELECT a.id, b.id FROM p a JOIN p b ON a.born = b.born AND a.g1 = b.g1 AND a.id < b.id"
    " UNION SELECT a.id, b.id FROM p a JOIN p b ON a.given = b.given AND a.family = b.family AND a.id < b.id"
    " UNION SELECT a.id, b.id FROM p a JOIN p b ON a.postcode = b.postcode AND a.id < b.id"
    " UNION SELECT a.id, b.id FROM p a JOIN p b ON a.email = b.email AND a.id < b.id)";
/* Not timed. */
static const char sql_truth[] =
    " SELECT count(*) FROM c JOIN p a ON a.id = c.x JOIN p b ON b.id = c.y WHERE a.person = b.person\n;\n";
static const char sql_pairs[] =
    " SELECT count(*), sum(CASE WHEN w > 10 THEN 1 ELSE 0 END) FROM (SELECT"
    " CASE WHEN a.given IS NULL OR b.given IS NULL THEN 0 WHEN a.given = b.given THEN 6"
    "  WHEN jaro_winkler_similarity(a.given, b.given) >= 0.92 THEN 4"
    "  WHEN jaro_winkler_similarity(a.given, b.given) >= 0.8 THEN 2 ELSE -3 END +"
    " CASE WHEN a.family IS NULL OR b.family IS NULL THEN 0 WHEN a.family = b.family THEN 9"
    "  WHEN jaro_winkler_similarity(a.family, b.family) >= 0.92 THEN 6"
    "  WHEN jaro_winkler_similarity(a.family, b.family) >= 0.8 THEN 2 ELSE -4 END +"
    " CASE WHEN a.born IS NULL OR b.born IS NULL THEN 0 WHEN a.born = b.born THEN 12"
    "  WHEN levenshtein(a.born, b.born) <= 1 THEN 7 WHEN levenshtein(a.born, b.born) <= 2 THEN 3"
    "  WHEN a.year = b.year THEN 1 ELSE -4 END +"
    " CASE WHEN a.city IS NULL OR b.city IS NULL THEN 0 WHEN a.city = b.city THEN 4"
    "  WHEN jaro_winkler_similarity(a.city, b.city) >= 0.9 THEN 2 ELSE -2 END +"
    " CASE WHEN a.postcode IS NULL OR b.postcode IS NULL THEN 0 WHEN a.postcode = b.postcode THEN 12"
    "  WHEN levenshtein(a.postcode, b.postcode) <= 1 THEN 8 WHEN left(a.postcode, 4) = left(b.postcode, 4) "
    "THEN 3"
    "  ELSE -3 END +"
    " CASE WHEN a.street IS NULL OR b.street IS NULL THEN 0 WHEN a.street = b.street THEN 11"
    "  WHEN jaro_winkler_similarity(a.street, b.street) >= 0.92 THEN 6 ELSE -3 END +"
    " CASE WHEN a.email IS NULL OR b.email IS NULL THEN 0 WHEN a.email = b.email THEN 13"
    "  WHEN jaro_winkler_similarity(a.email, b.email) >= 0.92 THEN 5 ELSE -3 END +"
    " CASE WHEN a.phone IS NULL OR b.phone IS NULL THEN 0 WHEN a.phone = b.phone THEN 12"
    "  WHEN levenshtein(a.phone, b.phone) <= 1 THEN 6 ELSE -3 END +"
    " CASE WHEN a.job IS NULL OR b.job IS NULL THEN 0 WHEN a.job = b.job THEN 4"
    "  WHEN jaro_winkler_similarity(a.job, b.job) >= 0.9 THEN 2 ELSE -2 END AS w"
    " FROM c JOIN p a ON a.id = c.x JOIN p b ON b.id = c.y)\n;\n";

typedef struct Beside { double seconds, pairs, brought; } Beside;

static bool statements_write(const char *path, const char *csv)
{
    FILE *out = fopen(path, "w");
    if (!out)
        return false;
    fprintf(out, sql_load, csv);
    fputs(sql_rules, out);
    fputs(sql_pairs, out);
    fputs(sql_rules, out);
    fputs(sql_truth, out);
    return fclose(out) == 0;
}

static Beside duckdb(const char *folder, const char *csv, unsigned threads)
{
    char   path[300], command[700], line[256];
    Beside its = { 0 };
    double took;
    snprintf(path, sizeof path, "%s/linkage.sql", folder);
    if (!statements_write(path, csv))
        return its;
    snprintf(command, sizeof command, "node tests/bench/duckdb.mjs %u %s", threads, path);
    FILE *in = popen(command, "r");
    for (int i = 0; in && fgets(line, sizeof line, in); i++)
        if (i == 1)
            (void)!sscanf(line, "%lf %lf", &its.seconds, &its.pairs);
        else if (i == 2)
            (void)!sscanf(line, "%lf %lf", &took, &its.brought);
    if (in)
        pclose(in);
    remove(path);
    return its;
}

/* ---- one new record */

static int by_time(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static void live(Run *r, size_t rows)
{
    enum { RECORDS = 2000 };
    static const size_t at[] = { 0, 1, 2, 4, 3, 6 };      /* our made-up fields among the table's nine */
    double      took[RECORDS];
    Rng         rng = rng_seed(99);
    Arena       mem = { 0 }, found_mem = { 0 };
    LinkIndex  *index = link_index_new(&mem, r->table.columns, &r->model, &r->plan);
    for (size_t i = 0; i < RECORDS; i++) {
        MadeRow   made = made_person(&rng, rng_below(&rng, rows));
        uint32_t  codes[LINK_FIELDS_MAX] = { 0 };
        LinkPair *pairs;
        size_t    count;
        double    began = seconds();
        for (size_t f = 0; f < MADE_FIELDS; f++)
            codes[at[f]] = link_columns_code(r->table.columns, at[f], str_of(made.text[f]));
        uint32_t row = link_columns_add(r->table.columns, codes, 0);
        link_index_find(index, row, -0.5, &found_mem, &pairs, &count);
        link_index_add(index, row);
        took[i] = (seconds() - began) * 1000;
        arena_reset(&found_mem);
    }
    qsort(took, RECORDS, sizeof *took, by_time);
    row("one new record, p50", took[RECORDS / 2], "ms", NULL, 0, "-");
    row("one new record, p99", took[RECORDS * 99 / 100], "ms", NULL, 0,
        rows > 2000000 ? "value<=10" : "value<=5");
    link_index_done(index);
    arena_done(&found_mem);
    arena_done(&mem);
}

static void report(const Run *r, double whole, double memory_gb, const Truth *truth, const Beside *its,
                   unsigned threads)
{
    char   task[96], reference[96];
    double pairs = (double)r->counts.candidate_pairs / 1e6, rate = pairs / r->score_s,
           all = (double)truth->pairs;
    snprintf(task, sizeof task, "linking %zu records, %.1f M pairs, %u thread%s", r->table.rows, pairs,
             threads, threads > 1 ? "s" : "");
    snprintf(reference, sizeof reference, "DuckDB SQL, comparing alone, %.1f M pairs", its->pairs / 1e6);
    row(task, whole, "s", reference, its->seconds, "ratio>=12");
    row("comparing and scoring", rate, "M pairs/s", NULL, 0, "-");
    row_more("comparing at equal pairs", rate, "M pairs/s", "DuckDB SQL, its own pairs",
             its->seconds > 0 ? its->pairs / 1e6 / its->seconds : 0);
    row_more("true pairs that the rules bring up", all > 0 ? 100 * (double)truth->brought / all : 0, "%",
             "DuckDB SQL, its own rules", all > 0 ? 100 * its->brought / all : 0);
    row("memory", memory_gb, "GB", NULL, 0, "-");
}

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : "/tmp";
    size_t      rows = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000000;
    unsigned    threads = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 1;
    double      pairs_per_row = argc > 4 ? strtod(argv[4], NULL) : 0;
    char        path[256];
    Run         r = { 0 };
    Err         err = { 0 };
    struct rusage used;
    Arena       mem = { 0 };
    uint32_t   *people = arena_new(&mem, uint32_t, rows + 1);
    snprintf(path, sizeof path, "%s/linkage.csv", folder);
    table_write(path, rows, people);
    double whole = 0;
    for (int round = 0; round < (argc > 4 ? 1 : 2); round++) {
        run_done(&r);
        double began = seconds();
        if (!run(&r, path, threads, pairs_per_row, &err)) {
            fprintf(stderr, "linkage_bench: %s [%s]\n", err.told, err.trail);
            return 1;
        }
        double took = seconds() - began;
        told(&r);
        whole = round && whole < took ? whole : took;
    }
    getrusage(RUSAGE_SELF, &used);
    double memory_gb = (double)used.ru_maxrss / 1048576;
    Beside its = argc > 4 ? (Beside){ 0 } : duckdb(folder, path, threads);
    Truth  truth = truth_of(&r, people);
    report(&r, whole, memory_gb, &truth, &its, threads);
    live(&r, rows);
    run_done(&r);
    arena_done(&mem);
    remove(path);
    return 0;
}
