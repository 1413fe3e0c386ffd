/* read_ncmec.c: NCMEC Hash Sharing v2 XML: images and videos with their fingerprints (DOMAIN 5.3). Large
 * fingerprints are links in this format, and no digests: they are passed over. */
#include <string.h>
#include "base/xml.h"
#include "match/read/reading.h"

static const struct { const char *element; DigestKind kind; const char *fault; } prints[] = {
    { "md5",    DIGEST_MD5,      "its md5 is not one"    },
    { "sha1",   DIGEST_SHA1,     "its sha1 is not one"   },
    { "sha256", DIGEST_SHA256,   "its sha256 is not one" },
    { "pdna",   DIGEST_PHOTODNA, "its pdna is not one"   },
    { "pdq",    DIGEST_PDQ,      "its pdq is not one"    },
};

typedef struct NcmecRow { uint8_t digest[DIGEST__COUNT][DIGEST_BYTES_MAX]; KnownEntry entry; } NcmecRow;

static const char *prints_take(const XmlNode *record, NcmecRow *row)
{
    const XmlNode *list = xml_child(record, "fingerprints");
    FOR_EACH(p, prints) {
        const char *text = xml_text(list ? list : record, p->element);
        if (!text)
            continue;
        if (!digest_parse(p->kind, str_of(text), row->digest[p->kind]))
            return p->fault;
        row->entry.digest[p->kind] = row->digest[p->kind];
    }
    return NULL;
}

static const char *said(const XmlNode *record, const char *name)
{
    const char *text = xml_text(record, name);
    return text ? text : xml_attr(record, name);
}

static bool record_take(Reading *r, const XmlNode *record, Err *err)
{
    NcmecRow row;
    row.entry = KNOWN_ENTRY_BLANK;
    row.entry.grade = said(record, "classification");
    row.entry.scale = "NCMEC";
    row.entry.series = said(record, "series");
    row.entry.first_seen = loose_date(str_of(said(record, "timestamp")));
    const char *why = prints_take(record, &row);
    if (!why)
        return reading_take(r, &row.entry, record->line, 0, err);
    reading_refuse(r, record->line, 0, why);
    return true;
}

bool read_ncmec(Reading *r, Err *err)
{
    static const char *const records[] = { "image", "video", NULL };
    CLEANUP(arena_done) Arena mem = {0};
    Xml *xml = NULL;
    bool end = false, ok = true;
    if (!r->report->scale)
        r->report->scale = "NCMEC";
    if (memmem(r->head.at, r->head.len, "hashsharing", 11) == NULL)
        return err_set(err, ERR_INVALID, "The XML is not NCMEC hash sharing.");
    if (!xml_open(r->mem, r->src, records, &xml, err))
        return false;
    while (ok && !end) {
        XmlNode *record = NULL;
        if (!xml_next(xml, &mem, &record, &end, err)) {
            ok = err->kind == ERR_LIMIT;     /* one record past a limit: the next is read */
            if (ok) {
                err_clear(err);
                reading_refuse(r, 0, 0, "is past a limit of size");
            }
        } else if (!end) {
            ok = record_take(r, record, err);
        }
        arena_reset(&mem);
    }
    xml_close(xml);
    return ok;
}
