/* exhibits.h: exhibits as other pages list them. */
#pragma once
#include "triage/exhibit.h"
#include "web/html.h"

void  exhibit_table(Html *h, const ExhibitRow *rows, size_t count);     /* nothing when there is none */
Json *exhibit_json(Arena *mem, const ExhibitRow *e);
