/* test.h: the small layer over cmocka that every *_test.c uses.
 *
 *   TEST(phone_is_normalised) { CHECK_TEXT(got, "+44..."); }
 *   TEST_MAIN(phone_is_normalised, too_short_is_refused)
 */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/err.h"
#define TEST(name) static void name(void **state __attribute__((unused)))
#define CHECK(cond) assert_true(cond)
#define CHECK_INT(got, want) assert_int_equal((got), (want))
#define CHECK_TEXT(got, want) assert_string_equal((got), (want))
/* A call that must succeed: prints what the error told when it does not. */
#define CHECK_OK(call, err) do { if (!(call)) { \
    print_error("%s: %s [%s]\n", #call, (err)->told, (err)->trail); fail(); } } while (0)
#define CHECK_FAILS(call, err, want_kind) do { assert_false(call); assert_int_equal((err)->kind, want_kind); \
    assert_true((err)->told[0] != 0); err_clear(err); } while (0)
#define TEST_1(n) cmocka_unit_test(n),
#define TEST_MAIN(...) int main(void) { const struct CMUnitTest tests[] = { TEST_LIST(__VA_ARGS__) }; \
    return cmocka_run_group_tests(tests, NULL, NULL); }
#define TEST_LIST(...) TEST_FOR(TEST_1, __VA_ARGS__)
#define TEST_FOR(m, ...) TEST_EXPAND(TEST_FOR4(m, __VA_ARGS__))
#define TEST_PAREN ()
#define TEST_EXPAND(...) TEST_E3(TEST_E3(TEST_E3(__VA_ARGS__)))
#define TEST_E3(...) TEST_E2(TEST_E2(TEST_E2(__VA_ARGS__)))
#define TEST_E2(...) TEST_E1(TEST_E1(TEST_E1(__VA_ARGS__)))
#define TEST_E1(...) __VA_ARGS__
#define TEST_FOR4(m, a, ...) m(a) __VA_OPT__(TEST_AGAIN TEST_PAREN (m, __VA_ARGS__))
#define TEST_AGAIN() TEST_FOR4
