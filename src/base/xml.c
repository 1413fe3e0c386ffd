/* xmlTextReader is pulled element by element; what is outside a record is dropped as it passes. Invariants:
 * (1) no document type declaration gets past the first look at it, so no entity but XML's own five exists;
 * (2) `opened` counts the elements now open and never exceeds LIMIT_XML_DEPTH; (3) an element's text is
 * gathered in `texts` until the element ends, and is then copied to the caller's arena or, if it is media,
 * reduced to a digest. */
#include "base/xml.h"
#include <ctype.h>
#include <libxml/xmlreader.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/digest.h"
#include "base/limits.h"

struct Xml {
    Source            *src;
    xmlTextReader     *reader;
    const char *const *records;
    size_t             opened;        /* elements open now */
    size_t             skip_to;       /* after a limit: depth of the refused record, else 0 */
    bool               ended;
    int                bad_line;      /* of the first fault libxml2 told, else 0 */
    bool               bad_size;      /* it was one of libxml2's own limits */
    Err                bad_source;    /* reading the source failed */
    Arena texts[LIMIT_XML_DEPTH + 1]; /* by depth in the record: the text of the element open there */
};

static void start_library(void)
{
    xmlInitParser();
}

static int read_source(void *ctx, char *buf, int cap)
{
    Xml   *xml = ctx;
    size_t got = 0;
    if (cap <= 0)
        return 0;
    return source_read(xml->src, buf, (size_t)cap, &got, &xml->bad_source) ? (int)got : -1;
}

/* A prefix that was never declared does no harm, as namespaces are dropped; real reports have them. */
static void note_fault(void *ctx, xmlErrorPtr fault)
{
    Xml *xml = ctx;
    if (xml->bad_line || fault->domain == XML_FROM_NAMESPACE || fault->level < XML_ERR_ERROR)
        return;
    xml->bad_line = fault->line > 0 ? fault->line : 1;
    xml->bad_size = fault->message && strstr(fault->message, "XML_PARSE_HUGE");
}

bool xml_open(Arena *mem, Source *src, const char *const *records, Xml **out, Err *err)
{
    static pthread_once_t started = PTHREAD_ONCE_INIT;
    pthread_once(&started, start_library);
    Xml *xml = arena_new(mem, Xml, 1);
    xml->src = src;
    xml->records = records;
    xml->reader =
        xmlReaderForIO(read_source, NULL, xml, NULL, NULL,
                       XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES | XML_PARSE_COMPACT);
    if (!xml->reader)
        return xml->bad_source.kind ? (*err = xml->bad_source, false)
                                    : err_set(err, ERR_INVALID, "The file could not be read as XML.");
    xmlTextReaderSetStructuredErrorHandler(xml->reader, note_fault, xml);
    *out = xml;
    return true;
}

void xml_close(Xml *xml)
{
    if (!xml)
        return;
    xmlFreeTextReader(xml->reader);
    xml->reader = NULL;
    xml->ended = true;
    FOR_EACH(texts, xml->texts)
        arena_done(texts);
}

static size_t node_line(Xml *xml)
{
    xmlNode *node = xmlTextReaderCurrentNode(xml->reader);
    long     line = node ? xmlGetLineNo(node) : 0;
    if (line <= 0)
        line = xmlTextReaderGetParserLineNumber(xml->reader);
    return line > 0 ? (size_t)line : 1;
}

static bool tell_fault(Xml *xml, Err *err)
{
    xml->ended = true;
    if (xml->bad_source.kind) {
        *err = xml->bad_source;
        return err_while(err, "reading XML");
    }
    int line = xml->bad_line ? xml->bad_line : xmlTextReaderGetParserLineNumber(xml->reader);
    if (xml->bad_size)
        return err_set(err, ERR_LIMIT, "Line %d of the XML is too big or nested too deep.", line);
    return err_set(err, ERR_INVALID, "Line %d is not valid XML.", line > 0 ? line : 1);
}

/* What stands in the reader now: an element's start, its end, text, or the end of the file. Anything else is
 * passed. */
