/* demo_device.h: one seized device of the demonstration, examined as an examiner would: made-up texts in a
 * folder, a made-up set that knows some of them, triage, and what it found recorded at an exhibit. Nothing in
 * it is a picture. */
#pragma once
#include "cli/cli.h"

/* At the exhibit of the most dangerous person that still waits; does nothing if none waits. */
MUST_USE bool demo_device(Cli *cli, const char *folder, const Hand *hand, Err *err);
