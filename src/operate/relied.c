#include "operate/relied.h"
#include "operate/inside.h"
#include "operate/operate_sql.h"

static Relied relied_read(const Rows *r, Arena *mem)
{
    const char *kind = row_copy(r, 0, mem);
    return (Relied){
        .kind = kind,
        .id = row_int(r, 1),
        .package = row_int(r, 2),
        .force = row_int(r, 3),
        .ref = row_copy(r, 4, mem),
        .state = row_copy(r, 5, mem),
        .force_tile = row_copy(r, 6, mem),
        .on = row_date(r, 7),
        .says = str_same(kind, "package") ? "Package" : action_says(mem, kind, row_text(r, 5)),
    };
}

bool relied_on(Db *db, Arena *mem, const Viewer *viewer, int64_t attribution, Relied **out, size_t *count,
               Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    size_t cap = 0;
    bool more = false;
    *out = NULL;
    *count = 0;
    if (!db_query(db, SQL(RELIED), VALUES(sql_int(attribution)), &r, err))
        return err_while(err, "finding what relied on an answer");
    while (rows_next(&r, &more, err) && more)
        if (viewer_may_on(viewer, PERM_PACKAGE_READ, row_int(&r, 3)))
            *arena_push(mem, *out, *count, cap) = relied_read(&r, mem);
    return err->kind == ERR_NONE || err_while(err, "finding what relied on an answer");
}
