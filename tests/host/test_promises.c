// test_promises.c - each policy found in sched/ keeps what it promises, and
// what it tells about itself is sound.  No policy is known by name.

#include <string.h>

#include "tests/host/harness.h"

static uint64_t seed;

static void
live(struct machine *m)
{
  struct sched_promise p;
  int n = 20;

  if (!promised(m, "live", 0, &p))
    return;
  for (int i = 0; i < n; i++)
    if (i % 3 == 0)
      machine_sleeper(m, USEC(200), MSEC(1));
    else
      machine_hog(m);
  machine_run(m, SEC(20));
  for (int i = 0; i < n; i++)
    assert_in_range(stats(m, &m->job[i]).max_wait, 0, p.n[0] + n * p.n[1]);
}

static void
test_live(void **state)
{
  each_policy(seed, live);
}

static void
wait_bound(struct machine *m)
{
  struct sched_promise p;
  int n = 9;

  if (!promised(m, "wait", 0, &p))
    return;
  for (int i = 0; i < n; i++)
    if (i % 2)
      machine_sleeper(m, USEC(200) * i, MSEC(1));
    else
      machine_hog(m);
  machine_run(m, SEC(10));
  for (int i = 0; i < n; i++)
    assert_in_range(stats(m, &m->job[i]).max_wait, 0, (n - 1) * p.n[0]);
}

static void
test_wait(void **state)
{
  each_policy(seed, wait_bound);
}

static void
equal(struct machine *m)
{
  struct sched_promise p;

  if (!promised(m, "equal", 0, &p))
    return;
  for (int i = 0; i < 7; i++)
    machine_hog(m);
  for (int step = 0; step < 100; step++) {
    nsec least = NSEC_NEVER, most = 0;

    machine_run(m, MSEC(33));
    for (int i = 0; i < 7; i++) {
      nsec r = ran(m, &m->job[i]);

      least = r < least ? r : least;
      most = r > most ? r : most;
    }
    assert_true(most - least < 2 * (nsec)p.n[0]);
  }
}

static void
test_equal(void **state)
{
  each_policy(seed, equal);
}

// Three equal hogs on two harts that share a queue: 2/3 of a hart each.
static void
test_equal_on_two(void **state)
{
  for (int i = 0; all_policies[i]; i++) {
    struct machine *m = machine_new(all_policies[i], 2, 1, "", seed);
    struct sched_promise p;

    for (int k = 0; k < 3; k++)
      machine_hog(m);
    machine_run(m, SEC(30));
    for (int k = 0; promised(m, "equal", 0, &p) && k < 3; k++)
      assert_in_range(ran(m, &m->job[k]), SEC(20) - 2 * p.n[0],
                      SEC(20) + 2 * p.n[0]);
    machine_free(m);
  }
}

// By how much a is ahead of its share of what both have run, in ns.
static int64_t
ahead(struct machine *m, struct job *a, struct job *b)
{
  int64_t wa = sched_weight(m->rq[0], a->t), wb = sched_weight(m->rq[0], b->t);
  int64_t ra = ran(m, a), rb = ran(m, b);

  return ((__int128)wb * ra - (__int128)wa * rb) / (wa + wb);
}

// Of unequal tasks, any two, looked at every so often. A nanosecond may be lost
// in each division by a weight.
static void
lag(struct machine *m)
{
  const char *attr = m->policy->attrs ? m->policy->attrs[0].name : 0;
  struct sched_promise p;
  int64_t most = 0;

  if (!promised(m, "lag", 0, &p))
    return;
  for (int i = 0; i < 6; i++) {
    struct job *j = machine_job(m, 0, SCHED_ANYHART, 0);

    assert_int_equal(machine_set(m, j, attr, i == 0 ? 1 : 2 * i + 1), 0);
    machine_start(m, j, NSEC_NEVER);
  }
  for (int step = 0; step < 20000; step++) {
    machine_run(m, USEC(701));
    for (int i = 0; i < 6; i++)
      for (int k = 0; k < 6; k++)
        if (i != k && ahead(m, &m->job[i], &m->job[k]) > most)
          most = ahead(m, &m->job[i], &m->job[k]);
  }
  assert_in_range(most, p.n[0] / 2, p.n[0] + USEC(1));
}

static void
test_lag(void **state)
{
  each_policy(seed, lag);
}

