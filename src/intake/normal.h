/* normal.h: one way of writing each identifier, so that two sources that mean the same thing compare equal.
 *
 * Every function gives NULL for what is not such a thing, and is idempotent: normalising twice equals once.
 * The verbatim text stays with the caller; a normal form is for comparing, never for showing as what was
 * said. */
#pragma once
#include "base/arena.h"

const char *normal_email(Arena *mem,
                         const char *text); /* trimmed, lower case; no provider's own rules applied */
/* E.164. A number without a country is British unless `country` ("+1", "44") says otherwise; NULL: British.
 */
const char *normal_phone(Arena *mem, const char *text, const char *country);
const char *normal_account(Arena *mem, const char *text);    /* trimmed, lower case; service names too */
const char *normal_device(Arena *mem, const char *text);     /* letters and digits only, upper case */
const char *normal_address(Arena *mem,
                           const char *text); /* IPv4 or IPv6, canonical; a mapped IPv4 becomes IPv4 */
const char *normal_postcode(Arena *mem, const char *text);   /* "NE69 7AW" */
/* kind: md5, sha1, sha256, pdq, photodna (hex or base64), any case and hyphens. Lower-case hex (photodna:
 * hex). *kind is replaced by its own spelling. NULL when the kind is unknown or the length is wrong for it.
 */
const char *normal_hash(Arena *mem, const char **kind, const char *text);
