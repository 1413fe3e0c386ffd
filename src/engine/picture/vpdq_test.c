/* vpdq_test.c: shares of common frames, both ways. */
#include "engine/picture/vpdq.h"
#include "base/rng.h"
#include "base/test.h"

static VpdqFrame frame_of(Rng *rng, int quality)
{
    VpdqFrame f = { .quality = quality };
    for (size_t i = 0; i < sizeof f.pdq; i++)
        f.pdq[i] = (uint8_t)rng_next(rng);
    return f;
}

TEST(an_excerpt_lies_wholly_in_its_video)
{
    Rng rng = rng_seed(7);
    VpdqFrame video[40], excerpt[10];
    VpdqMatch m;
    for (size_t i = 0; i < COUNT_OF(video); i++)
        video[i] = frame_of(&rng, 100);
    memcpy(excerpt, video + 20, sizeof excerpt);
    for (size_t i = 0; i < COUNT_OF(excerpt); i++)
        for (size_t bit = 0; bit < 31; bit++)
            excerpt[i].pdq[bit % 32] ^= (uint8_t)(1 << (i + bit) % 8);
    vpdq_match((VpdqVideo){ excerpt, 10 }, (VpdqVideo){ video, 40 }, 50, 31, &m);
    CHECK(m.query_percent == 100 && m.against_percent == 25 && m.query_met == 10 && m.against_met == 10);
    vpdq_match((VpdqVideo){ excerpt, 10 }, (VpdqVideo){ video, 40 }, 50, 30, &m);
    CHECK(m.query_percent == 0 && m.against_percent == 0);
}

TEST(frames_of_low_quality_say_nothing)
{
    Rng rng = rng_seed(8);
    VpdqFrame a[2] = { frame_of(&rng, 100), frame_of(&rng, 10) }, b[2] = { a[0], a[1] };
    VpdqMatch m;
    vpdq_match((VpdqVideo){ a, 2 }, (VpdqVideo){ b, 2 }, 50, 31, &m);
    CHECK(m.query_frames == 1 && m.query_percent == 100 && m.against_frames == 1);
    vpdq_match((VpdqVideo){ a + 1, 1 }, (VpdqVideo){ b, 2 }, 50, 31, &m);
    CHECK(m.query_frames == 0 && m.query_percent == 0 && m.against_percent == 0);
}

TEST_MAIN(an_excerpt_lies_wholly_in_its_video, frames_of_low_quality_say_nothing)
