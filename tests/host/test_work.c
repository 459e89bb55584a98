// test_work.c - workload files: what is read, what is refused with which
// words, what tasks then do, and random bytes.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sched/sim/work.h"
#include "tests/host/harness.h"

#define MOST 200

static struct work w;
static struct work_task task[MOST];

static int
parse(const char *text)
{
  memset(&w, 0x5a, sizeof(w));
  return work_parse(&w, "f", text, strlen(text));
}

static int
tasks(const char *text)
{
  assert_int_equal(parse(text), 0);
  return work_tasks(&w, task, MOST);
}

// What task i does, in letters, as if each run and sleep took its time from
// `now` on.
static const char *
story(int i, int64_t now)
{
  static const char letter[] = "rsySfwm?lx";
  static char text[300];
  struct work_at at;
  int n = 0;

  work_begin(&w, &task[i], &at);
  while (n < 298) {
    const struct work_step *s = work_next(&w, &at, now);

    text[n++] = letter[s->op];
    if (s->op == WORK_EXIT)
      break;
    if (s->op == WORK_RUN || s->op == WORK_SLEEP)
      now += s->n;
  }
  text[n] = 0;
  return text;
}

static void
test_tasks(void **state)
{
  char label[WORK_LABEL];

  assert_int_equal(tasks("limit 2s\n"
                         "task a x2 at 3ms every 0.5ms # two\r\n"
                         "\trun 10ms\n\n"
                         "task b\n"
                         "  sleep 1us"),
                   3);
  assert_int_equal(w.limit, 2000000000);
  assert_int_equal(task[0].at, 3000000);
  assert_int_equal(task[1].at, 3500000);
  assert_int_equal(task[2].at, 0);
  work_label(&w, &task[1], label);
  assert_string_equal(label, "a.2");
  work_label(&w, &task[2], label);
  assert_string_equal(label, "b");
  assert_string_equal(story(0, 0), "rx");
  assert_string_equal(story(2, 0), "sx");
}

static void
test_times(void **state)
{
  static const struct {
    const char *word;
    int64_t ns;
  } good[] = {
    { "1ns", 1 },
    { "10ms", 10000000 },
    { "0.7ms", 700000 },
    { "1.000000001s", 1000000001 },
    { "12.5us", 12500 },
    { "1000s", WORK_MAXTIME },
  };
  static const char *const bad[] = { "10", "ms", ".5s", "1.s", "-1ms", "1 ms",
                                     "1001s", "1e3s", "1m", "0s", "1000.1s",
                                     "99999999999999999999s", "1.0000000001s",
                                     "0x10ms", "1mss" };
  char text[80];

  for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
    snprintf(text, sizeof(text), "task a\nrun %s", good[i].word);
    assert_int_equal(parse(text), 0);
    assert_int_equal(w.step[0].n, good[i].ns);
  }
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    snprintf(text, sizeof(text), "task a\nrun %s\n", bad[i]);
    assert_int_equal(parse(text), -1);
    assert_memory_equal(w.error, "f:2: ", 5);
  }
}

static void
test_steps(void **state)
{
  assert_int_equal(tasks("task s\n recv c\n run 1ms\n send c x3\n"
                         "task a\n set nice -5\n set burst 4ms\n lend s\n"
                         "yield\n wait b\n"
                         "task b\n sleep 1s\n"),
                   3);
  assert_string_equal(story(0, 0), "?rmx");
  assert_string_equal(story(1, 0), "SSlywx");
  assert_int_equal(w.step[2].n, 3);
  assert_int_equal(w.step[w.kind[1].first].n, -5);
  assert_int_equal(w.step[w.kind[1].first + 1].n, 4000000);
  assert_string_equal(w.attr[w.step[w.kind[1].first + 1].to], "burst");
  assert_int_equal(w.step[w.kind[1].first + 4].to, 2);
}

static void
test_loops(void **state)
{
  assert_int_equal(tasks("limit 1s\n"
                         "task a\n repeat 2\n run 1ms\n repeat 3\n yield\n"
                         " end\n end\n sleep 1ms\n"
                         "task b\n until 3ms\n run 1ms\n end\n yield\n"
                         "task c\n repeat 2\n until 2ms\n repeat 2\n run 1ms\n"
                         " end\n end\n yield\n end\n"
                         "task d\n forever\n run 4ms\n end\n"),
                   4);
  assert_string_equal(story(0, 0), "ryyyryyysx");
  assert_string_equal(story(1, 0), "rrryx");
  assert_string_equal(story(1, 2500000), "ryx");
  assert_string_equal(story(1, 3000000), "yx");
  assert_string_equal(story(2, 0), "rryyx");
  assert_int_equal(strspn(story(3, 0), "r"), 298);
}