static const char *const known[] = { "live",     "wait",    "equal",
                                     "tickets",  "level",   "strict",
                                     "boost",    "inherit", "arrival",
                                     "shortest", "nice",    "compensation",
                                     "transfer", "lag",     "priority" };

// Tables are sound.
static void
test_tables(void **state)
{
  for (int i = 0; all_policies[i]; i++) {
    const struct sched_policy *policy = all_policies[i];
    struct machine *m = machine_new(policy, 1, 1, "", seed);
    struct sched_promise p;
    int n = 0;

    assert_non_null(policy->surplus);
    for (int k = 0; policy->promise && policy->promise(m->param, k, &p); k++) {
      size_t w = 0;

      while (w < sizeof(known) / sizeof(known[0]) &&
             strcmp(known[w], p.name) != 0)
        w++;
      assert_true(w < sizeof(known) / sizeof(known[0]));
      assert_true(k < 100);
    }
    for (int k = 0; promised(m, "level", k, &p); k++)
      assert_int_equal(p.n[0], k);
    while (policy->stat_names && policy->stat_names[n])
      n++;
    assert_in_range(n, 0, SCHED_MAXSTAT);
    assert_true((policy->stat_names != 0) == (policy->stats != 0));
    machine_free(m);
  }
}

// Attributes: the default, both ends, beyond both ends, in each state.
static void
try_attribute(struct machine *m, struct job *j, const struct sched_attr *a)
{
  struct runq *rq = m->rq[j->t->queue < 0 ? 0 : j->t->queue];
  int64_t value;

  assert_int_equal(machine_set(m, j, a->name, a->min - 1), -1);
  assert_int_equal(machine_set(m, j, a->name, a->max + 1), -1);
  assert_int_equal(machine_set(m, j, a->name, a->max), 0);
  assert_int_equal(sched_get(rq, j->t, a->name, &value), 0);
  assert_int_equal(value, a->max);
  assert_int_equal(machine_set(m, j, a->name, a->min), 0);
  assert_int_equal(sched_get(rq, j->t, a->name, &value), 0);
  assert_int_equal(value, a->min);
}

static void
attributes(struct machine *m)
{
  const struct sched_attr *attrs = m->policy->attrs;
  struct job *j[3];

  j[0] = machine_hog(m);
  j[1] = machine_hog(m);
  j[2] = machine_job(m, 0, SCHED_ANYHART, 0);
  assert_int_equal(machine_set(m, j[0], "no such", 0), -1);
  for (int a = 0; attrs && attrs[a].name; a++) {
    int64_t value;

    assert_in_range(a, 0, SCHED_MAXATTR - 1);
    assert_int_equal(sched_get(m->rq[0], j[2]->t, attrs[a].name, &value), 0);
    assert_int_equal(value, attrs[a].init);
  }
  for (int a = 0; attrs && attrs[a].name; a++)
    for (int k = 0; k < 3; k++) // running, ready, blocked
      try_attribute(m, j[k], &attrs[a]);
}

static void
test_attributes(void **state)
{
  each_policy(seed, attributes);
}

// Children inherit each attribute, where that is promised.
static void
inherit(struct machine *m)
{
  const struct sched_attr *attrs = m->policy->attrs;
  struct sched_promise p;
  struct job *parent = machine_hog(m);

  if (!promised(m, "inherit", 0, &p))
    return;
  for (int a = 0; attrs && attrs[a].name; a++) {
    int64_t value = (attrs[a].min + attrs[a].max) / 3;
    int64_t got;
    struct job *child;

    assert_int_equal(machine_set(m, parent, attrs[a].name, value), 0);
    child = machine_job(m, parent, SCHED_ANYHART, 0);
    assert_int_equal(sched_get(m->rq[0], child->t, attrs[a].name, &got), 0);
    assert_int_equal(got, value);
  }
}

static void
test_inherit(void **state)
{
  each_policy(seed, inherit);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_tables),       cmocka_unit_test(test_live),
    cmocka_unit_test(test_wait),         cmocka_unit_test(test_equal),
    cmocka_unit_test(test_equal_on_two), cmocka_unit_test(test_attributes),
    cmocka_unit_test(test_inherit),      cmocka_unit_test(test_lag),
  };

  limit(280);
  seed = test_seed();
  return cmocka_run_group_tests_name("promises", tests, 0, 0);
}
