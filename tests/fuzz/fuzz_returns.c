/* fuzz_returns.c: any bytes as a returns file. */
#include "fuzz_intake.h"

FUZZ_FORMAT("returns")
