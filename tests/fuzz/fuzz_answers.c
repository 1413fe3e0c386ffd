/* fuzz_answers.c: any bytes as a answers file. */
#include "fuzz_intake.h"

FUZZ_FORMAT("answers")
