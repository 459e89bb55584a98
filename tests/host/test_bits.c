// test_bits.c - bits.h against going through all bits.

#include "sched/bits.h"
#include "tests/host/harness.h"

static void
compare(uint64_t w)
{
  int first = 64, last = -1, count = 0;

  for (int i = 63; i >= 0; i--)
    if (w >> i & 1)
      first = i;
  for (int i = 0; i < 64; i++)
    if (w >> i & 1) {
      last = i;
      count++;
    }
  assert_int_equal(bits_first(w), first);
  assert_int_equal(bits_last(w), last);
  assert_int_equal(bits_count(w), count);
}

static void
test_bits(void **state)
{
  uint64_t seed = 3;

  compare(0);
  compare(UINT64_MAX);
  for (int i = 0; i < 64; i++) {
    compare(1ull << i);
    compare(UINT64_MAX << i);
    compare(UINT64_MAX >> i);
  }
  for (int i = 0; i < 10000; i++)
    compare(rnd(&seed, UINT64_MAX) & rnd(&seed, UINT64_MAX) >> i % 64);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_bits),
  };

  return cmocka_run_group_tests(tests, 0, 0);
}
