/* media.h: what a file is, told from its first bytes and never from its name.
 *
 * Only looks: it follows no length and no offset of the file, so it is safe on hostile bytes and outside the
 * decoder. What it names may still be broken; what it does not name is not sent to the decoder. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum MediaKind {
    MEDIA_NONE,                                /* neither a picture nor a video that is known here */
    MEDIA_BMP, MEDIA_GIF, MEDIA_HEIF, MEDIA_JPEG, MEDIA_PNG, MEDIA_TIFF, MEDIA_WEBP,
    MEDIA_VIDEO,                               /* MP4, QuickTime, Matroska, AVI, MPEG, FLV, ASF, Ogg */
    MEDIA__COUNT,
} MediaKind;

enum { MEDIA_SNIFF_BYTES = 64 };               /* more are not looked at */

MediaKind   media_sniff(const uint8_t *at, size_t len);
bool        media_may_move(MediaKind kind);    /* may have frames that are hashed */
const char *media_name(MediaKind kind);        /* "none", "bmp", ... "video" */
