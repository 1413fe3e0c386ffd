/* value.c: making the values that are bound to statements. */
#include "store/store.h"
#include <string.h>
#include "base/when.h"

Value sql_null(void)            { return (Value){ .type = VALUE_NULL }; }
Value sql_int(int64_t n)        { return (Value){ .type = VALUE_INT, .number = n }; }
Value sql_id(int64_t id)        { return id ? sql_int(id) : sql_null(); }
Value sql_when(int64_t instant) { return instant != INSTANT_NONE ? sql_int(instant) : sql_null(); }
Value sql_date(int32_t date)    { return date != DATE_NONE ? sql_int(date) : sql_null(); }
Value sql_bool(bool b)          { return sql_int(b); }
Value sql_real(double d)        { return (Value){ .type = VALUE_REAL, .real = d }; }
Value sql_str(Str s)            { return (Value){ .type = VALUE_TEXT, .bytes = s }; }

Value sql_text(const char *text)
{
    return text ? sql_str((Str){ text, strlen(text) }) : sql_null();
}

Value sql_blob(const void *at, size_t len)
{
    return (Value){ .type = VALUE_BLOB, .bytes = { at, len } };
}
