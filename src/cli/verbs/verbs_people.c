/* verbs_people.c: a new database, and the people who use it. */
#include "base/embedded.h"
#include "base/ref.h"
#include "cli/cli.h"

static bool password_read(Cli *cli, const char **out, bool *made, Err *err)
{
    const char *path = arg(cli, "password-file");
    Str text;
    *made = !path;
    if (!path) {
        *out = password_suggest(&cli->mem);
        return true;
    }
    if (!file_read(&cli->mem, path, 1024, &text, err))
        return err_while(err, "reading the password file");
    *out = str_from(&cli->mem, str_trim(text));
    return true;
}

static void password_tell(const Cli *cli, const char *login, const char *password, bool made)
{
    if (cli->json) {
        CLEANUP(json_done) Json *j = json_new_object();
        json_set_text(j, "login", login);
        if (made)
            json_set_text(j, "password", password);
        print_json(cli, j);
    } else if (made) {
        printf("%s may sign in with: %s\nIt is shown once; Muster asks for a new one at the first sign-in.\n",
               login, password);
    }
}

bool verb_init(Cli *cli, Err *err)
{
    const char *login = arg(cli, "admin"), *name = arg(cli, "name"), *origin = arg(cli, "origin"),
               *password = NULL;
    const Embedded *agencies = embedded_find("data/agencies.csv");
    Ledger *ledger = cli->app.ledger;
    Instant now = app_now(&cli->app);
    Hand system = { .at = now };
    size_t added = 0;
    int64_t person = 0;
    bool made;
    if (!agencies)
        return err_set(err, ERR_BUG, "The table of agencies is not in this program.");
    NewPerson admin = { login, name ? name : login, "coordinator", ROLE_COORDINATOR };
    if (!password_read(cli, &password, &made, err) ||
        !ledger_found(ledger, origin ? origin : "muster/main", now, err) ||
        !access_add_agencies(ledger, &system, embedded_str(agencies), &added, err) ||
        !person_add(ledger, &system, &admin, &person, err) ||
        !person_set_password(ledger, &system, person, password, made, err))
        return err_while(err, "making the database");
    if (!cli->json)
        printf("%s is ready: %zu agencies, one coordinator.\n", cli->db_path, added);
    password_tell(cli, login, password, made);
    return true;
}

static bool manage(Cli *cli, Err *err)
{
    return viewer_may(&cli->viewer, PERM_PEOPLE_MANAGE) ||
           err_set(err, ERR_DENIED, "%s may not manage people.", role_name(cli->viewer.role));
}

bool verb_user_add(Cli *cli, Err *err)
{
    const char *login = cli->args.words[0], *name = arg(cli, "name"), *password = NULL;
    NewPerson p = { login, name ? name : login, arg(cli, "agency"), role_read(arg(cli, "role")) };
    Hand hand = cli_hand(cli, 0);
    int64_t id = 0;
    bool made;
    if (p.role == ROLE_NONE)
        return err_set(err, ERR_INVALID, "There is no role \"%s\".", arg(cli, "role")) ||
               err_hint(err, "coordinator, researcher, force-officer, force-supervisor, examiner, "
                             "safeguarding-partner, press-officer,"
                             " auditor, administrator");
    if (!manage(cli, err) || !password_read(cli, &password, &made, err) ||
        !person_add(cli->app.ledger, &hand, &p, &id, err) ||
        !person_set_password(cli->app.ledger, &hand, id, password, made, err))
        return false;
    password_tell(cli, login, password, made);
    return true;
}

static bool person_named(Cli *cli, Viewer *out, Err *err)
{
    return manage(cli, err) && viewer_load(cli->app.db, &cli->mem, cli->args.words[0], out, err);
}

bool verb_user_password(Cli *cli, Err *err)
{
    Viewer who;
    Hand hand = cli_hand(cli, 0);
    const char *password = NULL;
    bool made;
    if (!person_named(cli, &who, err) || !password_read(cli, &password, &made, err) ||
        !person_set_password(cli->app.ledger, &hand, who.person, password, made, err) ||
        !session_end_all(cli->app.ledger, who.person, hand.at, err))
        return false;
    password_tell(cli, who.login, password, made);
    return true;
}

bool verb_user_stand_down(Cli *cli, Err *err)
{
    Viewer who;
    Hand hand = cli_hand(cli, 0);
    return person_named(cli, &who, err) &&
           person_stand_down(cli->app.ledger, &hand, who.person, arg(cli, "reason"), err);
}

bool verb_user_list(Cli *cli, Err *err)
{
    static const Col cols[] = { { "login", "Sign-in", false },
                                { "name", "Name", false },
                                { "role", "Role", false },
                                { "agency", "Agency", false },
                                { "active", "Active", false } };
    CLEANUP(json_done) Json *rows = json_new_list();
    PersonRow *people = NULL;
    size_t n = 0;
    if (!person_list(cli->app.db, &cli->mem, 0, &people, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        Json *row = json_new_object();
        json_set_text(row, "login", people[i].login);
        json_set_text(row, "name", people[i].name);
        json_set_text(row, "role", role_key(people[i].role));
        json_set_text(row, "agency", people[i].agency_name);
        json_set_bool(row, "active", people[i].active);
        json_push(rows, row);
    }
    print_table(cli, cols, COUNT_OF(cols), rows);
    return true;
}
