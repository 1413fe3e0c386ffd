#include "match/set_copy.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/source.h"
#include "match/sets.h"

enum { VERIFY_THREADS = 2 };

typedef struct Copy {
    Arena       mem;
    ActiveSets  sets;
    const char *folder;                        /* made by this copy; NULL when it was there */
    const char **made;                         /* files made so far: gone again unless all of them are */
    size_t      count, cap;
} Copy;

static void copy_done(Copy *c)
{
    sets_close(&c->sets);
    for (size_t i = 0; i < c->count; i++)
        unlink(c->made[i]);
    if (c->folder)
        rmdir(c->folder);
    arena_done(&c->mem);
}

static bool set_err(const ActiveSet *s, const char *what, Err *err)
{
    err_set(err, ERR_STORE, "The file of the known-file set %s%s%s %s.", s->name, *s->version ? " " : "",
            s->version, what);
    return err_hint(err, "Put it back: muster hashset add SET, or end its use: muster hashset retire.");
}

/* Opened afresh and read whole: what is proved is what a restore would read. */
static bool is_whole(const char *path, const ActiveSet *s, Arena *mem)
{
    Err ignored = {0};
    CLEANUP(known_close) KnownSet *set = NULL;
    if (!known_open(path, mem, &set, &ignored))
        return false;
    Hash32 want = known_info(s->file.set).counts.root, got = known_info(set).counts.root;
    return memcmp(want.bytes, got.bytes, sizeof want.bytes) == 0 &&
           known_verify(set, VERIFY_THREADS, &ignored);
}

/* An index that is missing or of another set is built again by set_file_index. */
static bool index_copy(Copy *c, const char *from, const char *to, Err *err)
{
    CLEANUP(map_done) Map map = {0};
    Err ignored = {0};
    const char *beside = str_fmt(&c->mem, "%s.near", to);
    *arena_push(&c->mem, c->made, c->count, c->cap) = beside;
    return (!map_file(str_fmt(&c->mem, "%s.near", from), &map, &ignored) ||
            file_write(beside, (Str){ (const char *)map.at, map.len }, err)) &&
           set_file_index(to, &c->mem, err);
}

static bool set_copy(Copy *c, const ActiveSet *s, const char *to_db, SetsCopied *out, Err *err)
{
    CLEANUP(map_done) Map map = {0};
    const char *to = set_path(&c->mem, to_db, s->root);
    if (!map_file(s->file.path, &map, err))
        return set_err(s, "is missing", err);
    out->sets++;
    out->bytes += (int64_t)map.len;
    if (is_whole(to, s, &c->mem))
        return true;
    *arena_push(&c->mem, c->made, c->count, c->cap) = to;
    if (!file_write(to, (Str){ (const char *)map.at, map.len }, err))
        return err_while(err, "copying the known-file set %s%s%s", s->name, *s->version ? " " : "",
                         s->version);
    return is_whole(to, s, &c->mem) ? index_copy(c, s->file.path, to, err) : set_err(s, "is damaged", err);
}

bool sets_copy(Db *copy, const char *from_db, const char *to_db, SetsCopied *out, Err *err)
{
    CLEANUP(copy_done) Copy c = {0};
    *out = (SetsCopied){0};
    if (!sets_open_active(copy, from_db, &c.mem, &c.sets, err))
        return false;
    if (!c.sets.count)
        return true;
    const char *folder = set_folder(&c.mem, to_db);
    if (mkdir(folder, 0750) == 0)
        c.folder = folder;
    else if (access(folder, W_OK) != 0)
        return err_set(err, ERR_STORE, "The folder for set files beside the copy cannot be written to.");
    for (size_t i = 0; i < c.sets.count; i++)
        if (!set_copy(&c, &c.sets.at[i], to_db, out, err))
            return false;
    c.count = 0;                               /* all of them stay */
    c.folder = NULL;
    return true;
}
