// schedtest.h - what the files of schedtest share.
//
// A row is one claim about the running policy: a number that is measured, the
// number that follows from what the policy promises, and by how much the two
// may differ. Each row runs in a process of its own, the runner, which hires
// a crew of processes, lets them run against each other, and reads what the
// kernel counted for each while it is parked.

#ifndef USER_SCHEDTEST_H
#define USER_SCHEDTEST_H

#include <stdbool.h>

#include "kernel/types.h"
#include "user/peach.h"

#define USEC 1000L
#define MSEC 1000000L
#define SEC 1000000000L
#define PART 1000000L           // shares and numbers are counted in millionths
#define TOO_LONG (15 * SEC)     // for a row

static inline long
least(long a, long b)
{
  return a < b ? a : b;
}

static inline long
most(long a, long b)
{
  return a > b ? a : b;
}

// ---- policy.c: what is promised --------------------------------------------

#define MAXLEVEL 16

// A promise by its bit; see sched/sched.h for what each means.
enum {
  LIVE = 1,
  WAIT = 2,
  EQUAL = 4,
  TICKETS = 8,
  LEVEL = 16,
  STRICT = 32,
  BOOST = 64,
  INHERIT = 128,
  ARRIVAL = 256,
  SHORTEST = 512,
  NICE = 1024,
  COMPENSATION = 2048,
  TRANSFER = 65536,
  LAG = 131072,
  PRIORITY = 262144,
  // What follows from these and their numbers:
  DRAWN = 4096,         // tickets are drawn by lot,
  TURNED = 8192,        // or CPU time goes by them without luck
  BY_PART = 16384,      // a part of a slice counts as that part,
  BY_DRAW = 32768,      // or as a whole one
};

#define LEVELS (LEVEL | STRICT)
#define LOT    (TICKETS | DRAWN)
#define TURNS  (TICKETS | TURNED)

struct policy {
  uint promised;        // bits of the promises
  bool shared;          // the harts have one run queue; else one each
  int nhart;            // harts that run
  int hart;             // the one for rows about one hart
  long live, live_each; // all times in ns
  long wait;
  long equal;
  long draw;            // slice between two draws
  long drawn;           // 1: by lot
  int nlevel;
  long slice[MAXLEVEL];
  long allot[MAXLEVEL];
  long boost;
  long request;
  long lag;             // most that one is ahead of its share, of two
  int level_column;     // of procinfo, or -1
  int used_column;
};
extern struct policy policy;

void policy_ask(void);
void policy_force(uint promises);       // as if these were promised as well
void policy_print(void);
long policy_allotments(void);           // on all levels but the last

// ---- rows.c and the files of rows ------------------------------------------

enum unit { UNIT_NS, UNIT_SHARE, UNIT_PIECES, UNIT_NUMBER };

enum relation {
  ABOUT,                // measured is expected, give or take the tolerance
  AT_MOST,              // and not more than tolerance above it
  UP_TO,                // as well, and not before 0, however late the host is
  ANY,                  // nothing was promised: it is only measured
};

// What a row found out.
struct result {
  enum relation relation;
  enum unit unit;
  long measured, expected, tolerance;
  long late;            // what the host's lateness adds to the tolerance, ns
  bool own_late;        // the row has filled it in; else: all during the row
  long all_late;
  long span;            // time that a share is of: lateness counts by it; or 0
  uint64 quiet_end;     // the row says nothing if it lasted longer; 0: any
  bool wrong;           // it does not hold whatever the numbers are
  bool lost;            // as well: it did not come to its end
  bool skipped;         // it cannot be measured; the note says why
  bool disturbed;       // it was not measured: the host came in between
  char note[80];
};

struct row {
  const char *name;
  const char *set;
  const char *source;   // where it is from; docs/claims.md has the titles
  uint needs;           // promises that it is about
  uint fails;           // each of these, without all those, makes it fail
  bool whole;           // it is about all harts, not about one
  bool several;         // there have to be two or more
  bool takes_long;      // seconds of CPU time: only if a host cannot disturb it
  void (*run)(struct result *);
  const char *about;
};
extern const struct row rows[];         // ends with a name of 0

struct set {
  const char *name;
  uint promises;
};
extern const struct set sets[];

