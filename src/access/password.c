#include "access/password.h"
#include <assert.h>
#include <sodium.h>
#include <string.h>
#include "access/access.h"
#include "base/embedded.h"

enum { SUGGESTED_WORDS = 4 };

bool password_hash(Arena *mem, const char *password, PasswordCost cost, const char **hash, Err *err)
{
    char *text = arena_new(mem, char, crypto_pwhash_STRBYTES);
    if (sodium_init() < 0 || crypto_pwhash_str_alg(text, password, strlen(password), cost.passes,
                                                   cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return err_set(err, ERR_LIMIT, "There is too little memory to check a password.")
            || err_hint(err, "Try again in a moment.");
    *hash = text;
    return true;
}

bool password_fits(const char *hash, const char *password)
{
    return sodium_init() >= 0 && strlen(password) <= PASSWORD_MAX
        && crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

const char *password_dummy(Arena *mem, PasswordCost cost)
{
    return str_fmt(mem,
                   "$argon2id$v=19$m=%zu,t=%u,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                   cost.memory_bytes / 1024, cost.passes);
}

static size_t different_bytes(const char *text)
{
    bool seen[256] = {0};
    size_t count = 0;
    for (const char *p = text; *p; p++) {
        count += !seen[(unsigned char)*p];
        seen[(unsigned char)*p] = true;
    }
    return count;
}

/* Length is what resists guessing; rules about digits and signs only make people write passwords down. */
bool password_acceptable(const char *password, const char *login, Err *err)
{
    Arena scratch = {0};
    size_t bytes = strlen(password);
    bool names_login =
        login && *login && strstr(str_lower_ascii(&scratch, password), login) && bytes < strlen(login) + 8;
    arena_done(&scratch);
    if (bytes < PASSWORD_MIN)
        err_set(err, ERR_INVALID, "The password is too short: use at least %d characters.", PASSWORD_MIN);
    else if (bytes > PASSWORD_MAX)
        err_set(err, ERR_INVALID, "The password is too long: use at most %d characters.", PASSWORD_MAX);
    else if (different_bytes(password) < 5)
        err_set(err, ERR_INVALID, "The password repeats too few characters.");
    else if (names_login)
        err_set(err, ERR_INVALID, "The password must not be the login.");
    else
        return true;
    return err_hint(err, "Four unrelated words are easy to remember and hard to guess.");
}

/* The list holds 2,048 words, so each chosen one adds 11 bits. */
char *password_suggest(Arena *mem)
{
    const Embedded *list = embedded_find("data/passwords-words.txt");
    assert(list);
    Str *words = NULL;
    size_t count = 0, cap = 0;
    for (const char *at = list->bytes; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        Str word = str_trim((Str){ at, strcspn(at, "\n") });
        if (word.len)
            *arena_push(mem, words, count, cap) = word;
    }
    assert(count >= 2048 && sodium_init() >= 0);
    StrBuf text = { .mem = mem };
    for (int i = 0; i < SUGGESTED_WORDS; i++) {
        Str word = words[randombytes_uniform((uint32_t)count)];
        if (i)
            buf_char(&text, '-');
        buf_add_n(&text, word.at, word.len);
    }
    return buf_text(&text);
}
