#include "base/log.h"
#include <unistd.h>
#include "base/json.h"
#include "base/test.h"

/* What a log has written, from a pipe. */
static char *written(Arena *mem, bool terminal, LogLevel least, void (*speak)(const Log *log))
{
    int ends[2];
    CHECK(pipe(ends) == 0);
    Log log = { ends[1], least, terminal };
    speak(&log);
    close(ends[1]);
    char   *text = arena_new(mem, char, 8192);
    ssize_t n = read(ends[0], text, 8191);
    CHECK(n >= 0);
    close(ends[0]);
    return text;
}

static void speak_event(const Log *log)
{
    log_event(log, INT64_C(1778747527) * US_PER_SECOND, LOG_INFO, "file.taken",
              LOG_FIELDS({ "file", "F-1\n\"x\"", 0 }, { "rows", NULL, -12 }));
    log_event(log, 0, LOG_DEBUG, "quiet", NULL, 0);
}

static void speak_error(const Log *log)
{
    Err err = {0};
    err_set(&err, ERR_STORE, "The disk is full.");
    err_while(&err, "saving entry E-1");
    log_err(log, 0, "write", &err);
}

TEST(one_event_is_one_json_line)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *j = NULL;
    Err   err = {0};
    char *text = written(&mem, false, LOG_INFO, speak_event);
    CHECK_TEXT(text, "{\"time\":\"2026-05-14T08:32:07Z\",\"level\":\"info\",\"event\":\"file.taken\","
                     "\"file\":\"F-1\\n\\\"x\\\"\",\"rows\":-12}\n");
    CHECK_OK(json_read(str_of(text), &j, &err), &err);
}

TEST(a_terminal_gets_words)
{
    CLEANUP(arena_done) Arena mem = {0};
    CHECK_TEXT(written(&mem, true, LOG_DEBUG, speak_event),
               "2026-05-14T08:32:07Z info  file.taken file=\"F-1\\n\\\"x\\\"\" rows=-12\n"
               "1970-01-01T00:00:00Z debug quiet\n");
}

TEST(an_error_is_told_with_its_trail)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *j = NULL;
    Err   err = {0};
    CHECK_OK(json_read(str_of(written(&mem, false, LOG_ERROR, speak_error)), &j, &err), &err);
    CHECK_TEXT(json_text(j, "level"), "error");
    CHECK_TEXT(json_text(j, "kind"), "store");
    CHECK_TEXT(json_text(j, "told"), "The disk is full.");
    CHECK_TEXT(json_text(j, "trail"), "saving entry E-1");
}

TEST_MAIN(one_event_is_one_json_line, a_terminal_gets_words, an_error_is_told_with_its_trail)
