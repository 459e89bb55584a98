// options.h - what the user of the program `sim` asks for.

#ifndef SCHED_SIM_OPTIONS_H
#define SCHED_SIM_OPTIONS_H

#include "sched/sim/sim.h"

#define UNIT MSEC(1) // a unit of time of OSTEP's job lists

// As given; 0 or -1 (time) where not.
struct options {
  const struct sched_policy *policy;
  int64_t param[SCHED_MAXPARAM];
  const char *params; // words for sched_param_set
  uint64_t seed, chance;
  int nhart, group;
  bool perhart, check, trace;

  // What to run: one of these.
  const char *list;
  const char *work;
  const char *nudge; // a file: see nudge.c
  bool scale;

  // For job lists.
  const char *draws;
  const char *quantum, *quanta, *allot, *allots, *levels, *boost, *io;
  bool stay, bump;

  // For --scale.
  int tasks; // a hart
  nsec span; // that is simulated
};

// Say what is wrong and how to use the program, and end with status 2.
void options_bad(const char *format, ...)
  __attribute__((noreturn, format(printf, 1, 2)));

void options_read(struct options *o, int argc, char **argv);

// The text of a file, to be freed; end the program if it cannot be read.
char *options_file(const char *name, size_t *size);

// A policy by name, in any case, or by OSTEP's name for it; or 0.
const struct sched_policy *options_policy(const char *name);
// All policies, ending with 0.
extern const struct sched_policy *const options_policies[];

// What was not given: this policy, one hart, one queue for all, or for 64; and
// the parameters.
void options_machine(struct options *o, const char *policy);
// Set parameters from words; end the program if one is wrong.
void options_set_params(struct options *o, const char *words);

// A number from 0 on, or a time in units with up to 6 decimals: as ns. `what`
// is for the message if it is none. *end: what follows.
nsec options_time(const char *text, const char **end, const char *what);
// A whole number between the two.
int64_t options_number(const char *text, int64_t min, int64_t max,
                       const char *what);

// ---- what there is to run: each ends with the program's exit status --------

int ostep_main(struct options *o);
int workload_main(struct options *o);
int scale_main(struct options *o);

#endif
