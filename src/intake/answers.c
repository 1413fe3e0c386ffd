/* answers.c: what one operator answered about one address at one instant. */
#include "intake/formats.h"

const Column answers_columns[] = {
    { "account_holder",        REQUIRED, column_text,     offsetof(AnswerIn, account_holder)        },
    { "asked_at",              REQUIRED, column_instant,  offsetof(AnswerIn, asked)                 },
    { "billing_address",       OPTIONAL, column_text,     offsetof(AnswerIn, billing_address)       },
    { "billing_postcode",      OPTIONAL, column_postcode, offsetof(AnswerIn, billing_postcode)      },
    { "date_of_birth",         OPTIONAL, column_date,     offsetof(AnswerIn, born)                  },
    { "email",                 OPTIONAL, column_email,    offsetof(AnswerIn, email)                 },
    { "installation_address",  REQUIRED, column_text,     offsetof(AnswerIn, installation_address)  },
    { "installation_postcode", REQUIRED, column_postcode, offsetof(AnswerIn, installation_postcode) },
    { "ip_address",            REQUIRED, column_address,  offsetof(AnswerIn, address)               },
    { "operator",              REQUIRED, column_text,     offsetof(AnswerIn, operator_name)         },
    { "operator_ref",          REQUIRED, column_text,     offsetof(AnswerIn, operator_ref)          },
    { "phone",                 OPTIONAL, column_phone,    offsetof(AnswerIn, phone)                 },
    { "port",                  OPTIONAL, column_port,     offsetof(AnswerIn, port)                  },
    { "session_end",           OPTIONAL, column_instant,  offsetof(AnswerIn, session_end)           },
    { "session_start",         OPTIONAL, column_instant,  offsetof(AnswerIn, session_start)         },
    { "shared_address",        OPTIONAL, column_yes_no,   offsetof(AnswerIn, shared_address)        },
    {0}
};

bool answers_read(const ColumnMap *map, const CsvRow *csv, size_t line, Arena *mem, Record *out, Err *err)
{
    AnswerIn *a = arena_new(mem, AnswerIn, 1);
    *a = (AnswerIn){ .port = -1, .born = DATE_NONE, .shared_address = 0, .billing_address = "",
                     .asked = { .at = INSTANT_NONE }, .session_start = { .at = INSTANT_NONE },
                     .session_end = { .at = INSTANT_NONE } };
    out->kind = RECORD_ANSWER;
    out->answer = a;
    if (!columns_read(map, csv, line, mem, a, err))
        return false;
    /* A session that ends before it starts was misread somewhere, and would tie the wrong household. */
    if (a->session_start.offset_known && a->session_end.offset_known &&
        a->session_end.at < a->session_start.at)
        return err_set(err, ERR_INVALID, "Line %zu: session_end is before session_start.", line);
    return true;
}
