#include "link/keys.h"
#include "link/link_sql.h"

static void add_key(Arena *mem, Sighted *s, size_t *cap, const char *kind, const char *service,
                    const char *normal, bool offered, bool sought)
{
    *arena_push(mem, s->keys, s->key_count, *cap) = (Key){ kind, service, normal, offered, sought };
}

/* An account means nothing without the service it is on; the other kinds mean the same everywhere. */
static const struct { const char *kind; bool needs_service; } linking[] = {
    { "account", true }, { "device", false }, { "email", false }, { "phone", false },
};

static void add_identifier(Arena *mem, Sighted *s, size_t *cap, const char *kind, const char *service,
                           const char *normal, bool strong)
{
    if (str_same(kind, "prior_report") && !str_blank(s->provider)) {
        const char *provider = str_lower_ascii(mem, s->provider);
        add_key(mem, s, cap, "prior", provider, normal, true, false);
        add_key(mem, s, cap, "report", provider, normal, false, true);
    }
    FOR_EACH(l, linking)
        if (strong && str_same(l->kind, kind) && !(l->needs_service && str_blank(service)))
            add_key(mem, s, cap, l->kind, l->needs_service ? service : "", normal, true, true);
}

/* Only a report about one person: its number would otherwise tie everyone in it together. */
static void add_own_number(Arena *mem, Sighted *s, size_t *cap)
{
    if (!str_same(s->source, "hotline") || str_blank(s->provider) || s->reported_here != 1)
        return;
    const char *provider = str_lower_ascii(mem, s->provider), *number = str_lower_ascii(mem, s->source_ref);
    add_key(mem, s, cap, "report", provider, number, true, false);
    add_key(mem, s, cap, "prior", provider, number, false, true);
}

static void add_person(Arena *mem, Sighted *s, size_t *cap)
{
    if (str_blank(s->given) || str_blank(s->family) || str_blank(s->postcode) || s->born == DATE_NONE)
        return;
    char *all = str_fmt(mem, "%s|%s|%s|%s", s->given, s->family, date_iso(mem, s->born), s->postcode);
    add_key(mem, s, cap, "person", "", str_lower_ascii(mem, all), true, true);
}

static bool add_identifiers(Db *db, Arena *mem, Sighted *s, size_t *cap, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, &link_sql[LINK_IDENTIFIERS], VALUES(sql_int(s->id)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        add_identifier(mem, s, cap, row_copy(&rows, 0, mem), row_copy(&rows, 1, mem), row_copy(&rows, 2, mem),
                       row_bool(&rows, 3));
    return err->kind == ERR_NONE;
}

static bool sighted_row(Db *db, Arena *mem, int64_t sighting, Sighted *out, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    if (!db_query(db, &link_sql[LINK_SIGHTING], VALUES(sql_int(sighting)), &r, err) ||
        !rows_next(&r, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no sighting %lld.", (long long)sighting);
    *out = (Sighted){
        .id = sighting,
        .referral = row_int(&r, 0),
        .role = row_copy(&r, 1, mem),
        .given = row_copy(&r, 2, mem),
        .family = row_copy(&r, 3, mem),
        .name = row_copy(&r, 4, mem),
        .born = row_date(&r, 5),
        .postcode = row_copy(&r, 6, mem),
        .service = row_copy(&r, 7, mem),
        .account = row_copy(&r, 8, mem),
        .occupation = row_copy(&r, 9, mem),
        .seen = row_when(&r, 10),
        .nominal = row_int(&r, 11),
        .operation = row_int(&r, 12),
        .source = row_copy(&r, 13, mem),
        .provider = row_copy(&r, 14, mem),
        .source_ref = row_copy(&r, 15, mem),
        .reported_here = row_int(&r, 16),
        .superseded = !row_null(&r, 17),
    };
    return true;
}

bool sighted_load(Db *db, Arena *mem, int64_t sighting, Sighted *out, Err *err)
{
    size_t cap = 0;
    if (!sighted_row(db, mem, sighting, out, err) || !add_identifiers(db, mem, out, &cap, err))
        return err_while(err, "reading sighting %lld", (long long)sighting);
    add_own_number(mem, out, &cap);
    add_person(mem, out, &cap);
    return true;
}

char *source_says(Arena *mem, const char *source, const char *source_ref, const char *provider)
{
    static const struct { const char *source, *word;
    } words[] = {
        { "footprint", "footprint" },
        { "hotline", "report" },
        { "list", "list row" },
        { "provider", "notice" },
    };
    const char *word = "report";
    FOR_EACH(w, words)
        if (str_same(w->source, source))
            word = w->word;
    return str_blank(provider) ? str_fmt(mem, "%s %s", word, source_ref)
                               : str_fmt(mem, "%s %s (%s)", word, source_ref, provider);
}
