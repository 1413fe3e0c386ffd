/* fuzz_footprints.c: any bytes as a footprints file. */
#include "fuzz_intake.h"

FUZZ_FORMAT("footprints")
