/* footprints.c: one appearance of an account at an address, port and instant. */
#include "intake/formats.h"
#include "intake/normal.h"

typedef struct Row {
    const char *event_ref, *account, *service, *email, *phone, *device, *ip, *event, *md5, *sha1, *sha256,
        *file_name;
    const char *report_ref;
    WhenText    seen;
    int64_t     port;
    int         proxy;
} Row;

const Column footprints_columns[] = {
    { "account",        OPTIONAL, column_text,    offsetof(Row, account)    },
    { "device_id",      OPTIONAL, column_text,    offsetof(Row, device)     },
    { "email",          OPTIONAL, column_email,   offsetof(Row, email)      },
    { "event",          OPTIONAL, column_text,    offsetof(Row, event)      },
    { "event_ref",      REQUIRED, column_text,    offsetof(Row, event_ref)  },
    { "file_name",      OPTIONAL, column_text,    offsetof(Row, file_name)  },
    { "ip_address",     REQUIRED, column_address, offsetof(Row, ip)         },
    { "md5",            OPTIONAL, column_md5,     offsetof(Row, md5)        },
    { "phone",          OPTIONAL, column_phone,   offsetof(Row, phone)      },
    { "port",           OPTIONAL, column_port,    offsetof(Row, port)       },
    { "possible_proxy", OPTIONAL, column_yes_no,  offsetof(Row, proxy)      },
    { "report_ref",     OPTIONAL, column_text,    offsetof(Row, report_ref) },
    { "seen_at",        REQUIRED, column_instant, offsetof(Row, seen)       },
    { "service",        OPTIONAL, column_text,    offsetof(Row, service)    },
    { "sha1",           OPTIONAL, column_sha1,    offsetof(Row, sha1)       },
    { "sha256",         OPTIONAL, column_sha256,  offsetof(Row, sha256)     },
    {0}
};

static void sighting_fill(const Row *row, Arena *mem, SightingIn *s)
{
    const char *service = normal_account(mem, row->service);
    s->service = row->service;
    s->account = row->account;
    s->seen_at = row->seen.at;
    sighting_identify(mem, s, "account", service, row->account, normal_account(mem, row->account), service);
    sighting_identify(mem, s, "email", NULL, row->email, normal_email(mem, row->email), true);
    sighting_identify(mem, s, "phone", NULL, row->phone, normal_phone(mem, row->phone, NULL), true);
    sighting_identify(mem, s, "device", NULL, row->device, normal_device(mem, row->device), true);
    FootprintIn *f = footprint_add(mem, &s->footprints, row->ip, row->ip);
    f->port = row->port;
    f->when = row->seen;
    f->event = row->event ? row->event : "";
    f->proxy = row->proxy == 1;
}

static void file_fill(const Row *row, Arena *mem, ReferralIn *r)
{
    const struct { const char *kind, *value; } hashes[] = {
        { "md5", row->md5 }, { "sha1", row->sha1 }, { "sha256", row->sha256 },
    };
    FileIn file = { .file_ref = row->event_ref, .name = row->file_name, .viewed_by_provider = -1,
                    .publicly_available = -1 };
    FOR_EACH(h, hashes)
        if (h->value)
            hash_add(mem, &file.hashes, h->kind, h->value);
    if (!file.hashes)
        return;
    file.annotations = json_new_list();
    r->files = arena_new(mem, FileIn, 1);
    *r->files = file;
}

bool footprints_read(const ColumnMap *map, const CsvRow *csv, size_t line, Arena *mem, Record *out, Err *err)
{
    Row row = { .port = -1, .proxy = -1, .seen = { .at = INSTANT_NONE } };
    if (!columns_read(map, csv, line, mem, &row, err))
        return false;
    ReferralIn *r = arena_new(mem, ReferralIn, 1);
    *r = (ReferralIn){ .source = "footprint", .provider = row.service, .source_ref = row.event_ref,
                       .incident = row.seen, .summary = "An account seen at an internet address" };
    sighting_fill(&row, mem, referral_sighting(mem, r, "reported"));
    file_fill(&row, mem, r);
    out->kind = row.report_ref ? RECORD_FOOTPRINT : RECORD_REFERRAL;
    out->referral = r;
    out->report_ref = row.report_ref;
    if (!r->files)
        record_note(out, "file name", row.file_name);
    return true;
}
