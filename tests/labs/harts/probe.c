// probe.c - what the grader of the lab harts lets happen on the make-believe
// machine; times that are told are microseconds.
//
//   steal NHART             tasks let loose on one queue: "idle"; then they
//                           end, and what is left is for nobody else: "ends"
//   welcome                 "free", "busy", "barred", "pushes", "told"
//   shares POLICY NHART SECONDS WEIGHT...
//                           hogs, a queue a hart: "ran", "moved" for each
//   pinned                  four of eight pinned to one hart: the same
//   beside NHART            one pinned, one free, one queue: "idle"

#include "tests/labs/frame/host.h"

static const struct sched_policy *
policy(const char *name)
{
  for (int i = 0; all_policies[i]; i++)
    if (strcmp(all_policies[i]->name, name) == 0)
      return all_policies[i];
  fail_msg("no policy %s", name);
  return 0;
}

static unsigned long long
usec(nsec t)
{
  return t / 1000;
}

// Nobody evens out; what an idle hart gets, it has stolen.
static void
steal(int nhart)
{
  struct machine *m = machine_new(policy("rr"), nhart, nhart, "", 1);
  int n = 3 * nhart;
  nsec before;

  m->balance = false;
  for (int i = 0; i < n; i++)
    machine_start(m, machine_job(m, 0, 1, act_exit),
                  i < 2 ? NSEC_NEVER : MSEC(200));
  machine_run(m, MSEC(5));
  before = m->idled;
  for (int i = 2; i < n; i++) // two stay
    machine_affinity(m, &m->job[i], SCHED_ANYHART);
  machine_run(m, MSEC(150));
  lab_tell("idle", "%llu", usec(m->idled - before));
  machine_run(m, SEC(2));
  lab_tell("ends", "%s", "yes"); // or the machine would have stopped
}

static void
welcome(void)
{
  struct machine *m = machine_new(policy("rr"), 2, 2, "", 1);
  struct job *free = machine_job(m, 0, SCHED_ANYHART, 0);
  struct job *other = machine_job(m, 0, 2, 0);

  lab_tell("free", "%d", sched_welcome(m->rq[0], free->t, m->now));
  lab_tell("barred", "%d", sched_welcome(m->rq[0], other->t, m->now));
  machine_start(m, machine_job(m, 0, 1, 0), NSEC_NEVER);
  lab_tell("busy", "%d", sched_welcome(m->rq[0], free->t, m->now));

  // A hog that has sunk yields to whoever is new.
  m = machine_new(policy("mlfq"), 2, 2, "", 1);
  machine_start(m, machine_job(m, 0, 1, 0), NSEC_NEVER);
  machine_run(m, MSEC(500));
  free = machine_job(m, 0, SCHED_ANYHART, 0);
  other = machine_job(m, 0, 2, 0);
  lab_tell("pushes", "%d", sched_welcome(m->rq[0], free->t, m->now));
  lab_tell("barred", "%d", sched_welcome(m->rq[0], other->t, m->now));
  // Its hart has been told to stop it, for another one.
  sched_ready(m->rq[0], machine_job(m, 0, 1, 0)->t, READY_NEW, m->now);
  lab_tell("told", "%d", sched_welcome(m->rq[0], free->t, m->now));
}

static void
tell_shares(struct machine *m, nsec span)
{
  nsec before[MAXJOB];

  for (int i = 0; i < m->njob; i++)
    before[i] = ran(m, &m->job[i]);
  machine_run(m, span);
  for (int i = 0; i < m->njob; i++) {
    lab_tell("ran", "%llu", usec(ran(m, &m->job[i]) - before[i]));
    lab_tell("moved", "%llu", (unsigned long long)stats(m, &m->job[i]).moved);
  }
}

static void
shares(int argc, char **argv)
{
  int nhart = atoi(argv[3]);
  struct machine *m = machine_new(policy(argv[2]), nhart, nhart, "", 1);

  for (int i = 5; i < argc; i++) {
    struct job *j = machine_job(m, 0, SCHED_ANYHART, 0);

    if (atoi(argv[i]) != 1)
      machine_set(m, j, "tickets", atoi(argv[i]));
    machine_start(m, j, NSEC_NEVER);
  }
  tell_shares(m, SEC(atoi(argv[4])));
}

// Six begin on hart 0, four of which may not leave it.  The slice is such that
// not always the same one runs when the other hart looks, every 50 ms.
static void
pinned(void)
{
  struct machine *m = machine_new(policy("rr"), 2, 2, "slice=7ms", 1);

  for (int i = 0; i < 8; i++)
    machine_start(m, machine_job(m, 0, i < 6 ? 1 : 2, 0), NSEC_NEVER);
  for (int i = 4; i < 8; i++)
    machine_affinity(m, &m->job[i], SCHED_ANYHART);
  tell_shares(m, SEC(10));
}

// All harts but the last have work.  Then hart 0 gets one more, which may run
// there only: as soon as it runs, another has to go to the last hart.
static void
beside(int nhart)
{
  struct machine *m = machine_new(policy("rr"), nhart, 1, "", 1);
  nsec before;

  for (int i = 0; i < nhart - 1; i++)
    machine_hog(m);
  machine_start(m, machine_job(m, 0, 1, 0), NSEC_NEVER);
  machine_run(m, MSEC(50));
  before = m->idled;
  machine_run(m, MSEC(1000));
  lab_tell("idle", "%llu", usec(m->idled - before));
}

void
lab_main(int argc, char **argv)
{
  const char *what = argv[1];

  if (strcmp(what, "steal") == 0)
    steal(atoi(argv[2]));
  else if (strcmp(what, "welcome") == 0)
    welcome();
  else if (strcmp(what, "shares") == 0)
    shares(argc, argv);
  else if (strcmp(what, "pinned") == 0)
    pinned();
  else if (strcmp(what, "beside") == 0)
    beside(atoi(argv[2]));
}
