/* hashset_csv.c: one known file digest. */
#include "intake/formats.h"

typedef struct Row {
    const char *md5, *sha1, *sha256, *kind;
    HashSetIn   set;
} Row;

const Column hashset_columns[] = {
    { "grade",             REQUIRED, column_text,   offsetof(Row, set.grade)             },
    { "kind",              OPTIONAL, column_text,   offsetof(Row, kind)                  },
    { "md5",               OPTIONAL, column_md5,    offsetof(Row, md5)                   },
    { "scale",             REQUIRED, column_text,   offsetof(Row, set.scale)             },
    { "series",            OPTIONAL, column_text,   offsetof(Row, set.series)            },
    { "set_name",          REQUIRED, column_text,   offsetof(Row, set.set_name)          },
    { "set_version",       REQUIRED, column_text,   offsetof(Row, set.set_version)       },
    { "sha1",              OPTIONAL, column_sha1,   offsetof(Row, sha1)                  },
    { "sha256",            OPTIONAL, column_sha256, offsetof(Row, sha256)                },
    { "victim_identified", OPTIONAL, column_yes_no, offsetof(Row, set.victim_identified) },
    { "votes",             OPTIONAL, column_count,  offsetof(Row, set.votes)             },
    {0}
};

/* A set that lists the empty file would match every empty file everywhere. */
static const char *const of_nothing[] = {
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
};

static bool hashes_fill(const Row *row, size_t line, Arena *mem, HashSetIn *set, Err *err)
{
    const struct { const char *kind, *value; } hashes[] = {
        { "md5", row->md5 }, { "sha1", row->sha1 }, { "sha256", row->sha256 },
    };
    FOR_EACH(h, hashes) {
        FOR_EACH(nothing, of_nothing)
            if (str_same(h->value, *nothing))
                return err_set(err, ERR_INVALID, "Line %zu: %s is that of an empty file.", line, h->kind);
        if (h->value)
            hash_add(mem, &set->hashes, h->kind, h->value);
    }
    return set->hashes || err_set(err, ERR_INVALID, "Line %zu: has no file hash.", line);
}

bool hashset_read(const ColumnMap *map, const CsvRow *csv, size_t line, Arena *mem, Record *out, Err *err)
{
    Row row = { .set = { .votes = -1, .victim_identified = -1 } };
    if (!columns_read(map, csv, line, mem, &row, err))
        return false;
    const char *kind = row.kind ? str_lower_ascii(mem, row.kind) : "known";
    if (!str_same(kind, "known") && !str_same(kind, "benign"))
        return err_set(err, ERR_INVALID, "Line %zu: kind is neither known nor benign.", line);
    out->kind = RECORD_HASH;
    out->hash = arena_new(mem, HashSetIn, 1);
    *out->hash = row.set;
    out->hash->kind = kind;
    return hashes_fill(&row, line, mem, out->hash, err);
}
