#include "cli/demo_device.h"
#include <errno.h>
#include <sys/stat.h>
#include "base/digest.h"
#include "engine/known/known_set.h"
#include "link/nominal.h"
#include "triage/exhibit.h"
#include "triage/report/report.h"

enum { FILES = 60, KNOWN = 9, PEOPLE = 200 };

static const struct { const char *grade, *series; } graded[KNOWN] = {
    { "A", "Exercise 7" }, { "A", "Exercise 7" }, { "B", "" }, { "B", "" }, { "B", "Exercise 12" },
    { "C", "" },           { "C", "" },           { "C", "" }, { "C", "" },
};

static Instant now(void *ctx)
{
    (void)ctx;
    return instant_now();
}

static bool files_write(Cli *cli, const char *device, KnownBuild *set, Err *err)
{
    if (mkdir(device, 0700) != 0 && errno != EEXIST)
        return err_set(err, ERR_STORE, "The folder of the exercise's device could not be made.");
    for (int i = 0; i < FILES; i++) {
        Str text = str_of(str_fmt(&cli->mem, "File %d of an exercise. It is a text, and harmless.\n", i));
        if (!file_write(str_fmt(&cli->mem, "%s/file-%02d.txt", device, i), text, err))
            return false;
        if (i >= KNOWN)
            continue;
        Sha256 digest = sha256_of(text.at, text.len);
        KnownEntry entry = KNOWN_ENTRY_BLANK;
        entry.digest[DIGEST_SHA256] = digest.bytes;
        entry.source = "Exercise set";
        entry.version = "1";
        entry.grade = graded[i].grade;
        entry.scale = "UK";
        entry.series = graded[i].series;
        if (!known_build_add(set, &entry, err))
            return false;
    }
    return true;
}

static bool device_make(Cli *cli, const char *device, const char *set_path, Err *err)
{
    CLEANUP(known_build_close) KnownBuild *set = NULL;
    KnownBuildOptions options = { .name = "Exercise set", .version = "1", .made = instant_now() };
    KnownCounts counts;
    return known_build_begin(set_path, &options, &cli->mem, &set, err) &&
           files_write(cli, device, set, err) && known_build_end(set, &counts, err);
}

static bool exhibit_waiting(Cli *cli, int64_t operation, int64_t *exhibit, Err *err)
{
    QueueFilter f = { .operation = operation, .limit = PEOPLE };
    NominalRow *people = NULL;
    size_t count = 0;
    *exhibit = 0;
    if (!nominal_queue(cli->app.db, &cli->mem, &cli->viewer, &f, &people, &count, err))
        return false;
    for (size_t i = 0; i < count && !*exhibit; i++) {
        ExhibitRow *rows = NULL;
        size_t n = 0;
        if (!exhibit_list(cli->app.db, &cli->mem, people[i].id, &rows, &n, err))
            return false;
        for (size_t k = 0; k < n && !*exhibit; k++)
            if (str_same(rows[k].state, "waiting"))
                *exhibit = rows[k].id;
    }
    return true;
}

bool demo_device(Cli *cli, const char *folder, const Hand *hand, Err *err)
{
    CLEANUP(triage_done) TriageReport report = {0};
    const char *device = str_fmt(&cli->mem, "%s/device", folder);
    const char *set = str_fmt(&cli->mem, "%s/exercise.set", folder);
    TriageOptions options = { .path = device, .sets = &set, .set_count = 1, .made = hand->at, .clock = now };
    const char *page = str_fmt(&cli->mem, "%s/device-report.html", folder);
    int64_t exhibit = 0, triage = 0;
    Sha256 digest;
    if (!exhibit_waiting(cli, hand->operation, &exhibit, err) || !exhibit)
        return err->kind == ERR_NONE;
    if (!device_make(cli, device, set, err) || !triage_run(&options, &cli->mem, &report, err) ||
        !report_write(&report, REPORT_PAGE, page, &digest, err))
        return err_while(err, "examining the exercise's device");
    CLEANUP(json_done) Json *counts = report_counts(&report, &cli->mem);
    json_set_text(counts, "report", page);
    json_set_text(counts, "report_sha256", sha256_hex(&cli->mem, &digest));
    return exhibit_attach(cli->app.ledger, hand, exhibit, counts, &triage, err);
}
