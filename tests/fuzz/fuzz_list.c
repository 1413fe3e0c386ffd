/* fuzz_list.c: any bytes as a list file. */
#include "fuzz_intake.h"

FUZZ_FORMAT("list")
