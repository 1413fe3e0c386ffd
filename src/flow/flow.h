/* flow.h: what happens next. After anything is taken in or decided, the stages with work are run, urgent
 * first, until none has any: the one table that moves work from stage to stage is in flow/stages.c. Work to
 * do is read from the projections (unlinked sightings, answers not compared, nominals whose facts moved), so
 * it survives any stop and is never lost. */
#pragma once
#include "flow/app.h"

typedef struct StageDone {
    const char *stage;
    size_t count;
} StageDone;
typedef struct FlowReport {
    StageDone stages[16];
    size_t stage_count;
} FlowReport;
typedef void FlowProgress(void *ctx, const char *stage, size_t done);
/* `db` is the calling thread's reader. Appends as `hand`. */
MUST_USE bool flow_run(App *app, Db *db, const Hand *hand, FlowProgress *progress, void *ctx, FlowReport *out,
                       Err *err);
