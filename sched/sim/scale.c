// scale.c - many harts and tasks: how fair is a policy, how long do tasks wait
// that wake up, how often do they change harts, and how does that change from
// 1 hart to 1,000?
//
// Of each 100 tasks, 4 run all the time; 6 run for 30 ms and sleep for 600, on
// average; 90 run for 1 ms and sleep for 300. Apart from the 4 they need 0.6
// harts. Times are drawn evenly from 0 to twice the mean.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sched/sim/hist.h"
#include "sched/sim/options.h"

enum kind { HOG, BURSTY, INTERACTIVE };

static const struct {
  nsec run, sleep;
} means[] = {
  [HOG] = { SEC(3600), 0 },
  [BURSTY] = { MSEC(30), MSEC(600) },
  [INTERACTIVE] = { MSEC(1), MSEC(300) },
};

struct load {
  enum kind kind;
  uint64_t rand;
  bool slept;
};

static struct hist latency; // of interactive tasks

static enum kind
kind_of(int i)
{
  i %= 100;
  return i % 25 == 0 ? HOG : i % 16 == 1 && i < 96 ? BURSTY : INTERACTIVE;
}

// 1 to 2 * mean - 1.
static nsec
draw(struct load *l, nsec mean)
{
  l->rand = l->rand * 6364136223846793005 + 1442695040888963407;
  return 1 + (l->rand >> 20) % (2 * mean - 1);
}

static struct sim_act
next(struct sim *s, struct sim_task *j)
{
  struct load *l = j->program;

  if (l->kind == HOG)
    return (struct sim_act){ SIM_RUN, NSEC_NEVER };
  l->slept = !l->slept;
  if (l->slept)
    return (struct sim_act){ SIM_RUN, draw(l, means[l->kind].run) };
  return (struct sim_act){ SIM_SLEEP, draw(l, means[l->kind].sleep) };
}

static void
note_woken(void *arg, const struct sim_task *j, nsec waited)
{
  if (((struct load *)j->program)->kind == INTERACTIVE)
    hist_add(&latency, waited);
}

static struct load *
add_tasks(struct sim *s, int n, uint64_t seed)
{
  struct load *loads = sim_more(0, n * sizeof(*loads));

  for (int i = 0; i < n; i++) {
    struct load *l = &loads[i];

    *l = (struct load){ kind_of(i), (seed << 32) + i, false };
    draw(l, 1 << 20);
    sim_start(s, sim_task(s, 0, next, l),
              l->kind == HOG ? 0 : draw(l, means[l->kind].sleep));
  }
  return loads;
}

// ---- a row -----------------------------------------------------------------

struct fair {
  double jain;   // (sum x)^2 / (n sum x^2): 1 if all have the same
  double spread; // (most - least) / mean
};

// Of the CPU times of those that always want more.
static struct fair
fairness(struct sim *s)
{
  double sum = 0, squares = 0, least = 1e300, most = 0;
  int n = 0;

  for (int i = 0; i < sim_ntask(s); i++) {
    struct sim_task *j = sim_find(s, i);
    struct task_stats st;

    if (((struct load *)j->program)->kind != HOG)
      continue;
    sim_stats(s, j, &st, 0);
    sum += st.ran;
    squares += (double)st.ran * st.ran;
    least = st.ran < least ? st.ran : least;
    most = st.ran > most ? st.ran : most;
    n++;
  }
  if (sum == 0)
    return (struct fair){ 1, 0 };
  return (struct fair){ sum * sum / (n * squares), (most - least) * n / sum };
}

static double
ms(nsec t)
{
  return (double)t / MSEC(1);
}

static void
head(void)
{
  printf("harts queues   tasks | Jain   spread |  p50 ms  p99 ms   max ms |"
         " moves/s/hart  idle |  wakes/s  real s\n");
}

static void
row(struct sim *s, const struct options *o, int nhart, double took)
{
  const struct sim_counts *c = sim_counts(s);
  struct fair f = fairness(s);
  double span = (double)o->span / SEC(1);

  printf("%5d %6d %7d | %.4f %5.1f%% | %7.3f %7.3f %8.3f | %12.2f %4.1f%% |"
         " %8.0f %7.1f\n",
         nhart, sim_nqueue(s), sim_ntask(s), f.jain, 100 * f.spread,
         ms(hist_share(&latency, 1, 2)), ms(hist_share(&latency, 99, 100)),
         ms(latency.max), c->migrations / span / nhart,
         100 * (double)c->idle / o->span / nhart, c->wakes / span, took);
  fflush(stdout);
}

static void
one(const struct options *o, int nhart, int group)
{
  struct sim_config c = {
    .policy = o->policy,
    .param = o->param,
    .nhart = nhart,
    .group = group,
    .seed = o->seed,
    .check = o->check,
    .woken = note_woken,
  };
  clock_t began = clock();
  struct sim *s = sim_new(&c);
  struct load *loads = add_tasks(s, nhart * o->tasks, o->seed);

  memset(&latency, 0, sizeof(latency));
  sim_run(s, o->span);
  row(s, o, nhart, (double)(clock() - began) / CLOCKS_PER_SEC);
  sim_free(s);
  free(loads);
}

// ----------------------------------------------------------------------------

static void
table(const struct options *o, const char *mode, int group)
{
  static const int harts[] = { 1, 4, 16, 64, 256, 1000 };

  printf("\n%s under %s, %d tasks a hart, %g s of virtual time, seed %llu\n",
         mode, o->policy->name, o->tasks, (double)o->span / SEC(1),
         (unsigned long long)o->seed);
  head();
  for (size_t i = 0; i < sizeof(harts) / sizeof(harts[0]); i++)
    if (o->nhart == 0)
      one(o, harts[i], group);
  if (o->nhart > 0)
    one(o, o->nhart, group);
}

int
scale_main(struct options *o)
{
  int nhart = o->nhart;
  bool chosen = o->group > 0 || o->perhart;

  options_machine(o, "rr");
  o->nhart = nhart;
  if (chosen) {
    table(o, o->group == 1 ? "a queue a hart" : "a queue a group", o->group);
    return 0;
  }
  table(o, "one queue for 64 harts", SCHED_MAXHART);
  table(o, "a queue a hart", 1);
  return 0;
}
