// test_tickets.c - shares by tickets: loans, of every policy that promises
// "transfer"; compensation, where it is promised; and what becomes of who has
// tickets for more than a hart.

#include "tests/host/harness.h"

static uint64_t seed;

static bool
has(const struct machine *m, const char *name)
{
  struct sched_promise p;

  return promised(m, name, 0, &p);
}

static struct job *
hog_with(struct machine *m, int64_t tickets)
{
  struct job *j = machine_job(m, 0, SCHED_ANYHART, 0);

  assert_int_equal(machine_set(m, j, "tickets", tickets), 0);
  machine_start(m, j, NSEC_NEVER);
  return j;
}

static int
lend(struct machine *m, struct job *j, int64_t lent)
{
  return sched_lend(machine_queue(m, j->t), j->t, lent, m->now);
}

// The part that a has of what a and b run from now on, in percent.
static double
part_of(struct machine *m, struct job *a, struct job *b, nsec span)
{
  nsec ran_a = ran(m, a), ran_b = ran(m, b);

  machine_run(m, span);
  ran_a = ran(m, a) - ran_a;
  ran_b = ran(m, b) - ran_b;
  return 100.0 * ran_a / (ran_a + ran_b);
}

#define EXPECT_PART(part, percent, by)                                         \
  do {                                                                         \
    double got = (part);                                                       \
                                                                               \
    if (got < (percent) - (by) || got > (percent) + (by))                      \
      fail_msg("line %d, %s: %.2f percent, not %.2f", __LINE__,                \
               m->policy->name, got, (double)(percent));                       \
  } while (0)

// ---- loans -----------------------------------------------------------------

static void
unknown(struct machine *m)
{
  struct job *j = machine_hog(m);

  assert_true(has(m, "transfer") == (m->policy->lend != 0));
  if (m->policy->lend == 0)
    assert_int_equal(lend(m, j, 5), -1);
}

static void
test_unknown(void **state)
{
  each_policy(seed, unknown);
}

// To one that runs, one that waits, one that sleeps. 20,000 draws: five
// standard deviations are 1.6 percent.
static void
loan(struct machine *m)
{
  const nsec span = SEC(200);

  if (!has(m, "transfer"))
    return;
  for (int k = 0; k < 3; k++) {
    struct job *a = hog_with(m, 100), *b = hog_with(m, 100);
    struct job *runs = m->on[0] == a->t ? a : b, *waits = runs == a ? b : a;
    struct job *to = k == 1 ? waits : runs;
    struct job *other = to == a ? b : a;

    if (k == 2) {
      sched_block(m->rq[0], to->t, m->now);
      m->on[0] = sched_pick(m->rq[0], 0, m->now);
    }
    assert_int_equal(lend(m, to, 200), 0);
    if (to->t->state == TASK_BLOCKED)
      machine_wake(m, to);
    machine_check(m);
    assert_int_equal(stat(m, to, "lent"), 200);
    EXPECT_PART(part_of(m, to, other, span), 75, 1.6);
    assert_int_equal(lend(m, to, 0), 0);
    EXPECT_PART(part_of(m, to, other, span), 50, 1.6);
    to->burst = other->burst = 0;
    to->act = other->act = act_exit;
    machine_run(m, SEC(1));
  }
}

static void
test_loan(void **state)
{
  each_policy(seed, loan);
}

// It is not an attribute, nor inherited; weight() counts it, up to its limit.
static void
alone(struct machine *m)
{
  struct job *j, *child;
  int64_t value;

  if (!has(m, "transfer"))
    return;
  j = hog_with(m, 70);
  assert_int_equal(lend(m, j, 200), 0);
  assert_int_equal(sched_weight(m->rq[0], j->t), 270);
  assert_int_equal(sched_get(m->rq[0], j->t, "tickets", &value), 0);
  assert_int_equal(value, 70);
  assert_int_equal(machine_set(m, j, "tickets", 50), 0);
  assert_int_equal(sched_weight(m->rq[0], j->t), 250);
  child = machine_job(m, j, SCHED_ANYHART, 0);
  assert_int_equal(sched_weight(m->rq[0], child->t), 50);
  assert_int_equal(lend(m, j, (int64_t)1 << 40), 0);
  assert_in_range(sched_weight(m->rq[0], j->t), 1000, SCHED_MAXWEIGHT);
  assert_int_equal(lend(m, j, 0), 0);
  assert_int_equal(sched_weight(m->rq[0], j->t), 50);
  expect_broken("sched_lend", 15, lend(m, j, -1));
}

static void
test_alone(void **state)
{
  each_policy(seed, alone);
}

// ---- compensation ----------------------------------------------------------

// Who uses a fifth, or a fiftieth, of its slice and yields, or sleeps a moment,
// has its share beside hogs.
static void
compensated(struct machine *m)
{
  static const nsec use[] = { MSEC(2), USEC(200) };

  if (!has(m, "compensation"))
    return;
  for (int k = 0; k < 2; k++) {
    struct job *hog = hog_with(m, 100);
    struct job *j = machine_job(m, 0, SCHED_ANYHART, act_yield);

    j->run_for = use[k];
    machine_start(m, j, j->run_for);
    machine_run(m, SEC(1));
    EXPECT_PART(part_of(m, j, hog, SEC(200)), 50, 2);
    machine_set(m, j, "tickets", 300);
    EXPECT_PART(part_of(m, j, hog, SEC(200)), 75, 2);
    j->act = hog->act = act_exit;
    hog->burst = j->burst = 1;
    machine_run(m, SEC(1));
  }
}

