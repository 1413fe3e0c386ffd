#include "base/log.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "base/json.h"
#include "base/str.h"

static const char *level_name(LogLevel level)
{
    static const char *const names[] = {
        [LOG_DEBUG] = "debug",
        [LOG_INFO]  = "info",
        [LOG_WARN]  = "warn",
        [LOG_ERROR] = "error",
    };
    return (size_t)level < COUNT_OF(names) ? names[level] : "error";
}

/* A line that cannot be written is dropped: there is nowhere left to say so. */
static void write_line(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        text += n;
        len -= (size_t)n;
    }
}

/* JSON's own quoting, so that no text can begin a second line. */
static void add_quoted(StrBuf *line, const char *text)
{
    CLEANUP(json_done) Json *value = json_new_text(text);
    buf_add(line, json_canonical(line->mem, value));
}

static void add_field(StrBuf *line, bool terminal, const LogField *field)
{
    if (terminal)
        buf_fmt(line, " %s=", field->key);
    else
        buf_char(line, ',');
    if (!terminal) {
        add_quoted(line, field->key);
        buf_char(line, ':');
    }
    if (field->text)
        add_quoted(line, field->text);
    else
        buf_fmt(line, "%lld", (long long)field->number);
}

void log_event(const Log *log, Instant now, LogLevel level, const char *event, const LogField *fields,
               size_t n)
{
    if (level < log->least)
        return;
    CLEANUP(arena_done) Arena mem = {0};
    StrBuf line = { .mem = &mem };
    char  *time = instant_iso(&mem, now);
    if (log->terminal) {
        buf_fmt(&line, "%s %-5s %s", time, level_name(level), event);
    } else {
        buf_fmt(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":", time, level_name(level));
        add_quoted(&line, event);
    }
    for (size_t i = 0; i < n; i++)
        add_field(&line, log->terminal, &fields[i]);
    buf_add(&line, log->terminal ? "\n" : "}\n");
    write_line(log->fd, line.at, line.len);   /* in one call, so that threads' lines stay whole */
}

/* What outsiders got wrong is ordinary; what we or the disk did wrong needs someone. */
void log_err(const Log *log, Instant now, const char *event, const Err *err)
{
    LogLevel level = err->kind == ERR_STORE || err->kind == ERR_BUG ? LOG_ERROR : LOG_WARN;
    log_event(log, now, level, event,
              LOG_FIELDS({ "kind", err_kind_name(err->kind), 0 }, { "told", err->told, 0 },
                         { "trail", err->trail, 0 }));
}
