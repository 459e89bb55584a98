// main.c - make check: run the parts, say where one stands.  See check.h.
//
//   NAME [-d DEPTH] [-s SEED] [-n SEEDS] [-f FACTS] [-w] [-p PART]
//        [PARAM=VALUE...]
//
// It fails, with status 1, if and only if something fails.  -p runs one part
// alone; -w draws the shortest sequence that fails (why.c); -n runs what
// depends on chance, with one seed after the other.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/host/check/report.h"

// sched/NAME.c's; the linker gives it this name.
extern const struct sched_policy policy_under_check;

// In the order in which they are listed.
static const struct part {
  const char *name;
  void (*run)(struct check *c);
  bool chance; // it depends on the seed
} parts[] = {
  { "contract", part_contract, true }, { "exhaustive", part_exhaustive, false },
  { "random", part_random, true },     { "shares", part_shares, true },
  { "cost", part_cost, false },
};

enum { NPART = sizeof(parts) / sizeof(parts[0]) };

#define MOST_CPU 900 // seconds that a part may use

static void
usage(void)
{
  fprintf(stderr, "usage: check [-d DEPTH] [-s SEED] [-n SEEDS] [-f FACTS] "
                  "[-w] [-p PART] [PARAM=VALUE...]\n");
  exit(2);
}

static long
number(const char *name, const char *text)
{
  char *end;
  long n;

  errno = 0;
  n = strtol(text, &end, 0);
  if (errno || end == text || *end || n < 0) {
    fprintf(stderr, "%s=%s: not a number\n", name, text);
    exit(2);
  }
  return n;
}

static void
set_params(struct check *c, char *const words[])
{
  char err[128];

  sched_params_init(c->policy, c->param);
  for (; *words; words++)
    for (char *w = strtok(*words, " "); w; w = strtok(0, " "))
      if (sched_param_set(c->policy, c->param, w, err, sizeof(err)) < 0) {
        fprintf(stderr, "%s\n", err);
        exit(2);
      }
}

// ---- a part in a process of its own ----------------------------------------

struct child {
  pid_t pid;
  FILE *from;
};

static void
run_part(struct check *c, const struct part *part)
{
  struct rlimit most = { MOST_CPU, MOST_CPU };

  setrlimit(RLIMIT_CPU, &most);
  if (!c->why && freopen("/dev/null", "w", stdout) == 0) // a hook may print
    exit(2);
  part->run(c);
}

static struct child
start(struct check *c, const struct part *part)
{
  struct child child;
  int fd[2];

  if (pipe(fd) < 0 || (child.pid = fork()) < 0) {
    perror("check");
    exit(2);
  }
  if (child.pid == 0) {
    close(fd[0]);
    c->out = fd[1];
    run_part(c, part);
    _exit(0);
  }
  close(fd[1]);
  child.from = fdopen(fd[0], "r");
  return child;
}

static void
collect(struct report *r, const struct part *part, struct child *child)
{
  char text[80];
  int status;

  report_read(r, child->from);
  fclose(child->from);
  waitpid(child->pid, &status, 0);
  if (WIFSIGNALED(status)) {
    snprintf(text, sizeof(text), "part %s was ended: %s", part->name,
             strsignal(WTERMSIG(status)));
    report_fails(r, part->name, text);
  } else if (WEXITSTATUS(status) != 0) {
    snprintf(text, sizeof(text), "part %s ended with status %d", part->name,
             WEXITSTATUS(status));
    report_fails(r, part->name, text);
  }
}

// All parts, the one of that name, or those that depend on chance.
static bool
wanted(const struct part *part, const char *only, bool chance)
{
  return (only == 0 || strcmp(only, part->name) == 0) &&
         (part->chance || !chance);
}

static void
run_all(struct check *c, struct report *r, const char *only, bool chance)
{
  struct child child[NPART];
  int found = 0;

  fflush(stdout);
  for (int i = 0; i < NPART; i++) {
    child[i].pid = 0;
    if (wanted(&parts[i], only, chance)) {
      child[i] = start(c, &parts[i]);
      found++;
    }
  }
  if (found == 0)
    usage();
  for (int i = 0; i < NPART; i++)
    if (child[i].pid)
      collect(r, &parts[i], &child[i]);
}

// ----------------------------------------------------------------------------

static double
seconds(void)
{
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static int
result(const struct report *r, double began)
{
  report_print(r);
  printf("  %d of %d fail, %.1f s\n", report_failing(r), r->n,
         seconds() - began);
  return report_failing(r) ? 1 : 0;
}

// What depends on chance, with one seed after the other, until one fails.
static int
run_seeds(struct check *c, const char *only, long seeds)
{
  double began = seconds();
  struct report r = { .n = 0 };

  for (long i = 0; i < seeds; i++, c->seed++) {
    run_all(c, &r, only, true);
    if (report_failing(&r)) {
      printf("with SEED=%llu:\n", (unsigned long long)c->seed);
      return result(&r, began);
    }
    report_free(&r);
  }
  printf("%s: %ld seeds, no alarm, %.0f s\n", c->policy->name, seeds,
         seconds() - began);
  return 0;
}

// Draw the shortest sequence that fails.
static void
run_why(struct check *c)
{
  static const struct part why = { "why", part_why };
  struct report r = { .n = 0 };
  struct child child;

  fflush(stdout);
  child = start(c, &why);
  collect(&r, &why, &child);
  if (report_failing(&r))
    report_print(&r);
  exit(report_failing(&r) ? 1 : 0);
}

int
main(int argc, char *argv[])
{
  struct check c = { .policy = &policy_under_check, .seed = 1 };
  struct report r = { .n = 0 };
  const char *only = 0;
  double began = seconds();
  long seeds = 0;
  int o;

  while ((o = getopt(argc, argv, "d:s:n:f:p:w")) != -1)
    switch (o) {
    case 'd':
      c.depth = number("DEPTH", optarg);
      break;
    case 's':
      c.seed = number("SEED", optarg);
      break;
    case 'n':
      seeds = number("SEEDS", optarg);
      break;
    case 'f':
      c.facts = optarg;
      break;
    case 'p':
      only = optarg;
      break;
    case 'w':
      c.why = true;
      break;
    default:
      usage();
    }
  set_params(&c, argv + optind);
  if (c.why)
    run_why(&c);
  if (seeds)
    return run_seeds(&c, only, seeds);
  run_all(&c, &r, only, false);
  return result(&r, began);
}
