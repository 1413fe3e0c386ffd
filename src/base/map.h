/* map.h: files mapped into memory, and large buffers of memory outside any arena.
 *
 * A mapped file must not be shortened by anyone while it is mapped: reading past its new end would stop the
 * process, so files that are mapped are replaced by renaming, never rewritten. Both kinds must be released;
 * {0} is the empty one. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

typedef struct Map { const uint8_t *at; size_t len; } Map;      /* an empty file has at == NULL */

/* Fails with ERR_NOT_FOUND when there is no such file, ERR_INVALID when it is not a plain file, else
 * ERR_STORE. */
MUST_USE bool map_file(const char *path, Map *map, Err *err);
MUST_USE bool map_fd(int fd, Map *map, Err *err); /* the same of an open file, which stays open */
void map_will_need(const Map *map, size_t at, size_t len);      /* begin to read it in; a hint */
/* Reads it in and maps it whole, which saves a fault for every few pages of a file that is in memory; a hint.
 */
void map_read_in(const Map *map, size_t at, size_t len);
void map_done(Map *map);                                        /* accepts {0}; for CLEANUP(map_done) */

/* Zeroed memory straight from the system, in huge pages where it has them: for tables of many megabytes that
 * are read or written out of order, where small pages would cost a second miss each. Address space only until
 * it is touched. Stops the process when there is none left, as arenas do. */
typedef struct Pages { uint8_t *at; size_t len; } Pages;
Pages pages_new(size_t len);
void pages_forget(Pages *pages, size_t at, size_t len); /* gives that part back; it reads as zero again */
void  pages_done(Pages *pages);                                 /* accepts {0}; for CLEANUP(pages_done) */