// Each task's children follow each other, and are told of one by one.
static void
test_forks(void **state)
{
  struct work_at at;

  assert_int_equal(tasks("task a\n repeat 2\n fork b\n run 1ms\n fork c\n end\n"
                         "task z\n run 1s\n"
                         "task b x2\n fork c\n"
                         "task c\n until 1s\n run 1ms\n end\n"),
                   12);
  assert_int_equal(w.kind[2].total, 4);
  assert_int_equal(w.kind[3].total, 6);
  assert_int_equal(task[0].child, 2);
  work_begin(&w, &task[0], &at);
  for (int i = 0; i < 2; i++) {
    work_next(&w, &at, 0);
    assert_int_equal(at.forked, 2 + 3 * i);
    assert_int_equal(task[at.forked].kind, 2);
    assert_int_equal(task[at.forked + 1].parent, 0);
    work_next(&w, &at, 0);
    work_next(&w, &at, 0);
    assert_int_equal(at.forked, 4 + 3 * i);
    assert_int_equal(task[at.forked].kind, 3);
  }
  assert_int_equal(task[3].child, 9);
  assert_int_equal(task[9].parent, 3);
}

static void
test_too_many(void **state)
{
  assert_int_equal(tasks("task a x200\n run 1s\n"), 200);
  assert_int_equal(tasks("task a x201\n run 1s\n"), -1);
  assert_string_equal(w.error, "f:1: more tasks than there is room for");
  assert_int_equal(tasks("task a\n fork b\ntask b\n fork b\n"), -1);
  assert_string_equal(w.error, "f:3: more tasks than there is room for");
  assert_int_equal(tasks("task a\n repeat 1000000\n fork b\n end\n"
                         "task b\n repeat 1000000\n run 1ms\n end\n"),
                   -1);
}

static void
test_refused(void **state)
{
  static const struct {
    const char *text, *error;
  } bad[] = {
    { "", "f:0: no task that starts by itself" },
    { "# nothing\n", "f:1: no task that starts by itself" },
    { "run 1ms\n", "f:1: a step before the first task: run" },
    { "task\n", "f:1: a task without a name" },
    { "task 1a\n",
      "f:1: not a name (a letter first, 15 bytes at most): 1a" },
    { "task abcdefghijklmnop\n", "f:1: not a name (a letter first, 15 bytes "
                                 "at most): abcdefghijklmnop" },
    { "task a\ntask a\n", "f:2: two tasks of one name: a" },
    { "task a x0\n", "f:1: not a number from 1 to 1000000: x0" },
    { "task a at\n", "f:1: a time is missing, such as 10ms" },
    { "task a near 1s\n", "f:1: not xN, at TIME or every TIME: near" },
    { "task a x1000 every 2s\n",
      "f:1: the last of them would start too late" },
    { "task a\nrunn 1ms\n", "f:2: unknown word: runn" },
    { "task a\nrun\n", "f:2: something is missing after: run" },
    { "task a\nrun 1ms 2ms\n", "f:2: too much on this line, from: 2ms" },
    { "task a\nrun 5\n", "f:2: not a time, such as 10ms or 1.5s: 5" },
    { "task a\nset nice five\n", "f:2: not a number or a time: five" },
    { "task a\nfork b\n", "f:2: no task of that name: b" },
    { "task a\nwait a\n", "f:2: a task that waits for its own end" },
    { "task a\nlend b\ntask b\n",
      "f:2: lend only to a task described further up: b" },
    { "task b\ntask a\nlend b\nfork b\n",
      "f:3: lend only to a task that starts by itself" },
    { "task a\nsend c 3\n", "f:2: not x1 to x1000: 3" },
    { "task a\nsend c x1001\n", "f:2: not x1 to x1000: x1001" },
    { "task a\nend\n", "f:2: end without repeat, until or forever" },
    { "task a\nrepeat 3\n\nrun 1s\n", "f:2: a loop without end" },
    { "task a\nrepeat 3\nrun 1s\ntask b\n", "f:2: a loop without end" },
    { "task a\nrepeat 3\nend\n", "f:3: an empty loop" },
    { "task a\nuntil 1s\nyield\nend\n",
      "f:4: until and forever need run or sleep in each turn" },
    { "limit 1s\ntask a\nforever\nuntil 1s\nrun 1s\nend\nend\n",
      "f:7: until and forever need run or sleep in each turn" },
    { "task a\nrepeat 1001\nrepeat 1000\nyield\nend\nend\n",
      "f:3: loops inside loops of more than 1000000 turns together" },
    { "task a\nuntil 1s\nfork b\nrun 1s\nend\ntask b\n",
      "f:3: fork in a loop without a number of turns" },
    { "task a\nforever\nrun 1s\nend\n",
      "f:4: there is a forever: say \"limit TIME\" before the tasks" },
    { "task a\nfork b\ntask b at 1s\n",
      "f:3: a task that is forked has no start time" },
    { "task a\nlimit 1s\n", "f:2: limit stands before the first task" },
    { "limit 0s\ntask a\n", "f:1: a time above 0, please" },
    { "a b c d e f g h i\n", "f:1: too many words" },
    { "task \x01\xff\n", "f:1: not a name (a letter first, 15 bytes at most): "
                         "??" },
  };

  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    assert_int_equal(parse(bad[i].text), -1);
    assert_string_equal(w.error, bad[i].error);
  }
}

