#include "web/receive.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/limits.h"

enum { FILE_NAME_CHARS = 200 };

Receive receive_new(Arena *mem, const char *spool)
{
    return (Receive){ .mem = mem, .spool = spool, .fd = -1, .body = { .mem = mem }, .value = { .mem = mem } };
}

void receive_done(Receive *r)
{
    if (r->fd >= 0)
        close(r->fd);
    if (r->path)
        unlink(r->path);
    r->fd = -1;
    r->path = NULL;
}

static bool keeps(Receive *r, size_t more)
{
    r->too_much = r->too_much || more > LIMIT_FORM_BYTES - r->kept_bytes;
    if (!r->too_much)
        r->kept_bytes += more;
    return !r->too_much;
}

void receive_bytes(Receive *r, const char *data, size_t size)
{
    if (keeps(r, size))
        buf_add_n(&r->body, data, size);
}

/* ---- a field ---- */

static void field_end(Receive *r)
{
    if (!r->name)
        return;
    const char *value = buf_text(&r->value);
    r->bad = r->bad || !form_text_fits((Str){ value, r->value.len }) || !form_text_fits(str_of(r->name));
    *arena_push(r->mem, r->fields, r->count, r->cap) = (Pair){ r->name, value };
    r->name = NULL;
    r->value = (StrBuf){ .mem = r->mem };
}

static bool field_begin(Receive *r, const char *name)
{
    field_end(r);
    r->too_much = r->too_much || r->count == FORM_FIELDS_MAX;
    if (r->too_much || !keeps(r, strlen(name)))
        return false;
    r->name = str_copy(r->mem, name);
    return true;
}

static bool field_add(Receive *r, const char *name, const char *data, uint64_t offset, size_t size)
{
    if ((!offset && !field_begin(r, name)) || !r->name || !keeps(r, size))
        return false;
    buf_add_n(&r->value, data, size);
    return true;
}

/* ---- a file ---- */

static bool file_begin(Receive *r, const char *name)
{
    if (!r->spool || r->path) {                            /* none is taken here, or one has come already */
        r->bad = true;
        return false;
    }
    char *path = str_copy(r->mem, r->spool);
    r->fd = mkostemp(path, O_CLOEXEC);
    r->failed = r->fd < 0;
    if (r->failed)
        return false;
    r->path = path;
    r->file_name = form_text_fits(str_of(name)) ? str_clip(r->mem, name, FILE_NAME_CHARS) : "file";
    return true;
}

static bool file_write_all(Receive *r, const char *data, size_t size)
{
    while (size) {
        ssize_t wrote = write(r->fd, data, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        r->failed = wrote <= 0;
        if (r->failed)
            return false;
        data += wrote;
        size -= (size_t)wrote;
        r->file_bytes += (uint64_t)wrote;
    }
    return true;
}

static bool file_add(Receive *r, const char *name, const char *data, uint64_t offset, size_t size)
{
    if (!name[0] && !size)
        return true;                                       /* no file was chosen */
    if ((!offset && !file_begin(r, name)) || r->fd < 0)
        return false;
    r->too_much = r->too_much || size > LIMIT_UPLOAD_BYTES - r->file_bytes;
    return !r->too_much && file_write_all(r, data, size);
}

bool receive_part(Receive *r, const char *name, const char *file_name, const char *data, uint64_t offset,
                  size_t size)
{
    if (!name) {
        r->bad = true;
        return false;
    }
    return file_name ? file_add(r, file_name, data, offset, size) : field_add(r, name, data, offset, size);
}

/* ---- the end ---- */

void receive_form_end(Receive *r, bool is_json)
{
    Err err = { 0 };
    Str body = { buf_text(&r->body), r->body.len };
    bool read = is_json ? form_read_json(r->mem, body, &r->fields, &r->count, &err)
                        : form_read(r->mem, body, &r->fields, &r->count, &err);
    r->bad = r->bad || !read;
}

void receive_parts_end(Receive *r)
{
    field_end(r);
}
