/* fuzz_cybertip.c: any bytes as a cybertip file. */
#include "fuzz_intake.h"

FUZZ_FORMAT("cybertip")
