/* demo_people.h: what the invented people of the demonstration do about what waits on them. */
#pragma once
#include "cli/cli.h"

/* Acts on nearly every clock due before `until`, as its owner would, at hand->at; a few are left, so that the
 * board has something late on it, as any real one has. Returns how many were acted on. */
MUST_USE bool demo_people_act(Cli *cli, const Hand *hand, Instant until, bool leave_some, size_t *acted,
                              Err *err);
