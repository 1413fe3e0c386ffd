/* list.c: one person named on a list of purchases. */
#include "intake/formats.h"
#include "intake/normal.h"

typedef struct Row {
    const char *list_ref, *given, *family, *address, *town, *postcode, *country, *email, *phone, *account,
        *service;
    const char *item, *price, *card, *ip, *occupation, *remarks;
    Date        born;
    WhenText    bought;
    int64_t     port;
} Row;

/* Lists often carry a day without a time, which is kept and stays unresolved. */
static bool column_day_or_instant(Arena *mem, const char *text, void *to, const char **why)
{
    Date day;
    if (!date_parse(str_of(text), &day))
        return column_instant(mem, text, to, why);
    *(WhenText *)to = (WhenText){ .verbatim = text, .at = INSTANT_NONE };
    return true;
}

const Column list_columns[] = {
    { "account",       OPTIONAL, column_text,           offsetof(Row, account)    },
    { "address",       OPTIONAL, column_text,           offsetof(Row, address)    },
    { "card_last4",    OPTIONAL, column_text,           offsetof(Row, card)       },
    { "country",       OPTIONAL, column_text,           offsetof(Row, country)    },
    { "date_of_birth", OPTIONAL, column_date,           offsetof(Row, born)       },
    { "email",         OPTIONAL, column_email,          offsetof(Row, email)      },
    { "family_name",   REQUIRED, column_text,           offsetof(Row, family)     },
    { "given_names",   OPTIONAL, column_text,           offsetof(Row, given)      },
    { "ip_address",    OPTIONAL, column_address,        offsetof(Row, ip)         },
    { "item",          OPTIONAL, column_text,           offsetof(Row, item)       },
    { "list_ref",      REQUIRED, column_text,           offsetof(Row, list_ref)   },
    { "occupation",    OPTIONAL, column_text,           offsetof(Row, occupation) },
    { "phone",         OPTIONAL, column_phone,          offsetof(Row, phone)      },
    { "port",          OPTIONAL, column_port,           offsetof(Row, port)       },
    { "postcode",      OPTIONAL, column_postcode,       offsetof(Row, postcode)   },
    { "price",         OPTIONAL, column_text,           offsetof(Row, price)      },
    { "purchased_at",  OPTIONAL, column_day_or_instant, offsetof(Row, bought)     },
    { "remarks",       OPTIONAL, column_text,           offsetof(Row, remarks)    },
    { "service",       OPTIONAL, column_text,           offsetof(Row, service)    },
    { "town",          OPTIONAL, column_text,           offsetof(Row, town)       },
    {0}
};

static void person_fill(const Row *row, Arena *mem, SightingIn *s)
{
    s->given = row->given;
    s->family = row->family;
    s->born = row->born;
    s->address = row->address;
    s->town = row->town;
    s->postcode = row->postcode;
    s->country = row->country;
    s->occupation = row->occupation;
    s->service = row->service;
    s->account = row->account;
    s->seen_at = row->bought.at;
    const char *service = normal_account(mem, row->service);
    sighting_identify(mem, s, "account", service, row->account, normal_account(mem, row->account), service);
    sighting_identify(mem, s, "email", NULL, row->email, normal_email(mem, row->email), true);
    sighting_identify(mem, s, "phone", NULL, row->phone, normal_phone(mem, row->phone, NULL), true);
    if (row->ip) {
        FootprintIn *f = footprint_add(mem, &s->footprints, row->ip, row->ip);
        f->port = row->port;
        f->when = row->bought;
        f->event = "Purchase";
    }
}

bool list_read(const ColumnMap *map, const CsvRow *csv, size_t line, Arena *mem, Record *out, Err *err)
{
    Row row = { .born = DATE_NONE, .port = -1, .bought = { .at = INSTANT_NONE } };
    if (!columns_read(map, csv, line, mem, &row, err))
        return false;
    ReferralIn *r = arena_new(mem, ReferralIn, 1);
    *r = (ReferralIn){ .source = "list",
                       .source_ref = row.list_ref,
                       .incident_type = "purchase",
                       .incident = row.bought,
                       .summary = "Named on a list of purchases" };
    person_fill(&row, mem, referral_sighting(mem, r, "reported"));
    out->kind = RECORD_REFERRAL;
    out->referral = r;
    record_note(out, "item", row.item);
    record_note(out, "price", row.price);
    record_note(out, "card, last four digits", row.card);
    record_note(out, "purchased at", row.bought.verbatim);
    record_note(out, "remarks", row.remarks);
    return true;
}
