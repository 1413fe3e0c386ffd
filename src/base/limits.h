/* limits.h: every bound on outside input, in one table. Beyond one, input is refused with ERR_LIMIT. */
#pragma once
#include <stddef.h>

enum {
    LIMIT_CSV_FIELD_BYTES   = 64 * 1024,
    LIMIT_CSV_COLUMNS       = 256,
    LIMIT_JSON_BYTES        = 16 * 1024 * 1024,
    LIMIT_JSON_DEPTH        = 64,
    LIMIT_XML_DEPTH         = 64,
    LIMIT_XML_TEXT_BYTES    = 8 * 1024 * 1024,     /* one text node; media is digested in pieces, not kept */
    LIMIT_XML_RECORD_FIELDS = 20000,               /* elements in one report */
    LIMIT_TEXT_BYTES        = 64 * 1024,           /* one stored text field */
    LIMIT_FORM_BYTES        = 256 * 1024,
    LIMIT_UPLOAD_BYTES      = 512 * 1024 * 1024,
    LIMIT_HEADER_BYTES      = 32 * 1024,
    LIMIT_PAGE_ROWS         = 200,
    LIMIT_REJECTIONS_SHOWN  = 1000,
};
