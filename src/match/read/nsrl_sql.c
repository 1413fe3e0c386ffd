#include "match/read/nsrl_sql.h"

/* Not the view DISTINCT_HASH: it would sort hundreds of millions of rows, which the set does anyway. */
const Sql nsrl_sql[NSRL__COUNT] = {
    [NSRL_VERSION] = { "nsrl.version", "SELECT version FROM VERSION ORDER BY version DESC LIMIT 1" },
    [NSRL_FILE] = { "nsrl.file", "SELECT md5, sha1, sha256 FROM FILE" },
    [NSRL_FILE_NO_SHA256] = { "nsrl.file_no_sha256", "SELECT md5, sha1, NULL FROM FILE" },
    [NSRL_METADATA] = { "nsrl.metadata", "SELECT md5, sha1, sha256 FROM METADATA" },
    [NSRL_METADATA_NO_SHA256] = { "nsrl.metadata_no_sha256", "SELECT md5, sha1, NULL FROM METADATA" },
};
