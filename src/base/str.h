/* str.h: text. C strings are UTF-8 and NUL-terminated; `Str` is a view into someone else's bytes. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"

typedef struct Str { const char *at; size_t len; } Str;
#define STR(lit) ((Str){ "" lit, sizeof(lit) - 1 })
#define STR_FMT  "%.*s"
#define STR_ARG(s) (int)(s).len, (s).at

Str   str_of(const char *text);                         /* NULL gives an empty view */
bool  str_eq(Str a, Str b);
bool  str_same(const char *a, const char *b);           /* strcmp == 0; NULL equals NULL only */
Str   str_trim(Str s);                                  /* ASCII white space off both ends */
bool  str_starts(const char *text, const char *prefix);
bool  str_blank(const char *text);                      /* NULL, empty or only white space */
char *str_copy(Arena *mem, const char *text);           /* NULL stays NULL */
char *str_copy_n(Arena *mem, const char *at, size_t len);
char *str_from(Arena *mem, Str s);
char *str_fmt(Arena *mem, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *str_vfmt(Arena *mem, const char *fmt, va_list args);
char *str_lower_ascii(Arena *mem, const char *text);
char *str_upper_ascii(Arena *mem, const char *text);
char *str_clip(Arena *mem, const char *text, size_t max_chars);  /* "…", counted, when cut */
bool  utf8_valid(Str s);
/* Bytes of the code point that starts at s.at[i], i < s.len; 0 if what stands there is not well-formed. */
size_t utf8_point(Str s, size_t i, uint32_t *value);
/* Every invalid byte becomes U+FFFD; control characters other than tab and newline too. CR LF becomes LF. */
char *utf8_clean(Arena *mem, Str s);

/* Whole-string number reading: no sign tricks, no trailing text, range checked. */
bool  str_int(Str s, int64_t min, int64_t max, int64_t *out);
bool  hex_read(Str s, uint8_t *out, size_t out_bytes);  /* exactly out_bytes * 2 digits, either case */
char *hex_write(Arena *mem, const uint8_t *bytes, size_t n);
char *base64_write(Arena *mem, const uint8_t *bytes, size_t n);
bool  base64_read(Arena *mem, Str s, uint8_t **out, size_t *n);   /* padded; white space is skipped */

/* A growing text. {.mem = arena} is empty and valid. */
typedef struct StrBuf { Arena *mem; char *at; size_t len, cap; } StrBuf;
void  buf_add(StrBuf *buf, const char *text);
void  buf_add_n(StrBuf *buf, const char *at, size_t len);
void  buf_char(StrBuf *buf, char c);
void  buf_fmt(StrBuf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *buf_text(StrBuf *buf);                            /* NUL-terminated, never NULL */
