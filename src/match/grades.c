#include "match/grades.h"
#include "base/csv.h"
#include "base/embedded.h"

typedef struct GradeRow { const char *scale, *grade; GradeMeaning means; } GradeRow;
struct Grades {
    GradeRow *rows;
    size_t    count, cap;
};

static bool row_read(Arena *mem, const CsvRow *row, Grades *g, Err *err)
{
    static const struct { const char *word; GradeMeaning means; } words[] = {
        { "illegal", GRADE_ILLEGAL }, { "not-illegal", GRADE_NOT_ILLEGAL }, { "undecided", GRADE_UNDECIDED },
    };
    if (row->count != 3)
        return err_set(err, ERR_INVALID, "Line %zu of the table of grades has not three columns.", row->line);
    FOR_EACH(w, words)
        if (str_eq(str_trim(row->fields[2]), str_of(w->word))) {
            *arena_push(mem, g->rows, g->count, g->cap) =
                (GradeRow){ str_from(mem, str_trim(row->fields[0])), str_from(mem, str_trim(row->fields[1])),
                            w->means };
            return true;
        }
    return err_set(err, ERR_INVALID,
                   "Line %zu of the table of grades: means illegal, not-illegal or undecided.", row->line);
}

bool grades_read(Arena *mem, Str csv, Grades **out, Err *err)
{
    Csv *reader = csv_new(mem, source_memory(mem, csv), ',');
    Grades *g = arena_new(mem, Grades, 1);
    CsvRow row;
    bool end = false;
    for (bool header = true;; header = false) {
        if (!csv_next(reader, &row, &end, err))
            return err_while(err, "reading the table of grades");
        if (end)
            break;
        if (!header && !row_read(mem, &row, g, err))
            return false;
    }
    *out = g;
    return true;
}

bool grades_load(Arena *mem, Grades **out, Err *err)
{
    const Embedded *table = embedded_find("data/known/grades.csv");
    return table ? grades_read(mem, embedded_str(table), out, err)
                 : err_set(err, ERR_BUG, "The table of grades is not in this program.");
}

GradeMeaning grade_means(const Grades *grades, const char *scale, const char *grade)
{
    bool scaled = scale && scale[0], graded = grade && grade[0];
    if (!graded)
        return scaled ? GRADE_UNDECIDED : GRADE_ILLEGAL;
    for (size_t i = 0; i < grades->count; i++)
        if (str_same(grades->rows[i].scale, scale) && str_same(grades->rows[i].grade, grade))
            return grades->rows[i].means;
    return GRADE_ILLEGAL;
}
