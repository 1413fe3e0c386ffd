/* err.h: one error, told to two readers: the person at the screen and the operator's log.
 *
 * Never put a name, address, message, image or hash in an Err: references and line numbers only. */
#pragma once
#include <stdbool.h>
#include "base/arena.h"

typedef enum ErrKind {
    ERR_NONE,
    ERR_INVALID,      /* fix the input */
    ERR_NOT_FOUND,    /* it is not there, or not for you */
    ERR_DENIED,       /* sign in, or ask for the role */
    ERR_CONFLICT,     /* someone changed it first: reload */
    ERR_LIMIT,        /* too big, too many, too deep, too often */
    ERR_STORE,        /* disk or database: try later */
    ERR_BUG,          /* our mistake */
} ErrKind;

typedef struct Err {
    ErrKind kind;
    char    told[160];    /* one plain sentence for the person at the screen */
    char    hint[160];    /* what they can do next; may be empty */
    char    trail[512];   /* what was being done, innermost first */
} Err;

/* All three return false, so that `return err_set(...)` reads well. */
bool err_set(Err *err, ErrKind kind, const char *told, ...) __attribute__((format(printf, 3, 4)));
bool err_hint(Err *err, const char *hint, ...) __attribute__((format(printf, 2, 3)));
bool err_while(Err *err, const char *doing, ...) __attribute__((format(printf, 2, 3)));
void err_clear(Err *err);
const char *err_kind_name(ErrKind kind);   /* "invalid", "not_found", ... */