// Fill in a result.
void find(struct result *, enum relation, enum unit, long measured,
          long expected, long tolerance);
void note(struct result *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
void skip(struct result *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

// The same, of a number that nothing was promised about.
void just(struct result *, enum unit unit, long measured);

// ---- levels.c: what rows about levels share --------------------------------

struct member;

// False if there are no two levels, or none that can be measured; *r then says
// so.
bool has_levels(struct result *r);

// The same; and wait until there is time for a row of that length before the
// next boost.
bool quiet(struct result *r, long need);

// What m, at its gate, may run before it is on the last level.
long allotments_left(const struct member *m);

// Until m of group 0, which was let go, has used up its allotments, or end.
void wait_sunk(struct member *m, uint64 end);

// ---- tickets.c -------------------------------------------------------------

// What is by chance may be so many standard deviations off, which it exceeds
// once in a million times.
#define DEVIATIONS 5

// By how much the share p of n draws may be off.
long spread(long p, long n);

double root(double x);

// Who got what: got[i] of all that there was, by tickets want[i]. The share
// that is worst in the light of n draws is the row's.
void find_shares(struct result *r, int k, const long *got, const long *want,
                 long n);

// Yield until n picks, or turns, have gone to the k processes, of which the
// caller is one, and put into got how many to each.
void yield_for(int k, const int *pid, long n, uint64 end, long *got);

// A process that holds m->arg tickets: its act.
void ticket_hog(struct member *m);

// ---- verdict.c -------------------------------------------------------------

enum verdict { OK, FAILED, SKIPPED, MEASURED };

enum verdict judge(const struct result *);
void print_head(void);
void print_row(const struct row *, const struct result *, int tries);

// ---- run.c -----------------------------------------------------------------

extern struct options {
  bool all_time;        // -L: take the time that it takes
  bool once;            // -1: whatever comes out
  bool must_fail;       // -x: rows that have to fail under this policy
  bool det;             // the clock counts instructions
  bool quick;           // -q: not the rows that take long
} options;

enum verdict run_row(const struct row *);       // and print it

// ---- crew.c ----------------------------------------------------------------

// The caller's waits, and how late timer interrupts came meanwhile on the one
// hart: how much of a wait is the host's doing.
struct watch {
  long ran, waited, late, picked;       // so far
  long wait, wait_late;                 // since the last step
  long waits;           // of how many waits that is; times that it was picked
};
void watch_begin(struct watch *);
void watch_step(struct watch *);

#define CREW 72
#define TOLD 4
#define GROUPS 4

struct member {
  int pid;
  int group;            // members of one are let go together
  void (*act)(struct member *);
  long arg;
  uint64 end;           // when it has to be done, by the clock
  bool done;
  struct procinfo before, after;        // at the gate, and when done
  long told[TOLD];      // what it says about itself
  struct watch watch;   // of the process itself, begun at its gate
};
extern struct member crew[CREW];
extern int ncrew;

// Hire a process that will call act, of that group; on the one hart if
// pinned. crew_ready returns when all are at their gates, crew_go lets a
// group go, crew_wait returns when m is done, crew_end when nobody is left.
void crew_begin(void);
struct member *crew_hire(void (*act)(struct member *), long arg, int group,
                         bool pinned);
void crew_ready(void);
void crew_go(int group, uint64 end);
void crew_wait(struct member *m);
void crew_wait_all(void);
void crew_look(struct member *m, struct procinfo *);
void crew_end(void);
void crew_park(int child);      // a member's end; child, or 0, goes with it

// What m ran, and how often it was picked, between its gate and its end.
long ran(const struct member *m);
long picked(const struct member *m);

long late_sum(int hart);        // since boot

// Tickets, or weights, of one and of another.
struct pair {
  long mine, others;
};

// By how much one, of two that have run for a and b, is ahead of its share.
long ahead(const struct pair *, long a, long b);

// Run beside crew[0], and report how far behind and ahead one ever was, by all
// that both have run: what was before the row has to be taken off.
void run_and_watch(struct member *m, const struct pair *);

void hog(struct member *m);     // an act: run until the end
void burn(void);                // some microseconds
void work(long time);           // run for that much CPU time
void sleep_until(uint64 at);
void pin(int hart);             // the caller; -1: to none
void give_up(const char *why) __attribute__((noreturn));

#endif
