// main.c - schedtest: hold the scheduling policy to what it promises.
//
//     schedtest [-l] [-L] [-a SET].. [ROW]..
//
// Each row runs in a process of its own, so that what one leaves behind (CPU
// used, children, attributes) does not matter to the next; a second process
// ends it if it hangs.
//
// A host that runs other things stops the harts for tens of milliseconds. The
// kernel counts how late its timer interrupts come; what came during a row, on
// its hart or on the worst of all, is added to its tolerance; where the row is
// about single waits, only what came during that wait. Not all stops are seen
// there, so a row that fails when the host was late, or when several harts may
// wait for one that it stopped, is measured again, unless it counts mistakes.
// On one hart and a quiet host, or under the instruction clock, nothing to
// speak of is added, and nothing is repeated.

#include "user/schedtest/schedtest.h"

#define TRIES 8
#define MOST_TRIES 15           // if the host comes in between
#define LIMIT (60 * SEC)        // a row has hung
#define NOTICED (2 * MSEC)      // lateness that counts as a stop

bool long_rows;

static struct {
  uint forced;          // promises of the sets of -a
  const char *set[8];   // those sets
  int nset;
} options;

// ---- one row ---------------------------------------------------------------

static void __attribute__((noreturn))
runner(const struct row *row, int out)
{
  static struct result r;
  static long sum[64];
  int first = row->whole ? 0 : policy.hart;

  if (!row->whole)
    pin(policy.hart > 0 ? 0 : -1);
  for (int i = first; i <= policy.hart; i++)
    sum[i] = late_sum(i);
  if (row->several && policy.nhart == 1)
    skip(&r, "there is one hart");
  else
    row->run(&r);
  for (int i = first; i <= policy.hart; i++)
    r.all_late = most(r.all_late, late_sum(i) - sum[i]);
  if (!r.own_late)
    r.late = r.all_late;
  if (r.quiet_end && clock_ns() >= r.quiet_end)
    r.disturbed = true;
  exit(write_all(out, &r, sizeof(r)) < 0);
}

static int
start_watchdog(int pid)
{
  int dog = fork();

  if (dog == 0) {
    sleep_ns(LIMIT);
    kill(pid);
    exit(0);
  }
  return dog;
}

static void
measure(const struct row *row, struct result *r)
{
  int fd[2], pid, dog;

  sync(); // or the journal would run beside the crew a second later
  if (pipe(fd) < 0)
    give_up("no pipe");
  pid = fork();
  if (pid == 0) {
    close(fd[0]);
    runner(row, fd[1]);
  }
  if (pid < 0)
    give_up("fork fails");
  close(fd[1]);
  dog = start_watchdog(pid);
  memset(r, 0, sizeof(*r));
  if (read(fd[0], r, sizeof(*r)) != sizeof(*r)) {
    r->wrong = true;
    note(r, "the row did not come to its end");
  }
  close(fd[0]);
  waitpid(pid, 0, 0);
  if (dog > 0) {
    kill(dog);
    waitpid(dog, 0, 0);
  }
}

// In r->late is the time; make it what it adds to the tolerance.
static void
allow_lateness(struct result *r)
{
  if (r->unit == UNIT_PIECES || (r->unit == UNIT_SHARE && r->span == 0))
    r->late = 0;
  else if (r->unit == UNIT_SHARE)
    r->late = r->late * PART / r->span;
}

static enum verdict
try_row(const struct row *row)
{
  struct result r;
  int tries = 0, failures = 0;

  do {
    measure(row, &r);
    tries++;
    failures += !r.disturbed;
    allow_lateness(&r);
  } while (judge(&r) == FAILED && failures < TRIES && tries < MOST_TRIES &&
           r.unit != UNIT_PIECES &&
           (r.all_late > NOTICED || r.disturbed || policy.nhart > 1));
  print_row(row, &r, tries);
  return judge(&r);
}

// ---- which rows ------------------------------------------------------------

static bool
in_sets(const struct row *row)
{
  for (int i = 0; i < options.nset; i++)
    if (strcmp(options.set[i], row->set) == 0)
      return true;
  return options.nset == 0;
}

static bool
applies(const struct row *row)
{
  return (row->needs & ~policy.promised) == 0;
}

static bool
wanted(const struct row *row, int argc, char **argv)
{
  for (int i = 0; i < argc; i++)
    if (strcmp(argv[i], row->name) == 0)
      return true;
  return argc == 0 && in_sets(row) && applies(row) &&
         (!row->several || policy.nhart > 1);
}

static int
list_rows(void)
{
  for (const struct row *row = rows; row->name; row++)
    printf("%-10s %-8s %s %s\n", row->name, row->set,
           applies(row) ? " " : "-", row->about);
  printf("Rows with - are about promises that this policy does not make;"
         " -a SET runs them.\n");
  return 0;
}

static bool
check_name(const char *name)
{
  for (const struct row *row = rows; row->name; row++) {
    if (strcmp(row->name, name))
      continue;
    if (applies(row))
      return true;
    warn("schedtest", "%s is about promises that this policy does not make;"
         " -a %s assumes them", name, row->set);
    return false;
  }
  warn("schedtest", "no row %s; schedtest -l lists them", name);
  return false;
}

static bool
add_set(const char *name)
{
  for (const struct set *s = sets; s->name; s++)
    if (strcmp(s->name, name) == 0 && options.nset < 8) {
      options.forced |= s->promises;
      options.set[options.nset++] = s->name;
      return true;
    }
  fprintf(2, "schedtest: no set %s; known:", name);
  for (const struct set *s = sets; s->name; s++)
    fprintf(2, " %s", s->name);
  fprintf(2, "\n");
  return false;
}

// ---- all -------------------------------------------------------------------

static int
run_rows(int argc, char **argv)
{
  int count[] = { [OK] = 0, [FAILED] = 0, [SKIPPED] = 0 };

  policy_print();
  print_head();
  for (const struct row *row = rows; row->name; row++)
    if (wanted(row, argc, argv))
      count[try_row(row)]++;
  printf("%d rows, %d ok, %d failed", count[OK] + count[FAILED], count[OK],
         count[FAILED]);
  if (count[SKIPPED])
    printf(", %d more not measurable", count[SKIPPED]);
  printf("\n");
  return count[FAILED] > 0;
}

static int
usage(void)
{
  fprintf(2, "usage: schedtest [-l] [-L] [-a SET].. [ROW]..\n");
  return 2;
}

int
main(int argc, char **argv)
{
  bool list = false;
  int i;

  policy_ask();
  for (i = 1; i < argc && argv[i][0] == '-'; i++) {
    if (strcmp(argv[i], "-l") == 0)
      list = true;
    else if (strcmp(argv[i], "-L") == 0)
      long_rows = true;
    else if (strcmp(argv[i], "-a") || i + 1 == argc)
      return usage();
    else if (!add_set(argv[++i]))
      return 2;
  }
  policy_force(options.forced);
  if (list)
    return list_rows();
  for (int k = i; k < argc; k++)
    if (!check_name(argv[k]))
      return 2;
  pin(-1);
  return run_rows(argc - i, argv + i);
}
