/* json.h: JSON documents (jansson behind this door only). Values are reference counted: what json_new_*,
 * json_read give is the caller's, release with CLEANUP(json_done); what json_set/json_push take is consumed;
 * what json_get/json_at give is borrowed. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "base/str.h"

typedef struct json_t Json;
typedef enum JsonType { JSON_TYPE_NONE, JSON_TYPE_NULL, JSON_TYPE_BOOL, JSON_TYPE_INT, JSON_TYPE_REAL,
                        JSON_TYPE_TEXT, JSON_TYPE_LIST, JSON_TYPE_OBJECT } JsonType;

/* Strict RFC 8259, UTF-8, duplicate keys refused, depth and size bounded by limits.h. */
MUST_USE bool json_read(Str text, Json **out, Err *err);
char *json_canonical(Arena *mem,
                     const Json *j); /* keys sorted by byte, no spaces, integers only: RFC 8785 subset */
char *json_pretty(Arena *mem, const Json *j);
void  json_done(Json **j);                         /* for CLEANUP; accepts NULL inside */
Json *json_keep(Json *j);                          /* one more reference */
bool  json_same(const Json *a, const Json *b);

Json *json_new_object(void);
Json *json_new_list(void);
Json *json_new_text(const char *text);             /* NULL gives JSON null; invalid UTF-8 is cleaned */
Json *json_new_int(int64_t n);
Json *json_new_bool(bool b);
Json *json_new_real(double d);                     /* reports only; never in a ledger body */
void  json_set(Json *object, const char *key, Json *value);
void  json_set_text(Json *object, const char *key, const char *text);  /* NULL: the key is left out */
void  json_set_int(Json *object, const char *key, int64_t n);
void  json_set_bool(Json *object, const char *key, bool b);
void  json_push(Json *list, Json *value);

JsonType json_type(const Json *j);                 /* NULL gives JSON_TYPE_NONE */
const Json *json_get(const Json *object, const char *key);   /* NULL if absent */
const char *json_text(const Json *object, const char *key);  /* NULL if absent or not text */
int64_t  json_int(const Json *object, const char *key, int64_t otherwise);
bool     json_bool(const Json *object, const char *key, bool otherwise);
double   json_number(const Json *object, const char *key, double otherwise);    /* whole or not */
size_t   json_count(const Json *list_or_object);
const Json *json_at(const Json *list, size_t i);
const char *json_text_of(const Json *text);
int64_t  json_int_of(const Json *number);
double   json_number_of(const Json *number);     /* 0 if it is none */
/* Walks an object's keys in sorted order. */
typedef bool JsonVisit(void *ctx, const char *key, const Json *value);
bool json_each(const Json *object, JsonVisit *visit, void *ctx);
