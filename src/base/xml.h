/* xml.h: streaming XML (libxml2's xmlTextReader behind this door only): no network, no entity expansion,
 * no DTD, depth and sizes bounded. Pulls one record element at a time into a small tree in the caller's
 * arena. */
#pragma once
#include <stdbool.h>
#include "base/err.h"
#include "base/source.h"

typedef struct XmlAttr { const char *name, *value; struct XmlAttr *next; } XmlAttr;
typedef struct XmlNode {
    const char     *name;       /* local name, namespace dropped */
    const char     *text;       /* own character data, trimmed, "" if none */
    size_t          line;
    XmlAttr        *attrs;
    struct XmlNode *child, *next, *parent;
} XmlNode;
/* A text longer than this whose content is base64 or binary media is not kept: text becomes "" and
 * the attribute list gains ("muster-dropped-sha256", hex) and ("muster-dropped-bytes", count). Both are of
 * the decoded bytes if the text decodes as base64 or hex, else of the text. Long attribute values likewise.
 */
enum { XML_MEDIA_TEXT_BYTES = 4096 };

typedef struct Xml Xml;
/* `records` is a NULL-terminated list of element names to yield, e.g. {"report","fileDetails",NULL}. The
 * document element may itself be one, or any wrapper holding many. */
MUST_USE bool xml_open(Arena *mem, Source *src, const char *const *records, Xml **out, Err *err);
/* The next record, built in `mem`. *end at the end. Malformed XML is ERR_INVALID naming the line and ends the
 * file (a record within some hundred bytes before the fault may be lost with it); a record past a limit is
 * ERR_LIMIT and the next call goes on after it. */
MUST_USE bool xml_next(Xml *xml, Arena *mem, XmlNode **record, bool *end, Err *err);
void xml_close(Xml *xml);       /* accepts NULL */
const XmlNode *xml_child(const XmlNode *n, const char *name);      /* first, or NULL; n may be NULL */
const XmlNode *xml_next_same(const XmlNode *n);                    /* next sibling of the same name */
const char    *xml_text(const XmlNode *n, const char *name);       /* child's text, NULL if absent or empty */
const char    *xml_attr(const XmlNode *n, const char *name);       /* NULL if absent */
