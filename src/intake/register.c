/* register.c: one registered offender, from the extract. */
#include "intake/formats.h"

const Column register_columns[] = {
    { "address",       OPTIONAL, column_text,     offsetof(RegisterIn, address)      },
    { "date_of_birth", REQUIRED, column_date,     offsetof(RegisterIn, born)         },
    { "family_name",   REQUIRED, column_text,     offsetof(RegisterIn, family)       },
    { "force",         OPTIONAL, column_text,     offsetof(RegisterIn, force)        },
    { "given_names",   REQUIRED, column_text,     offsetof(RegisterIn, given)        },
    { "offence",       OPTIONAL, column_text,     offsetof(RegisterIn, offence)      },
    { "postcode",      OPTIONAL, column_postcode, offsetof(RegisterIn, postcode)     },
    { "register_ref",  REQUIRED, column_text,     offsetof(RegisterIn, register_ref) },
    { "until",         OPTIONAL, column_date,     offsetof(RegisterIn, until)        },
    {0}
};

bool register_read(const ColumnMap *map, const CsvRow *csv, size_t line, Arena *mem, Record *out, Err *err)
{
    RegisterIn *r = arena_new(mem, RegisterIn, 1);
    *r = (RegisterIn){ .born = DATE_NONE, .until = DATE_NONE };
    out->kind = RECORD_REGISTER;
    out->entry = r;
    return columns_read(map, csv, line, mem, r, err);
}
