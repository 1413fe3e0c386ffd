/* grades.h: what a grade means, by a table that people own (data/known/grades.csv): scale, grade, and whether
 * a file of that grade is illegal, not illegal, or undecided. Grades themselves are never converted.
 *
 * A known file whose grade is not in the table counts as illegal, as its set says that it is known; one with
 * a scale and no grade has nobody's verdict. */
#pragma once
#include "base/err.h"
#include "base/str.h"

typedef enum GradeMeaning { GRADE_ILLEGAL, GRADE_UNDECIDED, GRADE_NOT_ILLEGAL } GradeMeaning;
typedef struct Grades Grades;
/* The table built into the program. */
MUST_USE bool grades_load(Arena *mem, Grades **out, Err *err);
MUST_USE bool grades_read(Arena *mem, Str csv, Grades **out, Err *err);
GradeMeaning grade_means(const Grades *grades, const char *scale, const char *grade);
