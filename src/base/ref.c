#include "base/ref.h"
#include <string.h>

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
enum { LETTER_PLACE = 20, MAX_DIGITS = 13, BAD_DIGIT = 32 };

/* Multiplies by x in GF(32) = GF(2)[x] / (x^5 + x^2 + 1); x generates all 31 other elements. */
static unsigned times_x(unsigned v)
{
    return v & 16 ? ((v << 1) ^ 37) & 31 : v << 1;
}

static unsigned weighed(unsigned value, int place)
{
    while (place-- > 0)
        value = times_x(value);
    return value;
}

/* The check digit is the sum of the other digits, each times x^place (place 1 is next to the check digit
 * itself, whose weight is x^0). All weights are non-zero and differ, so one wrong digit, or any two
 * exchanged, changes the sum. */
static unsigned check_digit(char letter, const unsigned char *digits, int count)
{
    unsigned sum = weighed((unsigned)letter & 31, LETTER_PLACE);
    for (int i = 0; i < count; i++)
        sum ^= weighed(digits[i], count - i);
    return sum;
}

char *ref_write(Arena *mem, char letter, int64_t id)
{
    unsigned char digits[MAX_DIGITS];
    int count = 0;
    for (uint64_t n = id > 0 ? (uint64_t)id : 0; n; n >>= 5)
        digits[count++] = (unsigned char)(n & 31);
    for (int i = 0; i < count / 2; i++) {
        unsigned char swap = digits[i];
        digits[i] = digits[count - 1 - i];
        digits[count - 1 - i] = swap;
    }
    char text[REF_MAX] = { letter, '-' };
    for (int i = 0; i < count; i++)
        text[2 + i] = alphabet[digits[i]];
    text[2 + count] = alphabet[check_digit(letter, digits, count)];
    return str_copy(mem, text);
}

static unsigned digit_of(char c)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    if (c == 'O')
        c = '0';
    if (c == 'I' || c == 'L')
        c = '1';
    const char *found = c ? strchr(alphabet, c) : NULL;
    return found ? (unsigned)(found - alphabet) : BAD_DIGIT;
}

/* The kind's letter, case-blind; a zero is taken for the letter O. */
static bool is_letter(char typed, char letter)
{
    return typed == letter || (typed >= 'a' && typed <= 'z' && typed - 'a' + 'A' == letter) ||
           (typed == '0' && letter == 'O');
}

/* Everything after the letter, hyphens dropped; the check digit comes last. 0 if it cannot be a reference. */
static int read_digits(Str s, unsigned char digits[MAX_DIGITS + 1])
{
    int count = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '-')
            continue;
        unsigned d = digit_of(s.at[i]);
        if (d == BAD_DIGIT || count > MAX_DIGITS)
            return 0;
        digits[count++] = (unsigned char)d;
    }
    return count;
}

bool ref_read(Str text, char letter, int64_t *id, Err *err)
{
    unsigned char digits[MAX_DIGITS + 1];
    Str  s = str_trim(text);
    int  count = s.len && is_letter(s.at[0], letter) ? read_digits((Str){ s.at + 1, s.len - 1 }, digits) : 0;
    bool good = count >= 2 && digits[0] != 0 && check_digit(letter, digits, count - 1) == digits[count - 1];
    uint64_t n = 0;
    for (int i = 0; good && i < count - 1; i++) {
        good = n <= (uint64_t)INT64_MAX >> 5;
        n = n << 5 | digits[i];
    }
    if (!good) {
        err_set(err, ERR_INVALID, "That is not a reference beginning with %c.", letter);
        return err_hint(err, "Check each character, or copy the reference from where it is shown.");
    }
    *id = (int64_t)n;
    return true;
}
