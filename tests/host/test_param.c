// test_param.c - parameters: words that are good, and what is said of others.

#include <stdio.h>
#include <string.h>

#include "tests/host/harness.h"

enum { COUNT, TIME, SIGNED };

static const struct sched_param table[] = {
  [COUNT] = { "levels", UNIT_COUNT, 4, 1, 16 },
  [TIME] = { "slice", UNIT_TIME, MSEC(10), USEC(100), SEC(10) },
  [SIGNED] = { "bias", UNIT_COUNT, 0, -20, 19 },
  { 0 },
};

static const struct sched_policy toy = { .name = "toy", .params = table };
static const struct sched_policy bare = { .name = "bare" };

static int64_t values[SCHED_MAXPARAM];
static char err[200];

static int
set(const char *word)
{
  memset(err, '?', sizeof(err));
  return sched_param_set(&toy, values, word, err, sizeof(err));
}

static void
test_defaults(void **state)
{
  memset(values, 0x5a, sizeof(values));
  assert_int_equal(sched_params_init(&toy, values), 3);
  assert_int_equal(values[COUNT], 4);
  assert_int_equal(values[TIME], 10000000);
  assert_int_equal(values[SIGNED], 0);
  assert_int_equal(values[3], 0x5a5a5a5a5a5a5a5a);
  assert_int_equal(sched_params_init(&bare, values), 0);
}

static void
test_good(void **state)
{
  static const struct {
    const char *word;
    int which;
    int64_t value;
  } good[] = {
    { "levels=1", COUNT, 1 },
    { "levels=16", COUNT, 16 },
    { "levels=007", COUNT, 7 },
    { "bias=-20", SIGNED, -20 },
    { "bias=19", SIGNED, 19 },
    { "slice=10ms", TIME, 10000000 },
    { "slice=100us", TIME, 100000 },
    { "slice=123456ns", TIME, 123456 },
    { "slice=10s", TIME, 10000000000 },
    { "slice=1.5ms", TIME, 1500000 },
    { "slice=0.25s", TIME, 250000000 },
    { "slice=9.999999999s", TIME, 9999999999 },
    { "slice=1.0000000009s", TIME, 1000000000 }, // below 1 ns
  };

  for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
    sched_params_init(&toy, values);
    if (set(good[i].word) != 0)
      fail_msg("%s refused: %s", good[i].word, err);
    for (int k = 0; k < 3; k++)
      assert_int_equal(values[k],
                       k == good[i].which ? good[i].value : table[k].init);
  }
}

static void
test_bad(void **state)
{
  static const struct {
    const char *word, *err;
  } bad[] = {
    { "quantum=5ms",
      "quantum=5ms: toy has no such parameter; it has levels slice bias" },
    { "level=3",
      "level=3: toy has no such parameter; it has levels slice bias" },
    { "levelss=3",
      "levelss=3: toy has no such parameter; it has levels slice bias" },
    { "", ": toy has no such parameter; it has levels slice bias" },
    { "=3", "=3: toy has no such parameter; it has levels slice bias" },
    { "levels", "levels: no value; write a number" },
    { "levels=", "levels=: no value; write a number" },
    { "slice", "slice: no value; write it as in 10ms" },
    { "slice=", "slice=: no value; write it as in 10ms" },
    { "levels=0", "levels=0: out of range, which is 1 to 16" },
    { "levels=17", "levels=17: out of range, which is 1 to 16" },
    { "bias=-21", "bias=-21: out of range, which is -20 to 19" },
    { "levels=x", "levels=x: not a number" },
    { "levels=3x", "levels=3x: not a number" },
    { "levels=3 ", "levels=3 : not a number" },
    { "levels=-", "levels=-: not a number" },
    { "levels=--3", "levels=--3: not a number" },
    { "levels=3ms", "levels=3ms: not a number" },
    { "levels=99999999999999999999",
      "levels=99999999999999999999: not a number" },
    { "slice=0", "slice=0: out of range, which is 100us to 10s" },
    { "slice=99us", "slice=99us: out of range, which is 100us to 10s" },
    { "slice=10.1s", "slice=10.1s: out of range, which is 100us to 10s" },
    { "slice=10", "slice=10: not a time; write a number and ns, us, ms or s" },
    { "slice=ms", "slice=ms: not a time; write a number and ns, us, ms or s" },
    { "slice=10m",
      "slice=10m: not a time; write a number and ns, us, ms or s" },
    { "slice=10mss",
      "slice=10mss: not a time; write a number and ns, us, ms or s" },
    { "slice=-1ms",
      "slice=-1ms: not a time; write a number and ns, us, ms or s" },
    { "slice=1.ms",
      "slice=1.ms: not a time; write a number and ns, us, ms or s" },
    { "slice=.5ms",
      "slice=.5ms: not a time; write a number and ns, us, ms or s" },
    { "slice=1.2.3ms",
      "slice=1.2.3ms: not a time; write a number and ns, us, ms or s" },
    { "slice=9999999999999s",
      "slice=9999999999999s: not a time; write a number and ns, us, ms or s" },
  };

  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    sched_params_init(&toy, values);
    assert_int_equal(set(bad[i].word), -1);
    assert_string_equal(err, bad[i].err);
    for (int k = 0; k < 3; k++)
      assert_int_equal(values[k], table[k].init);
  }
}

