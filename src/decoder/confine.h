/* confine.h: what a decoder may not do, whatever it has read.
 *
 * After confine_enter the process can compute, ask for memory up to a bound, read descriptors that it is sent
 * and answer on its socket. It cannot open, write or name a file, reach the network, start or trace a
 * process, or outlive its parent; the first attempt ends it (SIGSYS). */
#pragma once
#include "base/err.h"

/* The address sanitizer needs terabytes of addresses and says what it found on stderr. */
#if defined(__SANITIZE_ADDRESS__)
#define CONFINE_SANITIZED 1
#elif defined(__has_feature)
#define CONFINE_SANITIZED __has_feature(address_sanitizer)
#else
#define CONFINE_SANITIZED 0
#endif

enum {
    CONFINE_MEMORY_BYTES = 640 << 20,          /* on top of what the program itself maps */
    CONFINE_CPU_SECONDS  = 120,                /* the parent moves this on with each file */
    CONFINE_DESCRIPTORS  = 8,
};

/* `socket` is where answers go; every descriptor above it is closed. Fails when the kernel refuses any part.
 */
MUST_USE bool confine_enter(int socket, Err *err);
/* Ends this process when the one that made the socket, its parent, ends or has ended. */
MUST_USE bool confine_follow(int socket, Err *err);
