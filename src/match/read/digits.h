/* digits.h: digests as text, read sixteen digits or more at a time where the processor can; every level gives
 * the same answers. Most of the bytes of a known-file list are such digits. */
#pragma once
#include "base/str.h"
#include "engine/cpu.h"

/* Writes half as many bytes as there are digits, which is an even number. False: one is none; then `out`
 * holds nothing of use. */
bool hex_digits(Cpu level, Str text, uint8_t *out);
/* Writes three bytes for every four characters, of which there is a multiple of four; no padding. */
bool base64_digits(Cpu level, Str text, uint8_t *out);
