#include "match/read/digits.h"
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Values are kept one up, so that 0 is no digit: what is not named here. */
static const uint8_t hex_values[256] = {
    ['0'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ['A'] = 11, 12, 13, 14, 15, 16, ['a'] = 11, 12, 13, 14, 15, 16 };
static const uint8_t base64_values[256] = {
    ['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    ['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50,
    51, 52,
    ['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, ['+'] = 63, ['/'] = 64 };

/* A value of 0 turns into all ones below, so one look at the end tells whether any was no digit. */
static bool hex_plain(Str text, uint8_t *out)
{
    const uint8_t *p = (const uint8_t *)text.at, *end = p + text.len;
    uint32_t bad = 0;
    for (; p < end; p += 2) {
        uint32_t high = hex_values[p[0]] - 1u, low = hex_values[p[1]] - 1u;
        bad |= high | low;
        *out++ = (uint8_t)(high << 4 | low);
    }
    return bad < 16;
}

static bool base64_plain(Str text, uint8_t *out)
{
    const uint8_t *p = (const uint8_t *)text.at, *end = p + text.len;
    uint32_t bad = 0;
    for (; p < end; p += 4, out += 3) {
        uint32_t a = base64_values[p[0]] - 1u, b = base64_values[p[1]] - 1u, c = base64_values[p[2]] - 1u,
                 d = base64_values[p[3]] - 1u, v = a << 18 | b << 12 | c << 6 | d;
        bad |= a | b | c | d;
        out[0] = (uint8_t)(v >> 16);
        out[1] = (uint8_t)(v >> 8);
        out[2] = (uint8_t)v;
    }
    return bad < 64;
}

#if defined(__x86_64__)

/* 32 digits to 16 bytes; the last step overlaps the one before when 32 does not divide the length. */
__attribute__((target("avx2"))) static bool hex_avx2(Str text, uint8_t *out)
{
    const __m256i nine = _mm256_set1_epi8(9), five = _mm256_set1_epi8(5);
    __m256i good = _mm256_set1_epi8(-1);
    for (size_t done = 0; done < text.len; done += 32) {
        size_t i = done + 32 <= text.len ? done : text.len - 32;
        __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)(text.at + i));
        __m256i digit = _mm256_sub_epi8(c, _mm256_set1_epi8('0'));
        __m256i letter = _mm256_sub_epi8(_mm256_or_si256(c, _mm256_set1_epi8(0x20)), _mm256_set1_epi8('a'));
        __m256i is_digit = _mm256_cmpeq_epi8(_mm256_min_epu8(digit, nine), digit);
        __m256i is_letter = _mm256_cmpeq_epi8(_mm256_min_epu8(letter, five), letter);
        good = _mm256_and_si256(good, _mm256_or_si256(is_digit, is_letter));
        __m256i value = _mm256_blendv_epi8(_mm256_add_epi8(letter, _mm256_set1_epi8(10)), digit, is_digit);
        __m256i pairs = _mm256_maddubs_epi16(value, _mm256_set1_epi16(0x0110));
        __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi16(pairs, pairs), 0x08);
        _mm_storeu_si128((__m128i *)(void *)(out + i / 2), _mm256_castsi256_si128(packed));
    }
    return _mm256_movemask_epi8(good) == -1;
}

__attribute__((target("avx2"))) static inline __m256i within(__m256i c, char from, char to)
{
    __m256i above = _mm256_sub_epi8(c, _mm256_set1_epi8(from));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(above, _mm256_set1_epi8((char)(to - from))), above);
}

/* 32 characters to 24 bytes: to values of six bits each, then two and two together. */
__attribute__((target("avx2"))) static bool base64_avx2(Str text, uint8_t *out)
{
    const __m256i order = _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1,
                                           2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    __m256i good = _mm256_set1_epi8(-1);
    size_t i = 0;
    for (; i + 32 <= text.len; i += 32) {
        __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)(text.at + i));
        __m256i upper = within(c, 'A', 'Z'), lower = within(c, 'a', 'z'), digit = within(c, '0', '9');
        __m256i plus = _mm256_cmpeq_epi8(c, _mm256_set1_epi8('+'));
        __m256i slash = _mm256_cmpeq_epi8(c, _mm256_set1_epi8('/'));
        __m256i shift = _mm256_or_si256(
            _mm256_or_si256(_mm256_and_si256(upper, _mm256_set1_epi8(-'A')),
                            _mm256_and_si256(lower, _mm256_set1_epi8(26 - 'a'))),
            _mm256_or_si256(_mm256_and_si256(digit, _mm256_set1_epi8(52 - '0')),
                            _mm256_or_si256(_mm256_and_si256(plus, _mm256_set1_epi8(62 - '+')),
                                            _mm256_and_si256(slash, _mm256_set1_epi8(63 - '/')))));
        good = _mm256_and_si256(good, _mm256_or_si256(_mm256_or_si256(upper, lower),
                                                      _mm256_or_si256(digit, _mm256_or_si256(plus, slash))));
        __m256i value = _mm256_add_epi8(c, shift);
        __m256i twelve = _mm256_maddubs_epi16(value, _mm256_set1_epi16(0x0140));
        __m256i all = _mm256_shuffle_epi8(_mm256_madd_epi16(twelve, _mm256_set1_epi32(0x00011000)), order);
        uint8_t bytes[32], *to = out + i / 4 * 3;
        _mm256_storeu_si256((__m256i *)(void *)bytes, all);
        memcpy(to, bytes, 12);
        memcpy(to + 12, bytes + 16, 12);
    }
    return _mm256_movemask_epi8(good) == -1 &&
           base64_plain((Str){ text.at + i, text.len - i }, out + i / 4 * 3);
}

bool hex_digits(Cpu level, Str text, uint8_t *out)
{
    return level == CPU_PORTABLE || text.len < 32 ? hex_plain(text, out) : hex_avx2(text, out);
}

bool base64_digits(Cpu level, Str text, uint8_t *out)
{
    return level == CPU_PORTABLE ? base64_plain(text, out) : base64_avx2(text, out);
}

#else
bool hex_digits(Cpu level, Str text, uint8_t *out) { (void)level; return hex_plain(text, out); }
bool base64_digits(Cpu level, Str text, uint8_t *out) { (void)level; return base64_plain(text, out); }
#endif