// A name of any length is cut where the message is full.
static void
test_long_file_name(void **state)
{
  char name[400];

  memset(name, 'n', sizeof(name));
  name[sizeof(name) - 1] = 0;
  assert_int_equal(work_parse(&w, name, "x", 1), -1);
  assert_non_null(strstr(w.error, ":1: unknown word: x"));
}

// A sentence at a time of what a file is made of, and sometimes any bytes.
// Whatever is read, its tasks do something that takes time or come to an end.
static size_t
invent(char *text, size_t size)
{
  static const char *const part[] = {
    "task a",    "task b x2", "task c at 1ms", "run 1ms",   "sleep 2ms",
    "yield",     "fork a",    "fork b",        "fork c",    "wait b",
    "repeat 2",  "repeat 3",  "until 5ms",     "forever",   "end",
    "send c x2", "recv c",    "lend a",        "set n 4ms", "limit 9ms",
    "end",       "end",       "x",             "# x",       "task",
  };
  size_t n = 0;

  for (int i = 1 + rand() % 16; i > 0 && n < size - 40; i--) {
    n += sprintf(text + n, "%s\n", part[rand() % 25]);
    if (rand() % 60 == 0)
      text[rand() % n] = rand();
  }
  return n;
}

static void
play_all(int n)
{
  for (int i = 0; i < n; i++) {
    struct work_at at;
    int64_t now = 0;
    int child = task[i].child;

    assert_in_range(child, i + 1, n);
    work_begin(&w, &task[i], &at);
    for (int k = 0; k < 20000 && now < w.limit; k++) {
      const struct work_step *s = work_next(&w, &at, now);

      if (s->op == WORK_EXIT)
        break;
      if (s->op == WORK_RUN || s->op == WORK_SLEEP)
        now += s->n;
      if (s->op == WORK_FORK) {
        assert_int_equal(at.forked, child);
        child += w.kind[s->to].count;
      }
      assert_in_range(k, 0, 19990);
    }
    assert_true(child <= (i + 1 < n ? task[i + 1].child : n));
  }
}

static void
test_random(void **state)
{
  int read = 0;

  srand(1);
  for (int i = 0; i < 200000; i++) {
    char text[700];
    size_t size = invent(text, sizeof(text));
    char *exact = malloc(size);
    int n;

    memcpy(exact, text, size);
    if (work_parse(&w, "f", exact, size) < 0) {
      assert_memory_equal(w.error, "f:", 2);
    } else {
      n = work_tasks(&w, task, MOST);
      assert_in_range(n + 1, 0, MOST + 1);
      play_all(n);
      read += n > 0;
    }
    free(exact);
  }
  assert_true(read > 1000);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_tasks),   cmocka_unit_test(test_times),
    cmocka_unit_test(test_steps),   cmocka_unit_test(test_loops),
    cmocka_unit_test(test_forks),   cmocka_unit_test(test_too_many),
    cmocka_unit_test(test_refused), cmocka_unit_test(test_long_file_name),
    cmocka_unit_test(test_random),
  };

  limit(100);
  return cmocka_run_group_tests_name("work", tests, 0, 0);
}
