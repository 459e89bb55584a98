// test_balance.c - with a queue a hart: shares of all harts together, and
// urgent tasks that do not wait beside others.  No policy is known by name;
// lengths and bounds are those of the wide promise: 5 % over ten seconds.

#include "tests/host/harness.h"

#define TICK MSEC(1)

static uint64_t seed;

// ---- shares -----------------------------------------------------------------

// The part of a hart that tasks of those weights should have, none more than a
// whole one.
static void
entitle(const int *weight, int n, int nhart, double *share)
{
  bool whole[MAXJOB] = { 0 };

  for (int round = 0; round < n; round++) {
    double left = nhart, sum = 0;

    for (int i = 0; i < n; i++)
      if (whole[i])
        left--;
      else
        sum += weight[i];
    for (int i = 0; i < n; i++)
      share[i] = whole[i] ? 1 : weight[i] * left / sum;
    for (int i = 0; i < n; i++)
      whole[i] = share[i] >= 1;
  }
}

// Hogs with these tickets; 0: equal ones.
static struct machine *
hogs(const struct sched_policy *policy, int nhart, const int *tickets, int n)
{
  struct machine *m = machine_new(policy, nhart, nhart, "", seed);

  for (int i = 0; i < n; i++) {
    struct job *j = machine_job(m, 0, SCHED_ANYHART, 0);

    if (tickets)
      assert_int_equal(machine_set(m, j, "tickets", tickets[i]), 0);
    machine_start(m, j, NSEC_NEVER);
  }
  return m;
}

// Run it for that long. By which part of what it should have is one most off?
static double
most_off(struct machine *m, const int *weight, nsec span)
{
  static const int ones[MAXJOB] = { [0 ... MAXJOB - 1] = 1 };
  double share[MAXJOB], most = 0;
  nsec before[MAXJOB];

  entitle(weight ? weight : ones, m->njob, m->nhart, share);
  for (int i = 0; i < m->njob; i++)
    before[i] = ran(m, &m->job[i]);
  machine_run(m, span);
  for (int i = 0; i < m->njob; i++) {
    double got = (double)(ran(m, &m->job[i]) - before[i]) / span;
    double off = got / share[i] - 1;

    off = off < 0 ? -off : off;
    most = off > most ? off : most;
  }
  return most;
}

static bool
shares_fairly(const struct sched_policy *policy)
{
  struct machine *m = machine_new(policy, 1, 1, "", seed);
  struct sched_promise p;
  bool yes = promised(m, "equal", 0, &p) || promised(m, "tickets", 0, &p) ||
             promised(m, "level", 0, &p) || promised(m, "nice", 0, &p);

  machine_free(m);
  return yes;
}

static void
assert_equal(const struct sched_policy *policy, int nhart, int n)
{
  struct machine *m = hogs(policy, nhart, 0, n);
  double off = most_off(m, 0, SEC(10));

  if (off > 0.05)
    fail_msg("%s: of %d hogs on %d harts one is off by %.1f %%", policy->name,
             n, nhart, off * 100);
  machine_free(m);
}

// One more than harts, for all that have something to do with shares; any
// number, if they are to be equal.
static void
test_equal(void **state)
{
  for (int i = 0; all_policies[i]; i++) {
    struct machine *m = machine_new(all_policies[i], 1, 1, "", seed);
    struct sched_promise p;
    bool equal = promised(m, "equal", 0, &p);

    machine_free(m);
    if (!shares_fairly(all_policies[i]))
      continue;
    for (int nhart = 2; nhart <= 8; nhart *= 2)
      for (int n = nhart + 1; n <= nhart + (equal ? nhart : 1); n++)
        assert_equal(all_policies[i], nhart, n);
  }
}

// What the test above finds if nobody evens out.
static void
test_off(void **state)
{
  for (int i = 0; all_policies[i]; i++) {
    struct machine *m;

    if (!shares_fairly(all_policies[i]))
      continue;
    m = hogs(all_policies[i], 2, 0, 3);
    m->balance = false;
    assert_true(most_off(m, 0, SEC(10)) > 0.2);
    machine_free(m);
  }
}

// Equal loads stay as they are.
static void
test_no_needless_moves(void **state)
{
  for (int i = 0; all_policies[i]; i++) {
    struct machine *m = hogs(all_policies[i], 4, 0, 8);
    struct sched_promise p;
    uint64_t moves = 0;

    machine_run(m, SEC(10));
    for (int k = 0; promised(m, "equal", 0, &p) && k < m->njob; k++)
      moves += m->job[k].t->st.moved;
    assert_int_equal(moves, 0);
    machine_free(m);
  }
}

