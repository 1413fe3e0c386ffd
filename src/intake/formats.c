/* formats.c */
#include "intake/formats.h"
#include <string.h>
#include "intake/markup.h"

static const Format formats[] = {
    /* name         marks                              columns             csv               records           xml           */
    { "answers",    { "operator_ref" },                answers_columns,    answers_read,     NULL,             NULL          },
    { "cybertip",   {0},                               NULL,               NULL,             cybertip_records, cybertip_read },
    { "footprints", { "event_ref" },                   footprints_columns, footprints_read,  NULL,             NULL          },
    { "hashset",    { "grade", "scale", "set_name" },  hashset_columns,    hashset_read,     NULL,             NULL          },
    { "list",       { "list_ref" },                    list_columns,       list_read,        NULL,             NULL          },
    { "register",   { "register_ref" },                register_columns,   register_read,    NULL,             NULL          },
    { "returns",    { "event", "subject_ref" },        returns_columns,    returns_read,     NULL,             NULL          },
};

const Format *format_named(const char *name)
{
    FOR_EACH(f, formats)
        if (str_same(f->name, name))
            return f;
    return NULL;
}

static bool holds_record(Str head, const char *const *records)
{
    Markup m = {0};
    for (size_t i = 0; i < head.len; i++) {
        MarkupEvent e = markup_byte(&m, head.at[i]);
        for (const char *const *r = records; (e == MARKUP_OPEN || e == MARKUP_EMPTY) && *r; r++)
            if (strcmp(*r, m.name) == 0)
                return true;
    }
    return false;
}

static bool header_has(const CsvRow *header, const char *name)
{
    for (size_t i = 0; i < header->count; i++)
        if (column_is(str_trim(header->fields[i]), name))
            return true;
    return false;
}

static bool header_fits(const Format *f, const CsvRow *header)
{
    if (!f->marks[0])
        return false;
    for (const char *const *mark = f->marks; *mark; mark++)
        if (!header_has(header, *mark))
            return false;
    return true;
}

static Str unmarked(Str head)                  /* without a byte-order mark */
{
    return head.len >= 3 && memcmp(head.at, "\xEF\xBB\xBF", 3) == 0 ? (Str){ head.at + 3, head.len - 3 }
                                                                    : head;
}

static bool unknown(Err *err)
{
    err_set(err, ERR_INVALID, "This is not a file that Muster knows how to read.");
    return err_hint(err, "It reads cybertip XML, and CSV with a header row: see docs/formats.md.");
}

static bool detect_csv(Str head, const Format **out, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    CsvRow header;
    bool end = false;
    Csv *csv = csv_new(&mem, source_memory(&mem, head), column_delimiter(head));
    Err ignored = {0};
    if (!csv_next(csv, &header, &end, &ignored) || end)
        return unknown(err);
    FOR_EACH(f, formats)
        if (header_fits(f, &header)) {
            *out = f;
            return true;
        }
    return unknown(err);
}

bool format_detect(Str head, const Format **out, Err *err)
{
    if (head.len >= 2 && (memcmp(head.at, "\xFF\xFE", 2) == 0 || memcmp(head.at, "\xFE\xFF", 2) == 0)) {
        err_set(err, ERR_INVALID, "This file is in UTF-16.");
        return err_hint(err, "Save it again as UTF-8.");
    }
    if (memchr(head.at, 0, head.len))
        return unknown(err);
    head = unmarked(head);
    Str text = str_trim(head);
    if (text.len == 0 || text.at[0] != '<')
        return detect_csv(head, out, err);
    FOR_EACH(f, formats)
        if (f->records && holds_record(text, f->records)) {
            *out = f;
            return true;
        }
    return unknown(err);
}
