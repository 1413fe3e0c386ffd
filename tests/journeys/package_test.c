/* package_test.c: one package from the report to the child, by the people whose work it is.
 *
 * A hotline report and an operator's answer name a household whose bill goes to another force's area. People
 * act at the command line, each as themselves; only the answer to a check, which has no verb, is given
 * through its function. Every step must be in the ledger under the name of whoever took it, and nothing else
 * may have written anything. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/ref.h"
#include "base/test.h"
#include "cli/cli.h"
#include "link/nominal.h"

typedef struct Story {
    Arena mem;
    char folder[64];
    const char *db;
    const char *nominal, *package; /* references */
} Story;

enum { WORDS_MAX = 24 };

static const char *in_folder(Story *s, const char *name)
{
    return str_fmt(&s->mem, "%s/%s", s->folder, name);
}

/* Runs one command in this process, its answer kept in a file so that the test's own lines stay readable. */
static int run_words(Story *s, const char *const *words, size_t n)
{
    const char *argv[WORDS_MAX + 1] = { 0 };
    for (size_t i = 0; i < n; i++)
        argv[i] = words[i];
    fflush(stdout);
    fflush(stderr);
    int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO),
        to = open(in_folder(s, "out"), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600),
        to_err = open(in_folder(s, "err"), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    CHECK(out >= 0 && err >= 0 && to >= 0 && to_err >= 0);
    dup2(to, STDOUT_FILENO);
    dup2(to_err, STDERR_FILENO);
    int code = cli_main((int)n, (char **)argv, NULL);
    fflush(stdout);
    fflush(stderr);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    close(out), close(err), close(to), close(to_err);
    return code;
}
#define AS(s, login, ...)                                                                                    \
    run_words((s), (const char *const[]){ "muster", "--db", (s)->db, "--quiet", "--json", "--as", (login),   \
                                          __VA_ARGS__ },                                                     \
              7 + sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static const char *answer_of(Story *s, const char *name)
{
    Err err = { 0 };
    Str text;
    CHECK_OK(file_read(&s->mem, in_folder(s, name), 16 * 1024 * 1024, &text, &err), &err);
    return str_from(&s->mem, text);
}

static Json *answer_json(Story *s)
{
    Err err = { 0 };
    Json *j = NULL;
    CHECK_OK(json_read(str_of(answer_of(s, "out")), &j, &err), &err);
    return j;
}

static void must(Story *s, int got, int want, const char *what)
{
    if (got != want)
        print_error("%s: exit code %d, not %d: %s\n", what, got, want, answer_of(s, "err"));
    CHECK_INT(got, want);
}
#define DOES(s, login, ...) must(s, AS(s, login, __VA_ARGS__), 0, login " " #__VA_ARGS__)
#define MAY_NOT(s, login, ...) must(s, AS(s, login, __VA_ARGS__), 3, login " " #__VA_ARGS__)

static const struct { const char *login, *agency, *role; } people[] = {
    { "second", "coordinator", "coordinator" },       { "researcher", "coordinator", "researcher" },
    { "auditor", "coordinator", "auditor" },          { "essex-officer", "essex", "force-officer" },
    { "cheshire-officer", "cheshire", "force-officer" },
};

static void operation_opens(Story *s)
{
    Err err = { 0 };
    const char *password = in_folder(s, "password");
    CHECK_OK(file_write(password, str_of("a long enough password\n"), &err), &err);
    must(s, run_words(s, (const char *const[]){ "muster", "--db", s->db, "init", "--admin", "coordinator",
                                                "--password-file", password }, 8), 0, "init");
    FOR_EACH (p, people)
        must(s, AS(s, "coordinator", "user", "add", p->login, "--agency", p->agency, "--role", p->role,
                   "--password-file", password), 0, p->login);
    MAY_NOT(s, "researcher", "operation", "open", "--file", "tests/fixtures/authority.json");
    DOES(s, "coordinator", "operation", "open", "--file", "tests/fixtures/authority.json");
}

static void reports_arrive(Story *s)
{
    MAY_NOT(s, "essex-officer", "import", "tests/fixtures/hotline.xml");
    DOES(s, "researcher", "import", "tests/fixtures/hotline.xml", "tests/fixtures/answers.csv");
    DOES(s, "coordinator", "waiting");
    CLEANUP(json_done) Json *waiting = answer_json(s);
    CHECK(json_count(waiting) > 0);
    s->nominal = str_copy(&s->mem, json_text(json_at(waiting, 0), "subject"));
    CHECK(s->nominal[0] == 'N');
    for (size_t i = 0; i < json_count(waiting); i++)
        CHECK(!str_blank(json_text(json_at(waiting, i), "owner")));
}

static const char *suggested(Story *s)
{
    DOES(s, "coordinator", "risk", "show", s->nominal);
    CLEANUP(json_done) Json *risk = answer_json(s);
    return str_copy(&s->mem, json_text(risk, "suggested"));
}

static const char *band(Story *s)
{
    DOES(s, "coordinator", "risk", "show", s->nominal);
    CLEANUP(json_done) Json *risk = answer_json(s);
    return str_copy(&s->mem, json_text(risk, "band"));
}

static void researcher_answers(Story *s, const char *kind, const char *answer, const char *note)
{
    Err err = { 0 };
    CLEANUP(app_close) App app = { 0 };
    Operation operation;
    Viewer researcher;
    RiskView risk;
    int64_t nominal = 0, check = 0;
    AppOptions how = { .db_path = s->db, .fixed_now = INSTANT_NONE };
    CHECK_OK(app_open(&how, &app, &err) && operation_current(app.db, &s->mem, &operation, &err)
                 && viewer_load(app.db, &s->mem, "researcher", &researcher, &err)
                 && ref_read(str_of(s->nominal), 'N', &nominal, &err)
                 && risk_view(app.db, &s->mem, nominal, &risk, &err), &err);
    for (size_t i = 0; i < risk.check_count; i++)
        if (str_same(risk.checks[i].kind, kind) && str_same(risk.checks[i].state, "open"))
            check = risk.checks[i].id;
    CHECK(check > 0);
    Hand hand = viewer_hand(&researcher, operation.id, app_now(&app));
    CHECK_FAILS(check_answer(app.ledger, &hand, check, "no", "", &err), &err,
                ERR_INVALID); /* an unexplained no */
    CHECK_OK(check_answer(app.ledger, &hand, check, answer, note, &err), &err);
}

/* Unknown access is itself a risk; the answer that there is access makes it High. A lower band takes two
 * people. */
static void band_is_decided(Story *s)
{
    CHECK_TEXT(suggested(s), "medium");
    researcher_answers(s, "access", "yes", "Coaches a junior football team on Saturdays");
    DOES(s, "researcher", "risk", "run");
    CHECK_TEXT(suggested(s), "high");
    MAY_NOT(s, "essex-officer", "risk", "decide", s->nominal, "--band", "low", "--reason", "none");
    must(s, AS(s, "coordinator", "risk", "decide", s->nominal, "--band", "medium", "--reason", ""), 2,
         "lowering without a reason");
    DOES(s, "coordinator", "risk", "decide", s->nominal, "--band", "medium", "--reason",
         "The team is of adults; the club says so in writing");
    CHECK_TEXT(band(s), "");
    MAY_NOT(s, "coordinator", "risk", "second", s->nominal, "--agree", "yes");
    MAY_NOT(s, "researcher", "risk", "second", s->nominal, "--agree", "yes");
    CHECK_TEXT(band(s), "");
    DOES(s, "second", "risk", "second", s->nominal, "--agree", "yes");
    CHECK_TEXT(band(s), "medium");
}

static const char *package_state(Story *s, const char *login)
{
    must(s, AS(s, login, "package", "list"), 0, login);
    CLEANUP(json_done) Json *list = answer_json(s);
    if (!json_count(list))
        return "";
    CHECK_INT(json_count(list), 1);
    s->package = str_copy(&s->mem, json_text(json_at(list, 0), "package"));
    CHECK_TEXT(json_text(json_at(list, 0), "force"),
               "essex"); /* where the line ends, not where the bill goes */
    return str_copy(&s->mem, json_text(json_at(list, 0), "state"));
}

/* What another force may not see is not found: not denied, which would tell that it exists. */
static void other_force_finds_nothing(Story *s)
{
    static const char *const actions[] = { "show", "receive", "accept", "export" };
    CHECK_TEXT(package_state(s, "cheshire-officer"), "");
    FOR_EACH (action, actions) {
        must(s, AS(s, "cheshire-officer", "package", *action, s->package), 3, *action);
        CHECK(strstr(answer_of(s, "err"), "not-found") || strstr(answer_of(s, "err"), "not_found"));
        CHECK(!strstr(answer_of(s, "err"), "ssex"));
    }
}

static void package_is_sent(Story *s)
{
    DOES(s, "researcher", "package", "build", s->nominal);
    CHECK_TEXT(package_state(s, "coordinator"), "built");
    CHECK_TEXT(package_state(s, "essex-officer"), "built");
    MAY_NOT(s, "researcher", "package", "send", s->package);
    DOES(s, "coordinator", "package", "send", s->package);
    must(s, AS(s, "coordinator", "package", "send", s->package), 4, "sending again");
    CHECK_TEXT(package_state(s, "essex-officer"), "sent");
    other_force_finds_nothing(s);
}

static void force_takes_it_on(Story *s)
{
    MAY_NOT(s, "auditor", "package", "receive", s->package);
    DOES(s, "essex-officer", "package", "receive", s->package);
    DOES(s, "essex-officer", "package", "show", s->package);
    DOES(s, "essex-officer", "package", "accept", s->package);
    CHECK_TEXT(package_state(s, "essex-officer"), "accepted");
}

static int64_t figure(Story *s, const char *measure)
{
    DOES(s, "auditor", "figures", "--as-at", "2026-03-31");
    CLEANUP(json_done) Json *figures = answer_json(s);
    return json_int(json_get(figures, "national"), measure, -1);
}

static const char returns_head[] = "event,force,subject_ref,ref,date,place,state,quantity,item,until,result,"
                                   "arrest_ref,child_ref,age,relation,access,immediate_risk,mechanism,"
                                   "agency\n";
static const char *const returns_rows[] = {
    "warrant,essex,%s,W1,2026-03-10,Chelmsford,granted,,,,,,,,,,,,\n",
    "premises,essex,%s,S1,2026-03-11,Chelmsford,,,,,,,,,,,,,\n",
    "arrest,essex,%s,A1,2026-03-11,Chelmsford,,,,,,,,,,,,,\n",
    "exhibit,essex,%s,X1,2026-03-11,,waiting,3,phone,,,A1,,,,,,,\n",
    "child,essex,%s,C1,2026-03-11,,concern,,,,,,CH-1,9,nephew,regular contact,yes,,\n",
    "child,essex,%s,C2,2026-03-12,,safeguarded,,,,,,CH-1,9,nephew,regular contact,yes,bail "
    "condition,Essex social care\n",
};

static void force_returns_what_it_did(Story *s)
{
    static const struct { const char *measure; int64_t want; } counted[] = {
        { "arrests", 1 }, { "premises", 1 }, { "devices", 3 }, { "charged", 0 }, { "children_safeguarded", 1 },
        { "children_immediate_risk", 1 },
    };
    Err err = { 0 };
    const char *path = in_folder(s, "returns.csv"), *text = returns_head;
    FOR_EACH (row, returns_rows) {
        const char *after = strstr(*row, "%s") + 2;
        text = str_fmt(&s->mem, "%s%.*s%s%s", text, (int)(after - 2 - *row), *row, s->package, after);
    }
    FOR_EACH (c, counted)
        CHECK_INT(figure(s, c->measure), 0);
    CHECK_OK(file_write(path, str_of(text), &err), &err);
    DOES(s, "coordinator", "import", path);
    CLEANUP(json_done) Json *list = answer_json(s);
    CHECK_INT(json_int(json_at(list, 0), "received", 0), COUNT_OF(returns_rows));
    CHECK_INT(json_int(json_at(list, 0), "taken", 0), COUNT_OF(returns_rows));
    FOR_EACH (c, counted)
        CHECK_INT(figure(s, c->measure), c->want);
    CHECK_TEXT(package_state(s, "essex-officer"), "actioned");
}

static int64_t person_of(Story *s, const char *login)
{
    Err err = { 0 };
    CLEANUP(app_close) App app = { 0 };
    Viewer v;
    AppOptions how = { .db_path = s->db, .read_only = true, .fixed_now = INSTANT_NONE };
    CHECK_OK(app_open(&how, &app, &err) && viewer_load(app.db, &s->mem, login, &v, &err), &err);
    return v.person;
}

/* The steps in the order they were taken, each by whom. */
static const struct { const char *kind, *login; } steps[] = {
    { "operation.opened", "coordinator" },   { "nominal.opened", "researcher" },
    { "answer.attributed", "researcher" },   { "nominal.scored", "researcher" },
    { "check.answered", "researcher" },      { "band.proposed", "coordinator" },
    { "band.decided", "second" },            { "package.built", "researcher" },
    { "package.sent", "coordinator" },       { "package.received", "essex-officer" },
    { "record.consulted", "essex-officer" }, { "package.accepted", "essex-officer" },
    { "return.placed", "coordinator" },      { "return.child-placed", "coordinator" },
};

static void every_step_is_there(Story *s)
{
    MAY_NOT(s, "essex-officer", "ledger", "list");
    DOES(s, "auditor", "ledger", "list", "--limit", "10000");
    CLEANUP(json_done) Json *list = answer_json(s);
    size_t at = json_count(list); /* newest first, so the story is read from the end */
    FOR_EACH (step, steps) {
        int64_t person = person_of(s, step->login);
        bool found = false;
        while (!found && at > 0) {
            const Json *e = json_at(list, --at);
            found = str_same(json_text(e, "kind"), step->kind) && json_int(e, "actor", 0) == person;
        }
        if (!found)
            print_error("%s by %s is not there, in its order\n", step->kind, step->login);
        CHECK(found);
    }
}

static void all_of_it_replays(Story *s)
{
    DOES(s, "auditor", "ledger", "verify");
    DOES(s, "auditor", "ledger", "rebuild");
    CLEANUP(json_done) Json *differs = answer_json(s);
    CHECK_INT(json_count(differs), 0);
}

static void story_end(Story *s)
{
    static const char *const names[] = { "out",       "err",           "password",     "returns.csv",
                                         "muster.db", "muster.db-wal", "muster.db-shm" };
    FOR_EACH (name, names)
        unlink(in_folder(s, *name));
    rmdir(s->folder);
    arena_done(&s->mem);
}

TEST(a_package_goes_from_the_report_to_the_child)
{
    Story s = { .folder = "/tmp/muster-package-XXXXXX" };
    CHECK(mkdtemp(s.folder) != NULL);
    s.db = in_folder(&s, "muster.db");
    operation_opens(&s);
    reports_arrive(&s);
    band_is_decided(&s);
    package_is_sent(&s);
    force_takes_it_on(&s);
    force_returns_what_it_did(&s);
    every_step_is_there(&s);
    all_of_it_replays(&s);
    story_end(&s);
}

TEST_MAIN(a_package_goes_from_the_report_to_the_child)
