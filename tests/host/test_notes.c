// test_notes.c - what policies tell to who listens (runq_note), and that it
// changes nothing.

#include <stdlib.h>
#include <string.h>

#include "tests/host/harness.h"

#define MOST 20000

static struct note {
  int id; // -1: no task
  enum sched_note what;
  int64_t a, b;
  nsec at;
} notes[MOST];
static int nnote;

static void
listen(const struct runq *rq, const struct task *t, enum sched_note what,
       int64_t a, int64_t b)
{
  assert_true(what >= 0 && what < SCHED_NOTES);
  assert_true(nnote < MOST);
  notes[nnote++] = (struct note){ t ? t->id : -1, what, a, b, rq->charged };
}

static struct machine *
listened(const struct sched_policy *policy, int nhart, const char *params)
{
  struct machine *m = machine_new(policy, nhart, 1, params, 1);

  m->rq[0]->note = listen;
  nnote = 0;
  return m;
}

static int
count(int id, enum sched_note what)
{
  int n = 0;

  for (int i = 0; i < nnote; i++)
    n += notes[i].id == id && notes[i].what == what;
  return n;
}

extern const struct sched_policy mlfq_policy, lottery_policy, stride_policy,
  eevdf_policy;

// A hog alone goes down by one level at a time, each boost puts it up again.
static void
test_levels(void **state)
{
  struct machine *m = listened(&mlfq_policy, 1, "levels=4 slice=10ms");
  struct job *j = machine_hog(m);
  int64_t at = 0;

  machine_run(m, MSEC(2500));
  assert_int_equal(count(-1, NOTE_BOOST), 2);
  assert_int_equal(count(j->t->id, NOTE_LEVEL), 3 * 3);
  for (int i = 0; i < nnote; i++) {
    if (notes[i].what == NOTE_BOOST) {
      assert_int_equal(notes[i].at % SEC(1), 0);
      at = notes[i].a;
      continue;
    }
    assert_int_equal(notes[i].b, at);
    assert_int_equal(notes[i].a, at + 1);
    at = notes[i].a;
  }
  machine_free(m);
}

// Who has won is who runs next, and tickets win as often as there are.
static void
test_draws(void **state)
{
  struct machine *m = listened(&lottery_policy, 1, "");
  struct job *one = machine_hog(m), *three = machine_hog(m);
  int mine;

  machine_set(m, one, "tickets", 100);
  machine_set(m, three, "tickets", 300);
  machine_run(m, SEC(20));
  for (int i = 0; i < nnote; i++) {
    assert_int_equal(notes[i].what, NOTE_DRAW);
    assert_true(notes[i].a >= 0 && notes[i].a < notes[i].b);
  }
  mine = count(one->t->id, NOTE_DRAW);
  assert_int_equal(mine + count(three->t->id, NOTE_DRAW), nnote);
  assert_in_range(mine, nnote / 5, nnote * 3 / 10);
  machine_free(m);
}

// Each pick tells the pass, of which nobody is far ahead.
static void
test_passes(void **state)
{
  struct machine *m = listened(&stride_policy, 1, "");

  machine_hog(m);
  machine_hog(m);
  machine_run(m, SEC(1));
  assert_true(nnote > 90);
  for (int i = 1; i < nnote; i++) {
    assert_int_equal(notes[i].what, NOTE_PASS);
    assert_int_equal(notes[i].b, 100);
    assert_true(notes[i].a >= notes[i - 1].a);
  }
  machine_free(m);
}

// No lag is more than a request, nor what is left of one.
static void
test_lags(void **state)
{
  struct machine *m = listened(&eevdf_policy, 1, "slice=3ms");

  for (int i = 0; i < 3; i++)
    machine_hog(m);
  machine_run(m, SEC(1));
  assert_true(nnote > 300);
  for (int i = 0; i < nnote; i++) {
    assert_int_equal(notes[i].what, NOTE_LAG);
    assert_true(llabs(notes[i].a) <= (int64_t)MSEC(3));
    assert_in_range(notes[i].b, 0, MSEC(3));
  }
  machine_free(m);
}

static struct machine *
some_work(const struct sched_policy *policy, bool heard)
{
  struct machine *m = machine_new(policy, 2, 1, "", 7);

  if (heard)
    m->rq[0]->note = listen;
  nnote = 0;
  for (int i = 0; i < 4; i++)
    machine_hog(m);
  machine_sleeper(m, MSEC(2), MSEC(15));
  machine_run(m, SEC(2));
  return m;
}

static void
test_nothing_changes(void **state)
{
  for (int i = 0; all_policies[i]; i++) {
    struct machine *a = some_work(all_policies[i], false);
    struct machine *b = some_work(all_policies[i], true);

    assert_true(a->nlog > 1);
    assert_int_equal(a->nlog, b->nlog);
    for (int k = 0; k < a->nlog; k++) {
      assert_int_equal(a->log[k].at, b->log[k].at);
      assert_int_equal(a->log[k].id, b->log[k].id);
    }
    machine_free(a);
    machine_free(b);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_levels),          cmocka_unit_test(test_draws),
    cmocka_unit_test(test_passes),          cmocka_unit_test(test_lags),
    cmocka_unit_test(test_nothing_changes),
  };

  limit(60);
  return cmocka_run_group_tests(tests, 0, 0);
}
