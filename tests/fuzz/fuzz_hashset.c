/* fuzz_hashset.c: any bytes as a hashset file. */
#include "fuzz_intake.h"

FUZZ_FORMAT("hashset")
