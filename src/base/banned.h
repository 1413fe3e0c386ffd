/* banned.h: calls that are too easy to get wrong. The build includes it ahead of every file in src/, so using
 * one is a compile error; tools/check also refuses allocation outside base. Use str.h, arena.h, when.h and
 * zone.h.
 *
 * The headers that declare them come first, because a poisoned name may not even be declared. */
#pragma once
#include <alloca.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol gets
#pragma GCC poison localtime gmtime localtime_r gmtime_r
