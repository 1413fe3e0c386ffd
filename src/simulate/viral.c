/* viral.c: people of whom nothing is known but that they passed on one file which its senders call viral: in
 * the queue and on the boards one stands for all of them. Nothing comes of them, so no figure counts them. */
#include "simulate/world.h"

enum { VIRAL_PEOPLE = 60, RECENT_BATCHES = 5 };

void viral_make(World *w)
{
    Rng    r = stream(w, "viral", 0);
    int    count = scaled(w, VIRAL_PEOPLE);
    size_t recent = w->batch_count < RECENT_BATCHES ? w->batch_count : RECENT_BATCHES;
    for (int i = 0; i < count; i++) {
        Person *p = people_add(w, PERSON_VIRAL, below(&r, w->town_count));
        p->hotline = true;
        p->listed = p->table = false;
        p->first_batch = w->batch_count - 1 - below(&r, recent);
        report_add(w, w->person_count - 1, p->first_batch);
    }
}
