/* reader.c */
#include "intake/reader.h"
#include <string.h>
#include "base/digest.h"
#include "intake/markup.h"
#include "intake/strip_media.h"

struct Reader {
    const Format *format;
    Source       *head, *src;
    uint64_t      offset;                /* of the next row */
    size_t        line;
    /* CSV */
    ColumnMap     map;
    Csv          *csv;
    CsvRow        row;
    /* XML */
    XmlCut       *cut;
    const char   *declaration;           /* <?xml ...?>: it names the encoding of every record */
    XmlPiece      piece;
    Err           bad;                   /* why the row just passed is malformed */
};

/* ---- opening ---- */

static bool head_read(Arena *mem, Source *src, Str *head, Err *err)
{
    char *at = arena_new(mem, char, FORMAT_HEAD_BYTES);
    size_t got = 1;
    *head = (Str){ at, 0 };
    while (got > 0 && head->len < FORMAT_HEAD_BYTES) {
        if (!source_read(src, at + head->len, FORMAT_HEAD_BYTES - head->len, &got, err))
            return false;
        head->len += got;
    }
    return true;
}

/* The header is read again each time, so that a row's meaning depends on the stored bytes alone. */
static bool csv_begin(Arena *mem, Reader *r, ReaderFrom from, Str head, Err *err)
{
    bool end = false;
    char delimiter = column_delimiter(head);
    Csv *csv = csv_new(mem, source_memory(mem, head), delimiter);
    CsvRow header;
    if (!csv_next(csv, &header, &end, err))
        return false;
    if (end)
        return err_set(err, ERR_INVALID, "The file is empty.");
    if (!columns_map(r->format->columns, r->format->name, &header, &r->map, err))
        return false;
    if (r->offset == 0) {
        r->offset = csv_offset(csv);
        r->line = csv_line(csv);
    }
    if (!from.open(from.ctx, mem, r->offset, &r->src, err))
        return false;
    r->csv = csv_new(mem, r->src, delimiter);
    csv_at(r->csv, r->offset, r->line);
    return true;
}

static const char *declaration_of(Arena *mem, Str head)
{
    Str text = str_trim(head);
    if (text.len >= 3 && memcmp(text.at, "\xEF\xBB\xBF", 3) == 0)
        text = (Str){ text.at + 3, text.len - 3 };
    const char *end =
        text.len > 5 && memcmp(text.at, "<?xml", 5) == 0 ? memmem(text.at, text.len, "?>", 2) : NULL;
    if (!end || end - text.at > 200 || memchr(text.at, '\n', (size_t)(end - text.at)))
        return "";
    return str_copy_n(mem, text.at, (size_t)(end + 2 - text.at));
}

static bool xml_begin(Arena *mem, Reader *r, ReaderFrom from, Str head, Err *err)
{
    r->declaration = declaration_of(mem, head);
    if (!from.open(from.ctx, mem, r->offset, &r->src, err))
        return false;
    r->cut = xml_cut_new(mem, r->src, r->format->records, r->offset, r->line);
    return true;
}

bool reader_open(Arena *mem, const Format *format, ReaderFrom from, uint64_t offset, size_t line,
                 Reader **out, Err *err)
{
    Reader *r = arena_new(mem, Reader, 1);
    Str head;
    *r = (Reader){ .format = format, .offset = offset, .line = line };
    bool ok = from.open(from.ctx, mem, 0, &r->head, err) && head_read(mem, r->head, &head, err)
        && (format->columns ? csv_begin(mem, r, from, head, err) : xml_begin(mem, r, from, head, err));
    if (!ok) {
        reader_close(r);
        return false;
    }
    *out = r;
    return true;
}

void reader_close(Reader *r)
{
    if (!r)
        return;
    source_close(r->head);
    source_close(r->src);
    r->head = r->src = NULL;
}

uint64_t reader_offset(const Reader *r) { return r->offset; }
size_t   reader_line(const Reader *r)   { return r->line; }

/* ---- passing a row ---- */