typedef enum Step { STEP_START, STEP_END, STEP_TEXT, STEP_FILE_END } Step;

/* Declarations carry entities, and entities carry bombs and files of this machine. */
static bool refuse_declaration(Xml *xml, Err *err)
{
    xml->ended = true;
    int line = xmlTextReaderGetParserLineNumber(xml->reader); /* libxml2 keeps no line of its own for these */
    err_set(err, ERR_INVALID, "A document type or entity is declared by line %d, which is not accepted.",
            line);
    return err_hint(err, "Ask the sender for the same file without a DOCTYPE.");
}

static bool step(Xml *xml, Step *out, Err *err)
{
    for (;;) {
        int more = xmlTextReaderRead(xml->reader);
        if (more < 0 || xml->bad_line || xml->bad_source.kind)
            return tell_fault(xml, err);
        if (more == 0) {
            xml->ended = true;
            *out = STEP_FILE_END;
            return true;
        }
        switch (xmlTextReaderNodeType(xml->reader)) {
        case XML_READER_TYPE_ELEMENT:
            *out = STEP_START;
            return true;
        case XML_READER_TYPE_END_ELEMENT:
            *out = STEP_END;
            return true;
        case XML_READER_TYPE_TEXT:
        case XML_READER_TYPE_CDATA:
        case XML_READER_TYPE_WHITESPACE:
        case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
            *out = STEP_TEXT;
            return true;
        case XML_READER_TYPE_DOCUMENT_TYPE:
        case XML_READER_TYPE_ENTITY:
        case XML_READER_TYPE_ENTITY_REFERENCE:
        case XML_READER_TYPE_END_ENTITY:
        case XML_READER_TYPE_NOTATION:
            return refuse_declaration(xml, err);
        }
    }
}

/* An element that closes itself has no end step. */
static bool opens(Xml *xml)
{
    return xmlTextReaderIsEmptyElement(xml->reader) != 1;
}

static const char *current_name(Xml *xml)
{
    const char *name = (const char *)xmlTextReaderConstLocalName(xml->reader);
    const char *colon = name ? strrchr(name, ':') : NULL;
    return colon ? colon + 1 : name ? name : "";
}

static bool is_record(const Xml *xml, const char *name)
{
    for (const char *const *r = xml->records; *r; r++)
        if (strcmp(*r, name) == 0)
            return true;
    return false;
}

/* Passes elements until `depth` of them are left open. */
static bool skip_to_depth(Xml *xml, size_t depth, Err *err)
{
    while (xml->opened > depth) {
        Step at;
        if (!step(xml, &at, err))
            return false;
        if (at == STEP_FILE_END)
            return tell_fault(xml, err);
        if (at == STEP_START && opens(xml))
            xml->opened++;
        if (at == STEP_END)
            xml->opened--;
    }
    return true;
}

/* Prose has short words; media in base 64 or hex is one run, or lines of some 60 to 76 characters.
 * Punctuation that neither uses settles it. */
static bool looks_like_media(Str s)
{
    enum { LEAST_MEAN_RUN = 32 };
    size_t runs = 0, letters = 0;
    bool   in_run = false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        bool digit = c < 0x80 && (isalnum(c) || strchr("+/=-_", c));
        bool space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
        if (c == 0 || (!digit && !space))
            return false;
        runs += digit && !in_run;
        letters += digit;
        in_run = digit;
    }
    return runs && letters / runs >= LEAST_MEAN_RUN;
}

/* "data:image/jpeg;base64,..." holds media as surely as the bare digits do. */
static Str after_data_prefix(Str s)
{
    enum { LONGEST_PREFIX = 128 };
    const char *comma = s.len > 5 && memcmp(s.at, "data:", 5) == 0
                            ? memchr(s.at, ',', s.len < LONGEST_PREFIX ? s.len : LONGEST_PREFIX) : NULL;
    if (!comma)
        return s;
    size_t prefix = (size_t)(comma - s.at) + 1;
    return (Str){ s.at + prefix, s.len - prefix };
}

