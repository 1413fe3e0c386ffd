/* media.c: a table of signatures, most of them where the formats' own definitions put them. */
#include "engine/picture/media.h"
#include <string.h>

typedef struct Signature {
    MediaKind   kind;
    size_t      at, len;
    const char *bytes;
    const char *then;                          /* four bytes at 8 that must follow, NULL for none */
} Signature;

static const Signature signatures[] = {
    { MEDIA_JPEG,  0, 3,  "\xFF\xD8\xFF",                     NULL   },
    { MEDIA_PNG,   0, 8,  "\x89PNG\r\n\x1A\n",                NULL   },
    { MEDIA_GIF,   0, 6,  "GIF87a",                           NULL   },
    { MEDIA_GIF,   0, 6,  "GIF89a",                           NULL   },
    { MEDIA_WEBP,  0, 4,  "RIFF",                             "WEBP" },
    { MEDIA_TIFF,  0, 4,  "II*\0",                            NULL   },
    { MEDIA_TIFF,  0, 4,  "MM\0*",                            NULL   },
    { MEDIA_TIFF,  0, 4,  "II+\0",                            NULL   },
    { MEDIA_TIFF,  0, 4,  "MM\0+",                            NULL   },
    { MEDIA_VIDEO, 0, 4,  "RIFF",                             "AVI " },
    { MEDIA_VIDEO, 0, 4,  "\x1A\x45\xDF\xA3",                 NULL   },    /* Matroska, WebM */
    { MEDIA_VIDEO, 0, 4,  "FLV\x01",                          NULL   },
    { MEDIA_VIDEO, 0, 4,  "\0\0\x01\xBA",                     NULL   },    /* MPEG programme stream */
    { MEDIA_VIDEO, 0, 4,  "\0\0\x01\xB3",                     NULL   },    /* MPEG video */
    { MEDIA_VIDEO, 0, 16, "\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\0\xAA\0\x62\xCE\x6C", NULL },  /* ASF, WMV */
    { MEDIA_VIDEO, 0, 4,  "OggS",                             NULL   },
    { MEDIA_VIDEO, 4, 4,  "moov",                             NULL   },    /* QuickTime without a type box */
    { MEDIA_VIDEO, 4, 4,  "mdat",                             NULL   },
    { MEDIA_VIDEO, 4, 4,  "wide",                             NULL   },
};

/* What the type box of an ISO file is used for: one of these is a picture, anything else a video. */
static const char *const picture_brands[] = {
    "heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1", "avif", "avis",
};

static MediaKind iso(const uint8_t *at)
{
    for (size_t i = 0; i < sizeof picture_brands / sizeof picture_brands[0]; i++)
        if (memcmp(at + 8, picture_brands[i], 4) == 0)
            return MEDIA_HEIF;
    return memcmp(at + 8, "M4A ", 4) == 0 || memcmp(at + 8, "M4B ", 4) == 0 ? MEDIA_NONE : MEDIA_VIDEO;
}

/* "BM" alone begins many texts, so the size of the header that follows must be one that exists. */
static int is_bmp(const uint8_t *at, size_t len)
{
    static const uint8_t header_sizes[] = { 12, 16, 40, 52, 56, 64, 108, 124 };
    if (len < 18 || at[0] != 'B' || at[1] != 'M' || at[15] || at[16] || at[17])
        return 0;
    return memchr(header_sizes, at[14], sizeof header_sizes) != NULL;
}

/* Packets of 188 bytes, each beginning with the same byte; the first bytes of only the first are here, so the
 * table identifier of a first packet must fit too. */
static int is_transport_stream(const uint8_t *at, size_t len)
{
    return len >= 8 && at[0] == 0x47 && (at[1] & 0xDF) == 0x40 && (at[3] & 0xD0) == 0x10;
}

MediaKind media_sniff(const uint8_t *at, size_t len)
{
    for (const Signature *s = signatures; s < signatures + sizeof signatures / sizeof signatures[0]; s++)
        if (len >= s->at + s->len && memcmp(at + s->at, s->bytes, s->len) == 0 &&
            (!s->then || (len >= 12 && memcmp(at + 8, s->then, 4) == 0)))
            return s->kind;
    if (len >= 12 && memcmp(at + 4, "ftyp", 4) == 0)
        return iso(at);
    if (is_bmp(at, len))
        return MEDIA_BMP;
    return is_transport_stream(at, len) ? MEDIA_VIDEO : MEDIA_NONE;
}

bool media_may_move(MediaKind kind)
{
    return kind == MEDIA_VIDEO || kind == MEDIA_GIF || kind == MEDIA_WEBP;
}

const char *media_name(MediaKind kind)
{
    static const char *const names[MEDIA__COUNT] = { "none", "bmp", "gif", "heif", "jpeg",
                                                     "png", "tiff", "webp", "video" };
    return kind >= 0 && kind < MEDIA__COUNT ? names[kind] : "none";
}