static bool csv_pass(Reader *r, ReadRow *row, bool *end, Err *err)
{
    err_clear(&r->bad);
    row->line = csv_line(r->csv);
    row->from = csv_offset(r->csv);
    bool good = csv_next(r->csv, &r->row, end, &r->bad);
    if (!good && r->bad.kind != ERR_INVALID && r->bad.kind != ERR_LIMIT) {
        *err = r->bad;
        return false;
    }
    if (good && !*end) {
        row->line = r->row.line;
        row->from = r->row.offset;
    }
    r->offset = row->to = csv_offset(r->csv);
    r->line = csv_line(r->csv);
    return true;
}

static bool xml_pass(Reader *r, ReadRow *row, bool *end, Err *err)
{
    if (!xml_cut_next(r->cut, &r->piece, end, err))
        return false;
    row->line = r->piece.line;
    row->from = r->piece.from;
    row->to = r->piece.to;
    r->offset = r->piece.next;
    r->line = r->piece.next_line;
    return true;
}

static bool pass(Reader *r, ReadRow *row, bool *end, Err *err)
{
    *row = (ReadRow){0};
    return r->csv ? csv_pass(r, row, end, err) : xml_pass(r, row, end, err);
}

bool reader_skip(Reader *r, bool *end, Err *err)
{
    ReadRow row;
    return pass(r, &row, end, err);
}

/* ---- judging it ---- */

static bool csv_judge(Reader *r, ReadRow *row, Arena *mem, Err *err)
{
    if (r->bad.kind) {
        *err = r->bad;
        return false;
    }
    for (size_t i = 0; i < r->row.count; i++)
        strip_marks_csv(mem, &r->row.fields[i], &row->dropped);
    return r->format->csv(&r->map, &r->row, row->line, mem, &row->record, err);
}

static bool xml_refuse(const XmlPiece *p, Err *err)
{
    if (p->doctype)
        return err_set(err, ERR_INVALID, "Line %zu: a document type is not accepted.", p->line);
    if (p->unended)
        return err_set(err, ERR_INVALID, "Line %zu: the document ends inside the report that begins here.",
                       p->line);
    return err_set(err, ERR_LIMIT, "Line %zu: the report that begins here is too long.", p->line);
}

static bool xml_tree(const Reader *r, Arena *mem, XmlNode **node, Err *err)
{
    const char *const names[] = { r->piece.name, NULL };
    StrBuf text = { .mem = mem };
    Xml *xml = NULL;
    bool end = false;
    buf_add(&text, r->declaration);
    buf_add_n(&text, r->piece.bytes.at, r->piece.bytes.len);
    bool ok = xml_open(mem, source_memory(mem, (Str){ text.at, text.len }), names, &xml, err)
        && xml_next(xml, mem, node, &end, err);
    if (ok && !end) {                          /* what follows must be well formed too */
        XmlNode *more;
        ok = xml_next(xml, mem, &more, &end, err);
    }
    xml_close(xml);
    return ok && (*node || err_set(err, ERR_INVALID, "is empty"));
}

static bool xml_judge(Reader *r, ReadRow *row, Arena *mem, Err *err)
{
    XmlNode *node = NULL;
    Err why = {0};
    if (r->piece.doctype || r->piece.unended || r->piece.too_long)
        return xml_refuse(&r->piece, err);
    if (!xml_tree(r, mem, &node, &why)) {
        ErrKind kind = why.kind == ERR_LIMIT ? ERR_LIMIT : ERR_INVALID;
        return err_set(err, kind, "Line %zu: the report that begins here is %s.", row->line,
                       kind == ERR_LIMIT ? "too big or nested too deep" : "not valid XML");
    }
    strip_marks_xml(node, &row->dropped);
    Sha256 digest = sha256_of(r->piece.bytes.at, r->piece.bytes.len);
    return r->format->xml(node, row->line, sha256_hex(mem, &digest), mem, &row->record, err);
}

bool reader_next(Reader *r, Arena *mem, ReadRow *row, bool *end, Err *err)
{
    Err why = {0};
    if (!pass(r, row, end, err))
        return false;
    if (*end)
        return true;
    row->record = record_new();
    if (r->csv ? csv_judge(r, row, mem, &why) : xml_judge(r, row, mem, &why))
        return true;
    record_done(&row->record);
    row->refused = str_copy(mem, why.told);
    return true;
}