// Long enough for draws by lot to even out to within 5 %.
static void
test_tickets(void **state)
{
  static const struct {
    int nhart, n, tickets[16];
  } tries[] = {
    { 2, 6, { 3, 2, 1, 3, 2, 1 } },
    { 2, 6, { 300, 100, 300, 100, 200, 200 } },
    { 2, 6, { 300, 300, 200, 200, 100, 100 } },
    { 2, 3, { 300, 100, 200 } },
    { 2, 3, { 100, 100, 99 } },
    { 2, 3, { 100, 100, 60 } },
    { 2, 3, { 500, 100, 100 } },
    { 2, 7, { 3, 2, 1, 3, 2, 1, 1 } },
    { 4, 12, { 3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1 } },
    { 3, 9, { 10, 9, 8, 7, 6, 5, 4, 3, 2 } },
  };

  for (int i = 0; all_policies[i]; i++) {
    struct machine *m = machine_new(all_policies[i], 1, 1, "", seed);
    struct sched_promise p;
    bool yes = promised(m, "tickets", 0, &p);

    machine_free(m);
    for (size_t k = 0; yes && k < sizeof(tries) / sizeof(tries[0]); k++) {
      double off;

      m = hogs(all_policies[i], tries[k].nhart, tries[k].tickets, tries[k].n);
      off = most_off(m, tries[k].tickets, SEC(500));
      if (off > 0.05)
        fail_msg("%s, number %zu: off by %.1f %%", m->policy->name, k,
                 off * 100);
      machine_free(m);
    }
  }
}

// ---- urgency ----------------------------------------------------------------

// How long each has waited while a hart that it may use ran a less urgent one.
static nsec beside[MAXJOB];

static bool
waits_beside(struct machine *m, const struct task *t)
{
  struct runq *rq = machine_queue(m, t);

  if (t->state != TASK_READY)
    return false;
  for (int h = 0; h < m->nhart; h++)
    if (m->on[h] && task_may_run(t, h) &&
        m->policy->urgency(m->rq[h], m->on[h]) > m->policy->urgency(rq, t))
      return true;
  return false;
}

// How long what is ahead of it on its queue may run: the slice of its level;
// or no more than what is left of its own burst, if nobody comes meanwhile.
static nsec
turn(struct machine *m, struct job *j)
{
  struct sched_promise p;

  if (promised(m, "shortest", 0, &p))
    return stat(m, j, "left");
  if (!promised(m, "level", stat(m, j, "level"), &p))
    fail_msg("%s has urgency and no levels", m->policy->name);
  return p.n[1];
}

// Hogs, sunk, one on each hart; and three newcomers that became ready on one
// of them.
static struct machine *
crowded(const struct sched_policy *policy)
{
  struct machine *m = machine_new(policy, 4, 4, "", seed);

  for (int i = 0; i < 4; i++)
    machine_start(m, machine_job(m, 0, 1 << i, 0), NSEC_NEVER);
  machine_run(m, MSEC(500));
  for (int i = 0; i < 3; i++)
    machine_start(m, machine_job(m, 0, 1 << 0, 0), NSEC_NEVER);
  for (int i = 4; i < 7; i++)
    machine_affinity(m, &m->job[i], SCHED_ANYHART);
  return m;
}

static struct machine *
mixed(const struct sched_policy *policy)
{
  struct machine *m = machine_new(policy, 4, 4, "", seed);

  for (int i = 0; i < 6; i++)
    machine_hog(m);
  for (int i = 0; i < 9; i++)
    machine_sleeper(m, MSEC(1) + i * USEC(700), MSEC(5) + i * MSEC(4));
  return m;
}

// How often somebody waits for too long in the next `span`.
static int
long_waits(struct machine *m, nsec span)
{
  int n = 0;

  for (int i = 0; i < m->njob; i++)
    beside[i] = 0;
  for (nsec end = m->now + span; m->now < end;) {
    machine_run(m, TICK);
    for (int i = 0; i < m->njob; i++) {
      struct job *j = &m->job[i];

      beside[i] = waits_beside(m, j->t) ? beside[i] + TICK : 0;
      n += beside[i] > turn(m, j) + TICK;
    }
  }
  return n;
}

static void
test_urgent(void **state)
{
  for (int i = 0; all_policies[i]; i++) {
    struct sched_promise p;
    struct machine *m;

    if (all_policies[i]->urgency == 0)
      continue;
    m = mixed(all_policies[i]);
    if (!promised(m, "shortest", 0, &p)) // there some come and come
      assert_int_equal(long_waits(m, SEC(5)), 0);
    machine_free(m);
    m = crowded(all_policies[i]);
    assert_int_equal(long_waits(m, MSEC(200)), 0);
    machine_free(m);
  }
}

// And if no hart sends them on, some do wait longer.
static void
test_urgent_off(void **state)
{
  for (int i = 0; all_policies[i]; i++) {
    struct machine *m;

    if (all_policies[i]->urgency == 0)
      continue;
    m = crowded(all_policies[i]);
    m->balance = false;
    assert_true(long_waits(m, MSEC(200)) > 0);
    machine_free(m);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_equal),
    cmocka_unit_test(test_off),
    cmocka_unit_test(test_no_needless_moves),
    cmocka_unit_test(test_tickets),
    cmocka_unit_test(test_urgent),
    cmocka_unit_test(test_urgent_off),
  };

  limit(120);
  seed = test_seed();
  return cmocka_run_group_tests_name("balance", tests, 0, 0);
}
