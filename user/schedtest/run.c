// run.c - run one row.
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
//
// A row that has to fail is given all that allowance too; it is measured again
// only where a result says nothing.

#include "user/schedtest/schedtest.h"

#define TRIES 8
#define MOST_TRIES 15           // if the host comes in between
#define LIMIT (60 * SEC)        // a row has hung
#define NOTICED (2 * MSEC)      // lateness that counts as a stop

struct options options;

static void __attribute__((noreturn))
runner(const struct row *row, int out)
{
  static struct result r;
  static long sum[64];
  int first = row->whole ? 0 : policy.hart;

  if (options.must_fail)
    policy_force(row->needs);
  if (!row->whole)
    pin(policy.hart > 0 ? 0 : -1);
  for (int i = first; i <= policy.hart; i++)
    sum[i] = late_sum(i);
  if (row->several && policy.nhart == 1)
    skip(&r, "there is one hart");
  else if (row->takes_long && !options.det)
    skip(&r, "it takes long, and is measured with DET=1 only");
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
    r->wrong = r->lost = true;
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
  if (r->unit == UNIT_PIECES || r->unit == UNIT_NUMBER ||
      (r->unit == UNIT_SHARE && r->span == 0))
    r->late = 0;
  else if (r->unit == UNIT_SHARE)
    r->late = r->late * PART / r->span;
}

static bool
again(const struct result *r)
{
  if (options.once)
    return false;
  if (options.must_fail)
    return r->disturbed;
  return judge(r) == FAILED && r->unit != UNIT_PIECES &&
         (r->all_late > NOTICED || r->disturbed || policy.nhart > 1);
}

enum verdict
run_row(const struct row *row)
{
  struct result r;
  int tries = 0, failures = 0;

  do {
    measure(row, &r);
    tries++;
    failures += !r.disturbed;
    allow_lateness(&r);
  } while (again(&r) && failures < TRIES && tries < MOST_TRIES);
  print_row(row, &r, tries);
  if (options.must_fail && (r.disturbed || r.lost))
    return SKIPPED;             // that does not show that it can fail
  return judge(&r);
}
