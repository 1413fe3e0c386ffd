/* verbs_operation.c: operations under their lawful basis. */
#include "base/limits.h"
#include "base/ref.h"
#include "base/zone.h"
#include "cli/cli.h"

bool verb_operation_open(Cli *cli, Err *err)
{
    Str json;
    Hand hand = cli_hand(cli, 0);
    int64_t id = 0;
    if (!viewer_may(&cli->viewer, PERM_OPERATION_OPEN))
        return err_set(err, ERR_DENIED, "A %s may not open an operation.", role_name(cli->viewer.role));
    if (!file_read(&cli->mem, arg(cli, "file"), LIMIT_JSON_BYTES, &json, err) ||
        !operation_open(cli->app.ledger, cli->app.db, &hand, json, &id, err))
        return err_while(err, "opening the operation");
    CLEANUP(json_done) Json *j = json_new_object();
    json_set_text(j, "operation", ref_write(&cli->mem, 'O', id));
    if (cli->json)
        print_json(cli, j);
    else
        printf("Operation %s is open.\n", json_text(j, "operation"));
    return true;
}

bool verb_operation_close(Cli *cli, Err *err)
{
    Operation o;
    Hand hand = cli_hand(cli, 0);
    if (!viewer_may(&cli->viewer, PERM_OPERATION_OPEN))
        return err_set(err, ERR_DENIED, "A %s may not close an operation.", role_name(cli->viewer.role));
    return cli_operation(cli, &o, err) &&
           operation_close(cli->app.ledger, &hand, o.id, arg(cli, "reason"), err);
}

bool verb_operation_list(Cli *cli, Err *err)
{
    static const Col cols[] = { { "ref", "Operation", false },
                                { "name", "Name", false },
                                { "from", "From", false },
                                { "until", "Until", false },
                                { "state", "State", false },
                                { "document", "Document", false },
                                { "authorised_by", "Authorised by", false } };
    CLEANUP(json_done) Json *rows = json_new_list();
    Operation *all = NULL;
    size_t n = 0;
    if (!operation_list(cli->app.db, &cli->mem, &all, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        Json *row = json_new_object();
        json_set_text(row, "ref", ref_write(&cli->mem, 'O', all[i].id));
        json_set_text(row, "name", all[i].name);
        json_set_text(row, "from", date_iso(&cli->mem, london_date(all[i].opened)));
        json_set_text(row, "until", date_iso(&cli->mem, london_date(all[i].until - 1)));
        json_set_text(row, "state", all[i].closed != INSTANT_NONE ? "closed" : "open");
        json_set_text(row, "document", all[i].document);
        json_set_text(row, "authorised_by", all[i].authorised_by);
        json_push(rows, row);
    }
    print_table(cli, cols, COUNT_OF(cols), rows);
    return true;
}
