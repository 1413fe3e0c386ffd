/* verbs_common.c: values that too many people hold to tell them apart. */
#include "cli/cli.h"
#include "link/person/person_load.h"

typedef struct Tools { PersonTools person; } Tools;
static void tools_done(Tools *t) { fold_done(&t->person.fold); }

static Json *row_json(const PersonCommon *c)
{
    Json *j = json_new_object();
    json_set_text(j, "kind", person_kinds[c->kind].key);
    json_set_text(j, "value", c->normal);
    json_set_text(j, "service", c->service);
    json_set_int(j, "records", (int64_t)c->records);
    json_set_int(j, "names", (int64_t)c->names);
    json_set_text(j, "why", c->why);
    return j;
}

static void tell(const Cli *cli, const PersonCommons *commons)
{
    static const Col cols[] = {
        { "kind", "Kind", false },     { "value", "Value", false }, { "service", "At", false },
        { "records", "Records", true }, { "names", "Names", true },
    };
    CLEANUP(json_done) Json *rows = json_new_list();
    size_t count;
    const PersonCommon *c = person_commons(commons, &count);
    for (size_t i = 0; i < count; i++)
        json_push(rows, row_json(&c[i]));
    if (cli->json)
        print_json(cli, rows);
    else
        print_table(cli, cols, COUNT_OF(cols), rows);
}

/* It reads restricted records too, so it is for coordinators. */
bool verb_link_common(Cli *cli, Err *err)
{
    CLEANUP(tools_done) Tools t = {0};
    Operation      o;
    PersonRules   *rules;
    PersonCommons *commons;
    Person        *people = NULL;
    size_t         count = 0;
    if (cli->viewer.role != ROLE_COORDINATOR)
        return err_set(err, ERR_DENIED, "A %s may not list values of the whole base.",
                       role_name(cli->viewer.role));
    if (!cli_operation(cli, &o, err) || !person_rules_load(&cli->mem, &rules, err))
        return false;
    t.person = (PersonTools){ rules, fold_new(&cli->mem) };
    if (!person_load(cli->app.db, &t.person, &cli->mem, o.id, &people, &count, err))
        return false;
    person_common(rules, &cli->mem, people, count, &commons);
    tell(cli, commons);
    return true;
}
