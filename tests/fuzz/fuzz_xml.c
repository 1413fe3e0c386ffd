/* fuzz_xml.c: any bytes as a document. The reader must come to an end, keep within its limits and give clean
 * text. */
#include <assert.h>
#include "base/limits.h"
#include "base/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void xml_done(Xml **xml)
{
    xml_close(*xml);
}

static size_t walk(const XmlNode *n, size_t depth)
{
    assert(depth <= LIMIT_XML_DEPTH + 1 && n->line >= 1);
    assert(utf8_valid(str_of(n->name)) && utf8_valid(str_of(n->text)));
    size_t nodes = 1;
    for (const XmlAttr *a = n->attrs; a; a = a->next)
        assert(utf8_valid(str_of(a->name)) && utf8_valid(str_of(a->value)));
    for (const XmlNode *c = n->child; c; c = c->next) {
        assert(c->parent == n);
        nodes += walk(c, depth + 1);
    }
    return nodes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const records[] = { "report", "a", NULL };
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(xml_done) Xml *xml = NULL;
    Err err = {0};
    if (!xml_open(&mem, source_memory(&mem, (Str){ (const char *)data, size }), records, &xml, &err))
        return 0;
    bool end = false;
    for (size_t calls = 0; !end; calls++) {
        CLEANUP(arena_done) Arena kept = {0};
        XmlNode *record = NULL;
        assert(calls <= size + 1);
        if (xml_next(xml, &kept, &record, &end, &err) && !end)
            assert(walk(record, 1) <= LIMIT_XML_RECORD_FIELDS);
        else if (!end)
            assert(err.kind == ERR_INVALID || err.kind == ERR_LIMIT);
    }
    return 0;
}
