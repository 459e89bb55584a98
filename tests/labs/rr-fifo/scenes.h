// scenes.h - what the grader lets happen to a policy of the lab rr-fifo, on
// the make-believe machine; fifo.c and rr.c are the programs.
//
//   jobs PARAMS SPAN JOB...    one hart; each JOB is ARRIVAL,RUN,THEN with
//                              times in microseconds, THEN one of
//                              end | yield | a time to sleep; RUN 0: for ever
//   pinned PARAMS              two harts, one queue
//   change PARAMS              the same, pinned while they are queued
//   steal PARAMS               two harts, a queue each

#ifndef RR_FIFO_SCENES_H
#define RR_FIFO_SCENES_H

#include "tests/labs/frame/host.h"

static struct machine *
new_machine(int nhart, int nqueue, const char *params)
{
  return machine_new(all_policies[0], nhart, nqueue, params, 1);
}

static void
start_job(struct machine *m, const char *spec)
{
  long arrival = strtol(spec, 0, 10);
  const char *run = strchr(spec, ',') + 1;
  const char *then = strchr(run, ',') + 1;
  nsec burst = USEC(strtol(run, 0, 10));
  bool yields = strcmp(then, "yield") == 0;
  struct job *j;

  if (USEC(arrival) > m->now)
    machine_run(m, USEC(arrival) - m->now);
  j = machine_job(m, 0, SCHED_ANYHART,
                  strcmp(then, "end") == 0 ? act_exit
                  : yields                 ? act_yield
                                           : act_sleep);
  j->run_for = burst;
  j->sleep_for = USEC(strtol(then, 0, 10));
  machine_start(m, j, burst ? burst : NSEC_NEVER);
}

// Tells "pick TIME ID" for each time that the hart was given, in
// microseconds; -1: nobody is ready.
static void
jobs(int argc, char **argv)
{
  struct machine *m = new_machine(1, 1, argv[2]);

  for (int i = 4; i < argc; i++)
    start_job(m, argv[i]);
  machine_run(m, USEC(strtol(argv[3], 0, 10)) - m->now);
  for (int i = 0; i < m->nlog; i++)
    lab_tell("pick", "%llu %d", (unsigned long long)m->log[i].at / 1000,
             m->log[i].id);
}

// Three jobs, two of them for hart 0 only, the third queued behind them.
static void
pinned(const char *params)
{
  struct machine *m = new_machine(2, 1, params);
  struct job *j[3];

  for (int i = 0; i < 3; i++) {
    j[i] = machine_job(m, 0, i < 2 ? 1 : SCHED_ANYHART, 0);
    machine_start(m, j[i], NSEC_NEVER);
  }
  machine_run(m, MSEC(1000));
  lab_tell("third", "%llu", (unsigned long long)ran(m, j[2]) / 1000);
  lab_tell("idle", "%llu", (unsigned long long)m->idled / 1000);
}

// Four jobs for either hart; those that wait are then pinned, each to a hart.
static void
change(const char *params)
{
  struct machine *m = new_machine(2, 1, params);
  struct job *j[4];

  for (int i = 0; i < 4; i++)
    j[i] = machine_hog(m);
  machine_run(m, MSEC(1));
  for (int i = 3; i >= 0; i--)
    if (j[i]->t->state == TASK_READY)
      machine_affinity(m, j[i], 1 << (i & 1));
  machine_run(m, MSEC(1000));
  lab_tell("sound", "%s", "yes"); // else the machine would have stopped
}

// Six jobs, whose queue is their number modulo 2; those of queue 1 end early.
static void
steal(const char *params)
{
  struct machine *m = new_machine(2, 2, params);

  for (int i = 0; i < 6; i++) {
    struct job *j = machine_job(m, 0, SCHED_ANYHART, act_exit);

    machine_start(m, j, i & 1 ? MSEC(1) : MSEC(100));
  }
  machine_run(m, MSEC(100));
  lab_tell("idle", "%llu", (unsigned long long)m->idled / 1000);
}

void
lab_main(int argc, char **argv)
{
  if (strcmp(argv[1], "jobs") == 0)
    jobs(argc, argv);
  else if (strcmp(argv[1], "pinned") == 0)
    pinned(argv[2]);
  else if (strcmp(argv[1], "change") == 0)
    change(argv[2]);
  else if (strcmp(argv[1], "steal") == 0)
    steal(argv[2]);
}

#endif
