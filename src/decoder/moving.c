#include "decoder/moving.h"
#include <string.h>
#include <time.h>

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool out_of_time(const Picture *p) { return p->stop_ms && now_ms() >= p->stop_ms; }

bool moving_late(const Picture *p) { return p->moving.number > 0 && out_of_time(p); }

/* Rows of more than three bytes a pixel are packed first. */
static void rows_give(const Picture *p, PdqRows *rows, Arena *mem, const uint8_t *pixels, int step)
{
    uint8_t *line = step == 3 ? NULL : arena_new(mem, uint8_t, (size_t)3 * p->width);
    for (uint32_t y = 0; y < p->height; y++) {
        const uint8_t *from = pixels + (size_t)y * p->width * (size_t)step;
        for (uint32_t x = 0; line && x < p->width; x++)
            memcpy(line + (size_t)3 * x, from + (size_t)x * (size_t)step, 3);
        pdq_row_rgb(rows, line ? line : from);
    }
}

/* Its hashes are made by picture_hash, so it waits for them. */
static bool first(Picture *p, const uint8_t *pixels, int step)
{
    if (!picture_begin(p, p->width, p->height))
        return false;
    rows_give(p, p->rows, p->mem, pixels, step);
    if (p->frames_max > 0)
        *arena_push(p->mem, p->moving.frames, p->moving.count, p->moving.cap) = (DecodeFrame){0};
    return p->frames_max > 0;
}

static bool later(Picture *p, const uint8_t *pixels, int step)
{
    CLEANUP(arena_done) Arena scratch = {0};
    Moving *m = &p->moving;
    Pdq pdq;
    PdqRows *rows = pdq_begin(&scratch, p->width, p->height);
    if (m->count >= p->frames_max || m->count >= DECODE_FRAMES_MAX || !rows)
        return false;
    rows_give(p, rows, &scratch, pixels, step);
    pdq_end(rows, &pdq);
    DecodeFrame *f = arena_push(p->mem, m->frames, m->count, m->cap);
    *f = (DecodeFrame){ .number = m->number, .quality = pdq.quality, .at_us = m->at_us };
    memcpy(f->pdq, pdq.hash[PDQ_AS_IS].bytes, sizeof f->pdq);
    return true;
}

bool moving_frame(Picture *p, const uint8_t *pixels, int step, uint64_t shown_us)
{
    Moving *m = &p->moving;
    bool more = true;
    if (m->number == 0) {
        more = first(p, pixels, step);
    } else if (m->count < MOVING_EVERY_FRAME || m->at_us >= m->next_us) {
        more = later(p, pixels, step);
        m->next_us = p->frame_every_us ? (m->at_us / p->frame_every_us + 1) * p->frame_every_us : 0;
    }
    m->number++;
    m->at_us += shown_us < MOVING_SHOWN_LEAST_US ? MOVING_SHOWN_US : shown_us;
    if (more && m->number < MOVING_FRAMES_MAX && !out_of_time(p))
        return true;
    p->truncated = p->frames_max > 0;          /* nobody asked for more than the first */
    return false;
}

void moving_end(Picture *p, bool broken)
{
    p->truncated = p->truncated || broken;
    if (p->moving.number <= 1)
        p->moving.count = 0;
}

void moving_first(Picture *p, const Pdq *pdq)
{
    if (p->moving.count == 0)
        return;
    p->moving.frames[0].quality = pdq->quality;
    memcpy(p->moving.frames[0].pdq, pdq->hash[PDQ_AS_IS].bytes, sizeof p->moving.frames[0].pdq);
}
