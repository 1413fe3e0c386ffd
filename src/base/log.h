/* log.h: one JSON object a line on stderr (or key=value when a terminal), without personal data: references,
 * counts, durations. Only web, cli and flow call it. */
#pragma once
#include "base/err.h"
#include "base/when.h"

typedef enum LogLevel { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR } LogLevel;
typedef struct Log { int fd; LogLevel least; bool terminal; } Log;
typedef struct LogField {
    const char *key;
    const char *text;
    int64_t number;
} LogField; /* text NULL: number */
void log_event(const Log *log, Instant now, LogLevel level, const char *event, const LogField *fields,
               size_t n);
#define LOG_FIELDS(...) (const LogField[]){ __VA_ARGS__ }, COUNT_OF(((const LogField[]){ __VA_ARGS__ }))
void log_err(const Log *log, Instant now, const char *event, const Err *err);
