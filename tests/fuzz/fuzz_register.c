/* fuzz_register.c: any bytes as a register file. */
#include "fuzz_intake.h"

FUZZ_FORMAT("register")
