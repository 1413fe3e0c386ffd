#include "simulate/sink.h"
#include <errno.h>
#include <string.h>

bool sink_open(Sink *s, Arena *mem, const char *dir, const char *name, Err *err)
{
    *s = (Sink){ .name = name, .delimiter = ',', .line = 1 };
    s->file = fopen(str_fmt(mem, "%s/%s", dir, name), "wb");
    if (!s->file)
        return err_set(err, ERR_STORE, "The file %s cannot be written: %s.", name, strerror(errno));
    return true;
}

bool sink_close(Sink *s, Err *err)
{
    bool failed = s->failed;
    if (s->file && fclose(s->file) != 0)
        failed = true;
    s->file = NULL;
    if (failed)
        return err_set(err, ERR_STORE, "The file %s could not be written whole.", s->name);
    return true;
}

void sink_done(Sink *s)
{
    if (s->file)
        (void)fclose(s->file);
    s->file = NULL;
}

static void write_bytes(Sink *s, const char *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (at[i] == '\n')
            s->line++;
    s->bytes += n;
    if (fwrite(at, 1, n, s->file) != n)
        s->failed = true;
}

void sink_text(Sink *s, const char *text)
{
    write_bytes(s, text, strlen(text));
}

void sink_fmt(Sink *s, const char *fmt, ...)
{
    char    text[4096];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof text)
        s->failed = true;
    else
        write_bytes(s, text, (size_t)n);
}

static const char *xml_entity(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    default:  return NULL;
    }
}

void sink_xml(Sink *s, const char *element, const char *text)
{
    if (!text)
        return;
    sink_fmt(s, "<%s>", element);
    const char *from = text;
    for (const char *at = text; *at; at++) {
        const char *entity = xml_entity(*at);
        if (!entity)
            continue;
        write_bytes(s, from, (size_t)(at - from));
        sink_text(s, entity);
        from = at + 1;
    }
    sink_text(s, from);
    sink_fmt(s, "</%s>", element);
}

void sink_field(Sink *s, const char *text)
{
    if (s->midrow)
        write_bytes(s, &s->delimiter, 1);
    s->midrow = true;
    if (!text)
        return;
    const char special[] = { s->delimiter, '"', '\n', '\r', 0 };
    if (!strpbrk(text, special)) {
        sink_text(s, text);
        return;
    }
    sink_text(s, "\"");
    for (const char *at = text; *at; at++) {
        if (*at == '"')
            sink_text(s, "\"");
        write_bytes(s, at, 1);
    }
    sink_text(s, "\"");
}

void sink_int(Sink *s, int64_t n)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", (long long)n);
    sink_field(s, text);
}

void sink_row_end(Sink *s)
{
    sink_text(s, "\n");
    s->midrow = false;
}