static bool all_hex(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!isxdigit((unsigned char)s.at[i]))
            return false;
    return s.len % 2 == 0;
}

/* The media's own bytes if the text decodes, else the text's. Hex comes first: its digits are base 64 digits
 * too, but thousands of the latter never happen to be all hex. */
static Str media_bytes(Arena *mem, Str s)
{
    uint8_t *bytes;
    size_t   n = s.len / 2;
    if (all_hex(s)) {
        bytes = arena_new(mem, uint8_t, n + 1);
        if (hex_read(s, bytes, n))
            return (Str){ (const char *)bytes, n };
    }
    if (base64_read(mem, s, &bytes, &n))
        return (Str){ (const char *)bytes, n };
    return s;
}

/* One record being built. */
typedef struct Build {
    Xml   *xml;
    Arena *mem;
    size_t outside;      /* elements open around the record */
    size_t fields;       /* elements and attributes so far */
    size_t kept_bytes;   /* of names and texts so far */
} Build;

/* One element being built. Its text is in the arena of its depth, `xml->texts`. */
typedef struct Open {
    XmlNode  *node, *last_child;
    XmlAttr **next_attr;
    StrBuf    text;
} Open;

static bool refuse_record(Build *b, Err *err, const char *told)
{
    b->xml->skip_to = b->outside;
    return err_set(err, ERR_LIMIT, "Line %zu: %s.", node_line(b->xml), told);
}

/* Counts what is about to be kept, so that one record cannot fill the memory. */
static bool count(Build *b, size_t fields, size_t bytes, Err *err)
{
    b->fields += fields;
    b->kept_bytes += bytes;
    if (b->fields > LIMIT_XML_RECORD_FIELDS)
        return refuse_record(b, err, "a record has too many elements");
    return b->kept_bytes <= LIMIT_XML_TEXT_BYTES || refuse_record(b, err, "a record is too long");
}

static void add_attr(Build *b, Open *open, const char *name, const char *value)
{
    XmlAttr *attr = arena_new(b->mem, XmlAttr, 1);
    attr->name = name;
    attr->value = value;
    *open->next_attr = attr;
    open->next_attr = &attr->next;
}

/* The text as kept: "" for media, which leaves its digest and size on the node. */
static bool keep_text(Build *b, Open *open, Str raw, const char **kept, Err *err)
{
    Str s = str_trim(raw), digits = after_data_prefix(s);
    *kept = "";
    if (s.len <= XML_MEDIA_TEXT_BYTES || !looks_like_media(digits)) {
        if (s.len)
            *kept = str_from(b->mem, s);
        return count(b, 0, s.len, err);
    }
    CLEANUP(arena_done) Arena decoded = {0};
    Str    media = media_bytes(&decoded, digits);
    Sha256 digest = sha256_of(media.at, media.len);
    add_attr(b, open, "muster-dropped-sha256", sha256_hex(b->mem, &digest));
    add_attr(b, open, "muster-dropped-bytes", str_fmt(b->mem, "%zu", media.len));
    return count(b, 2, 0, err);
}

static bool read_attrs(Build *b, Open *open, Err *err)
{
    xmlTextReader *reader = b->xml->reader;
    while (xmlTextReaderMoveToNextAttribute(reader) == 1) {
        if (xmlTextReaderIsNamespaceDecl(reader) == 1)
            continue;
        const char *name = str_copy(b->mem, current_name(b->xml)), *value;
        if (!count(b, 1, strlen(name), err) ||
            !keep_text(b, open, str_of((const char *)xmlTextReaderConstValue(reader)), &value, err))
            return false;
        add_attr(b, open, name, value);
    }
    xmlTextReaderMoveToElement(reader);
    return true;
}

