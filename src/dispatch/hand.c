/* hand.c */
#include "dispatch/hand.h"

bool hand_may(Db *db, const Hand *hand, Permission p, int64_t force, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    Viewer v = {0};
    if (hand->actor == 0)
        return true;
    if (!viewer_by_id(db, &mem, hand->actor, &v, err)) {
        if (err->kind != ERR_NOT_FOUND)
            return false;
        err_clear(err);
        return err_set(err, ERR_DENIED, "Only an active person may do that.");
    }
    if (!viewer_may(&v, p))
        return err_set(err, ERR_DENIED, "A %s may not do that.", role_name(v.role));
    return viewer_may_on(&v, p, force) || err_set(err, ERR_NOT_FOUND, "There is no such record.");
}