static void
test_compensated(void **state)
{
  each_policy(seed, compensated);
}

// Without: of each draw that it wins, it uses a fifth.
static void
test_not_compensated(void **state)
{
  struct machine *m = machine_new(&lottery_policy, 1, 1, "compensate=0", seed);
  struct job *hog = hog_with(m, 100);
  struct job *j = machine_job(m, 0, SCHED_ANYHART, act_yield);

  assert_false(has(m, "compensation"));
  j->run_for = MSEC(2);
  machine_start(m, j, j->run_for);
  EXPECT_PART(part_of(m, j, hog, SEC(200)), 17, 1);
  machine_free(m);
}

// It is there until the next draw that is won, and no longer: who goes on for
// whole slices has its share as well, not more.
static enum deed
act_by_turns(struct machine *m, struct job *j)
{
  j->burst = ++j->count % 2 ? MSEC(10) : MSEC(1);
  return YIELD;
}

static void
test_once(void **state)
{
  struct machine *m = machine_new(&lottery_policy, 1, 1, "", seed);
  struct job *hog = hog_with(m, 100);
  struct job *j = machine_job(m, 0, SCHED_ANYHART, act_by_turns);
  uint64_t mine, others;

  machine_start(m, j, MSEC(10));
  mine = stats(m, j).switches;
  others = stats(m, hog).switches;
  machine_run(m, SEC(400));
  mine = stats(m, j).switches - mine;
  others = stats(m, hog).switches - others;
  // After a whole slice it waits for one of the hog's, on average; after a
  // tenth for a tenth of one: 1.1 to 2.
  assert_in_range(others * 1000 / mine, 530, 570);
  machine_free(m);
}

// ---- several harts ---------------------------------------------------------

static bool
drawn(const struct machine *m)
{
  struct sched_promise p;

  return promised(m, "tickets", 0, &p) && p.n[1];
}

// With no more than a hart for each, CPU time goes by tickets, or weights. Of
// 80,000 draws, five standard deviations of a fifth are 2.8 percent of a hart.
static void
feasible(const struct sched_policy *policy, int nhart)
{
  static const int64_t tickets[] = { 500, 400, 400, 300, 300, 200, 200, 100 };
  struct machine *m = machine_new(policy, nhart, 1, "", seed);
  bool by_tickets = has(m, "tickets");
  struct job *j[8];
  nsec had[8];
  int64_t sum = 0;

  for (int i = 0; i < 8; i++) {
    j[i] = machine_hog(m);
    machine_set(m, j[i], by_tickets ? "tickets" : "nice",
                by_tickets ? tickets[i] : i - 4);
    sum += sched_weight(m->rq[0], j[i]->t);
  }
  machine_run(m, SEC(1));
  for (int i = 0; i < 8; i++)
    had[i] = ran(m, j[i]);
  machine_run(m, SEC(200));
  for (int i = 0; i < 8; i++) {
    int64_t w = sched_weight(m->rq[0], j[i]->t);
    double part = (ran(m, j[i]) - had[i]) * 100.0 / SEC(200);

    EXPECT_PART(part, 100.0 * nhart * w / sum, drawn(m) ? 3 : 0.1);
  }
  machine_free(m);
}

// One that has tickets for more than a hart, and so never waits, is not owed
// what it could not get: when others come with as many, it gets its part.
static void
more_than_a_hart(const struct sched_policy *policy)
{
  struct machine *m = machine_new(policy, 2, 1, "", seed);
  const char *attr = has(m, "tickets") ? "tickets" : "nice";
  int64_t high = has(m, "tickets") ? 1000 : -10,
          low = has(m, "tickets") ? 100 : 0;
  struct job *j[5];
  nsec had;

  for (int i = 0; i < 3; i++) {
    j[i] = machine_hog(m);
    assert_int_equal(machine_set(m, j[i], attr, i == 0 ? high : low), 0);
  }
  machine_run(m, SEC(100));
  for (int i = 3; i < 5; i++) {
    j[i] = machine_hog(m);
    assert_int_equal(machine_set(m, j[i], attr, high), 0);
  }
  machine_run(m, SEC(1)); // what is bounded may be owed
  had = ran(m, j[0]);
  machine_run(m, SEC(20));
  had = ran(m, j[0]) - had;
  // 1000 of 3200 tickets of two harts; or nearly a third of them.
  EXPECT_PART(had * 100.0 / SEC(20), 64, 4);
  machine_free(m);
}

static void
test_more_than_a_hart(void **state)
{
  for (int i = 0; all_policies[i]; i++) {
    struct machine *m = machine_new(all_policies[i], 1, 1, "", seed);
    bool shares = has(m, "tickets") || has(m, "nice");

    machine_free(m);
    if (shares)
      more_than_a_hart(all_policies[i]);
  }
}

static void
test_feasible(void **state)
{
  for (int i = 0; all_policies[i]; i++) {
    struct machine *m = machine_new(all_policies[i], 1, 1, "", seed);
    bool shares = has(m, "tickets") || has(m, "nice");

    machine_free(m);
    for (int nhart = 2; shares && nhart <= 4; nhart++)
      feasible(all_policies[i], nhart);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_unknown),
    cmocka_unit_test(test_loan),
    cmocka_unit_test(test_alone),
    cmocka_unit_test(test_compensated),
    cmocka_unit_test(test_not_compensated),
    cmocka_unit_test(test_once),
    cmocka_unit_test(test_more_than_a_hart),
    cmocka_unit_test(test_feasible),
  };

  limit(280);
  seed = test_seed();
  return cmocka_run_group_tests_name("tickets", tests, 0, 0);
}