static void
test_no_params(void **state)
{
  assert_int_equal(sched_param_set(&bare, values, "a=1", err, sizeof(err)), -1);
  assert_string_equal(err, "a=1: bare has no parameters");
}

// A parameter that takes a list: one more value, or two, at values[1].
static const struct sched_param lists[] = {
  { "slice", UNIT_TIME, MSEC(10), USEC(100), SEC(10), false, 2, 1 },
  { 0 },
};
static const struct sched_policy listed = { .name = "listed", .params = lists };

static void
check_list(const char *word, const char *what, int64_t a, int64_t b, int64_t c)
{
  int r = sched_param_set(&listed, values, word, err, sizeof(err));

  assert_int_equal(r, what ? -1 : 0);
  if (what)
    assert_string_equal(err, what);
  assert_int_equal(values[0], a);
  assert_int_equal(values[1], b);
  assert_int_equal(values[2], c);
  assert_int_equal(values[3], 0x5a5a5a5a5a5a5a5a);
}

static void
test_lists(void **state)
{
  memset(values, 0x5a, sizeof(values));
  assert_int_equal(sched_params_init(&listed, values), 1);
  check_list("slice=1ms,2ms,3ms", 0, MSEC(1), MSEC(2), MSEC(3));
  check_list("slice=4ms,5ms", 0, MSEC(4), MSEC(5), 0);
  check_list("slice=1ms,2ms,3ms,4ms", "slice=1ms,2ms,3ms,4ms: too many values",
             MSEC(4), MSEC(5), 0);
  check_list("slice=1ms,",
             "slice=1ms,: not a time; write a number and ns, us, "
             "ms or s",
             MSEC(4), MSEC(5), 0);
  check_list("slice=1ms,11s",
             "slice=1ms,11s: out of range, which is 100us to "
             "10s",
             MSEC(4), MSEC(5), 0);
  check_list("slice=6ms", 0, MSEC(6), 0, 0);
}

// The message never leaves its buffer, however small.
static void
test_short_buffer(void **state)
{
  const char *whole = "levels=17: out of range, which is 1 to 16";

  for (size_t n = 0; n <= strlen(whole) + 1; n++) {
    memset(err, '?', sizeof(err));
    assert_int_equal(sched_param_set(&toy, values, "levels=17", err, n), -1);
    if (n > 0) {
      assert_int_equal(strlen(err), n - 1);
      assert_memory_equal(err, whole, n - 1);
    }
    assert_int_equal(err[n], '?');
  }
}

// Each policy's own table is sound: defaults in range, names usable.
static void
test_policies(void **state)
{
  for (int i = 0; all_policies[i]; i++) {
    const struct sched_policy *policy = all_policies[i];
    int n = sched_params_init(policy, values);

    bool taken[SCHED_MAXPARAM] = { false };

    assert_in_range(n, 0, SCHED_MAXPARAM);
    for (int k = 0; k < n; k++) {
      const struct sched_param *p = &policy->params[k];
      char word[100];

      assert_true(p->min <= p->init && p->init <= p->max);
      assert_null(strpbrk(p->name, " =\"'$"));
      snprintf(word, sizeof(word), "%s=%lld%s", p->name, (long long)p->max,
               p->unit == UNIT_TIME ? "ns" : "");
      assert_int_equal(sched_param_set(policy, values, word, err, sizeof(err)),
                       0);
      assert_int_equal(values[k], p->max);
      assert_true(p->more < SCHED_MAXLIST);
      for (int j = 0; j < p->more; j++) {
        assert_in_range(p->more_at + j, n, SCHED_MAXPARAM - 1);
        assert_false(taken[p->more_at + j]);
        taken[p->more_at + j] = true;
      }
    }
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_defaults),     cmocka_unit_test(test_good),
    cmocka_unit_test(test_bad),          cmocka_unit_test(test_no_params),
    cmocka_unit_test(test_short_buffer), cmocka_unit_test(test_policies),
    cmocka_unit_test(test_lists),
  };

  limit(60);
  return cmocka_run_group_tests_name("param", tests, 0, 0);
}
