// cmocka.h - what tests/host/harness.* use of cmocka, for a host program of a
// lab: an assertion that fails ends the run, and says so (frame/host.c).

#ifndef LABS_CMOCKA_H
#define LABS_CMOCKA_H

#include <string.h>

void lab_broken(const char *file, int line, const char *format, ...)
  __attribute__((noreturn, format(printf, 3, 4)));

#define fail_msg(...) lab_broken(__FILE__, __LINE__, __VA_ARGS__)
#define assert_true(x)                                                         \
  do {                                                                         \
    if (!(x))                                                                  \
      lab_broken(__FILE__, __LINE__, "not so: %s", #x);                        \
  } while (0)
#define assert_false(x)    assert_true(!(x))
#define assert_non_null(x) assert_true((x) != 0)
#define assert_null(x)     assert_true((x) == 0)
#define assert_int_equal(a, b)                                                 \
  do {                                                                         \
    long long lab_a = (long long)(a), lab_b = (long long)(b);                  \
    if (lab_a != lab_b)                                                        \
      lab_broken(__FILE__, __LINE__, "%s is %lld, not %lld", #a, lab_a,        \
                 lab_b);                                                       \
  } while (0)
#define assert_string_equal(a, b)     assert_true(strcmp(a, b) == 0)
#define assert_in_range(x, low, high) assert_true((x) >= (low) && (x) <= (high))

#endif