/* Starts the element the reader stands on, in `open`. */
static bool begin_node(Build *b, Open *parent, Arena *texts, Open *open, Err *err)
{
    XmlNode *node = arena_new(b->mem, XmlNode, 1);
    node->name = str_copy(b->mem, current_name(b->xml));
    node->text = "";
    node->line = node_line(b->xml);
    *open = (Open){ .node = node, .next_attr = &node->attrs, .text = { .mem = texts } };
    if (parent) {
        node->parent = parent->node;
        *(parent->last_child ? &parent->last_child->next : &parent->node->child) = node;
        parent->last_child = node;
    }
    return count(b, 1, strlen(node->name), err) && read_attrs(b, open, err);
}

static bool add_text(Build *b, Open *open, Err *err)
{
    Str text = str_of((const char *)xmlTextReaderConstValue(b->xml->reader));
    if (text.len > LIMIT_XML_TEXT_BYTES - open->text.len)
        return refuse_record(b, err, "a text is too long");
    buf_add_n(&open->text, text.at, text.len);
    return true;
}

static bool end_node(Build *b, Open *open, Err *err)
{
    bool kept = keep_text(b, open, (Str){ open->text.at, open->text.len }, &open->node->text, err);
    arena_reset(open->text.mem);
    return kept;
}

/* Builds the record whose start the reader stands on. `stack[i]` is the element i levels inside it. */
static bool build(Xml *xml, Arena *mem, XmlNode **record, Err *err)
{
    Build b = { .xml = xml, .mem = mem, .outside = xml->opened };
    Open  stack[LIMIT_XML_DEPTH + 1];
    xml->opened += opens(xml);
    if (!begin_node(&b, NULL, &xml->texts[0], &stack[0], err))
        return false;
    while (xml->opened > b.outside) {
        size_t level = xml->opened - b.outside - 1;
        Open  *top = &stack[level];
        Step   at;
        if (!step(xml, &at, err))
            return false;
        if (at == STEP_FILE_END)
            return tell_fault(xml, err);
        if (at == STEP_TEXT && !add_text(&b, top, err))
            return false;
        if (at == STEP_START) {
            xml->opened += opens(xml);
            if (xml->opened > LIMIT_XML_DEPTH)
                return refuse_record(&b, err, "elements are nested too deep");
            if (!begin_node(&b, top, &xml->texts[level + 1], top + 1, err))
                return false;
        }
        if (at == STEP_END) {
            xml->opened--;
            if (!end_node(&b, top, err))
                return false;
        }
    }
    *record = stack[0].node;
    return true;
}

bool xml_next(Xml *xml, Arena *mem, XmlNode **record, bool *end, Err *err)
{
    *end = xml->ended;
    if (xml->ended)
        return true;
    if (xml->skip_to < xml->opened && !skip_to_depth(xml, xml->skip_to, err))
        return false;
    for (;;) {
        Step at;
        if (!step(xml, &at, err))
            return false;
        if (at == STEP_FILE_END) {
            *end = true;
            return true;
        }
        if (at == STEP_START && is_record(xml, current_name(xml))) {
            bool built = build(xml, mem, record, err);
            xml->skip_to = built ? xml->opened : xml->skip_to;
            return built;
        }
        if (at == STEP_START && opens(xml) && ++xml->opened > LIMIT_XML_DEPTH) {
            xml->ended = true;
            return err_set(err, ERR_LIMIT, "Line %zu: elements are nested too deep.", node_line(xml));
        }
        if (at == STEP_END)
            xml->opened--;
    }
}

const XmlNode *xml_child(const XmlNode *n, const char *name)
{
    const XmlNode *c = n ? n->child : NULL;
    while (c && strcmp(c->name, name) != 0)
        c = c->next;
    return c;
}

const XmlNode *xml_next_same(const XmlNode *n)
{
    const XmlNode *next = n ? n->next : NULL;
    while (next && strcmp(next->name, n->name) != 0)
        next = next->next;
    return next;
}

const char *xml_text(const XmlNode *n, const char *name)
{
    const XmlNode *c = xml_child(n, name);
    return c && c->text[0] ? c->text : NULL;
}

const char *xml_attr(const XmlNode *n, const char *name)
{
    for (const XmlAttr *a = n ? n->attrs : NULL; a; a = a->next)
        if (strcmp(a->name, name) == 0)
            return a->value;
    return NULL;
}
