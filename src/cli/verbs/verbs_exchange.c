/* verbs_exchange.c: grades of our own people, to the national database and back. */
#include <stdio.h>
#include "base/ref.h"
#include "base/source.h"
#include "cli/cli.h"
#include "match/exchange.h"

enum { ANSWERS_BYTES_MAX = 64 * 1024 * 1024 };

static bool may_exchange(Cli *cli, Hand *hand, Err *err)
{
    Operation o;
    if (!cli_may(cli, PERM_HASHSET_MANAGE, "grade files or exchange grades", err) ||
        !cli_operation(cli, &o, err))
        return false;
    *hand = cli_hand(cli, o.id);
    return operation_live(&o, hand->at, err);
}

bool verb_hashset_grade(Cli *cli, Err *err)
{
    Hand hand;
    Grade g = { .grade = arg(cli, "grade"), .scale = arg(cli, "scale"), .series = arg(cli, "series"),
                .note = arg(cli, "note"), .victim_identified = arg(cli, "victim-identified") != NULL };
    int64_t id = 0;
    if (!may_exchange(cli, &hand, err) ||
        !file_hash_named(cli->app.db, cli->args.words[0], &g.file_hash, err) ||
        !file_grade(cli->app.ledger, &hand, &g, &id, err))
        return false;
    CLEANUP(json_done) Json *j = json_new_object();
    json_set_int(j, "graded", id);
    json_set_text(j, "grade", g.grade);
    json_set_text(j, "scale", g.scale);
    if (cli->json)
        print_json(cli, j);
    else
        printf("Graded %s on the scale %s; it goes out with the next export.\n", g.grade, g.scale);
    return true;
}

static Json *exchange_json(Cli *cli, const ExchangeRow *r)
{
    Json *j = json_new_object();
    if (r->id)
        json_set_text(j, "ref", ref_write(&cli->mem, 'E', r->id));
    json_set_text(j, "format", r->format);
    json_set_text(j, "sha256", r->sha256);
    json_set_text(j, "by", r->person);
    json_set_int(j, "sent", r->sent);
    json_set_int(j, "accepted", r->accepted);
    json_set_int(j, "refused", r->refused);
    json_set_int(j, "pending", r->pending);
    return j;
}

bool verb_hashset_export(Cli *cli, Err *err)
{
    Hand hand;
    ExchangeSent sent;
    const char *profile = arg(cli, "profile") ? arg(cli, "profile") : "UK", *out = arg(cli, "out");
    if (!may_exchange(cli, &hand, err) ||
        !exchange_send(cli->app.ledger, cli->app.db, &hand, arg(cli, "format"), profile, out, &cli->mem,
                       &sent, err))
        return false;
    CLEANUP(json_done) Json *j = exchange_json(cli, &sent.row);
    json_set_int(j, "left", sent.left);
    if (cli->json)
        print_json(cli, j);
    else if (!sent.row.id)
        puts("There is no grade to send; no file is written.");
    else
        printf("%s: %lld sent = 0 accepted + 0 refused + %lld pending\n", out, (long long)sent.row.sent,
               (long long)sent.row.pending);
    if (sent.left && !cli->json)
        printf("%lld grades have no category in the profile %s and stay here: "
               "data/known/vics_categories.csv.\n",
               (long long)sent.left, profile);
    return true;
}

static bool exchanges_show(Cli *cli, Json *also, Err *err)
{
    static const Col cols[] = { { "ref", "Ref", false },          { "format", "Format", false },
                                { "by", "By", false },            { "sent", "Sent", true },
                                { "accepted", "Accepted", true }, { "refused", "Refused", true },
                                { "pending", "Pending", true } };
    CLEANUP(json_done) Json *rows = json_new_list();
    ExchangeRow *list = NULL;
    size_t n = 0;
    int64_t unsent = 0;
    if (!exchange_list(cli->app.db, &cli->mem, &list, &n, err) || !exchange_unsent(cli->app.db, &unsent, err))
        return false;
    for (size_t i = 0; i < n; i++)
        json_push(rows, exchange_json(cli, &list[i]));
    if (!cli->json) {
        print_table(cli, cols, COUNT_OF(cols), rows);
        printf("%lld grades are not sent yet.\n", (long long)unsent);
        return true;
    }
    json_set(also, "exchanges", json_keep(rows));
    json_set_int(also, "not_sent", unsent);
    print_json(cli, also);
    return true;
}

bool verb_hashset_exchanges(Cli *cli, Err *err)
{
    CLEANUP(json_done) Json *j = json_new_object();
    return exchanges_show(cli, j, err);
}

bool verb_hashset_answers(Cli *cli, Err *err)
{
    Hand hand;
    Str text;
    ExchangeAnswers a;
    CLEANUP(json_done) Json *j = json_new_object();
    if (!may_exchange(cli, &hand, err) ||
        !file_read(&cli->mem, cli->args.words[0], ANSWERS_BYTES_MAX, &text, err) ||
        !exchange_answers(cli->app.ledger, &hand, text, &cli->mem, &a, err))
        return false;
    json_set_int(j, "rows", a.rows);
    json_set_int(j, "accepted", a.accepted);
    json_set_int(j, "refused", a.refused);
    json_set_int(j, "unknown", a.unknown);
    json_set_int(j, "rejected", a.rejected);
    if (!cli->json) {
        printf("%s: %lld rows = %lld accepted + %lld refused + %lld not waited for + %lld rejected\n",
               cli->args.words[0], (long long)a.rows, (long long)a.accepted, (long long)a.refused,
               (long long)a.unknown, (long long)a.rejected);
        if (a.first_bad_line)
            printf("%s:%lld: the first row that could not be read\n", cli->args.words[0],
                   (long long)a.first_bad_line);
    }
    return exchanges_show(cli, j, err);
}
