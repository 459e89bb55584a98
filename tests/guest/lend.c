// lend.c - loans of tickets: sched_lend. What a process is lent shows in the
// policy's column "lent"; where there is none, nothing can be lent.

#include "tests/guest/guest.h"

static int column = -1;
static int hold[2];             // who reads from it waits until it is closed

static void
find_column(void)
{
  struct sysinfo si;

  EXPECT_IS(sysinfo(&si), 0);
  for (int i = 0; i < NCOLUMN; i++)
    if (strcmp(si.column[i], "lent") == 0)
      column = i;
}

// What pid is lent; -1 if there is no such process.
static long
lent(int pid)
{
  struct procinfo p;

  return procinfo(pid, &p) == pid ? p.column[column] : -1;
}

static long
most_tickets(void)
{
  struct sched_attr_info a;

  for (int i = 0; sched_attr(i, &a) == 0; i++)
    if (strcmp(a.name, "tickets") == 0)
      return a.max;
  return 0;
}

static void
wait_at(const int *p)
{
  char c;

  read(p[0], &c, 1);
}

static void
let_go(int *p)
{
  close(p[1]);
  p[1] = -1;
}

// A child that holds so many tickets, lends to pid, waits until p is closed,
// and then for its end.
static int
client(int pid, long tickets, const int *p)
{
  int self = fork();

  EXPECT(self >= 0);
  if (self > 0) {
    WAIT_FOR(strcmp(guest_sleeps(self), "pipe read") == 0);
    return self;
  }
  for (int i = 3; i < 16; i++)
    if (p[0] != i)
      close(i);
  EXPECT_IS(sched_setattr(0, "tickets", tickets), 0);
  EXPECT_IS(sched_lend(pid), 0);
  wait_at(p);
  for (;;)
    sleep_ns(SEC);
}

static void
end(int pid)
{
  EXPECT_IS(kill(pid), 0);
  EXPECT_IS(waitpid(pid, 0, 0), pid);
}

// What ends a wait, and with it a loan, may take a moment.
#define EXPECT_LENT(pid, n)                                             \
  do {                                                                  \
    WAIT_FOR(lent(pid) == (n));                                         \
    EXPECT_IS(lent(pid), n);                                            \
  } while (0)

// ---- cases -----------------------------------------------------------------

static void
errors(void)
{
  int pid = fork();

  if (pid == 0)
    exit(0);
  WAIT_FOR(guest_sleeps(pid)[0] == 0);
  EXPECT_IS(sched_lend(0), -1);
  EXPECT_IS(sched_lend(getpid()), -1);
  EXPECT_IS(sched_lend(-1), -1);
  EXPECT_IS(sched_lend(1000000), -1);
  EXPECT_IS(sched_lend(1), column < 0 ? -1 : 0);
  EXPECT_IS(waitpid(pid, 0, 0), pid);
  EXPECT_IS(sched_lend(pid), -1);
}

static void
one(void)
{
  int me = getpid(), a;

  EXPECT_IS(pipe(hold), 0);
  a = client(me, 300, hold);
  EXPECT_LENT(me, 300);
  EXPECT_IS(lent(a), 0);
  let_go(hold);
  EXPECT_LENT(me, 0);
  end(a);
}

// Slices of the lender end before it waits.
static void
late(void)
{
  int me = getpid(), a;

  EXPECT_IS(pipe(hold), 0);
  a = fork();
  if (a == 0) {
    close(hold[1]);
    EXPECT_IS(sched_setattr(0, "tickets", 300), 0);
    EXPECT_IS(sched_lend(me), 0);
    for (int i = 0; i < 20; i++)
      yield();
    wait_at(hold);
    for (;;)
      sleep_ns(SEC);
  }
  WAIT_FOR(strcmp(guest_sleeps(a), "pipe read") == 0);
  EXPECT_LENT(me, 300);
  let_go(hold);
  EXPECT_LENT(me, 0);
  end(a);
}

// A loan is not inherited, and does not change an attribute.
static void
no_attribute(void)
{
  int me = getpid(), a, child;
  long tickets;

  EXPECT_IS(pipe(hold), 0);
  EXPECT_IS(sched_setattr(0, "tickets", 7), 0);
  a = client(me, 300, hold);
  EXPECT_LENT(me, 300);
  EXPECT_IS(sched_getattr(0, "tickets", &tickets), 0);
  EXPECT_IS(tickets, 7);
  child = fork();
  if (child == 0)
    exit(lent(getpid()) == 0 ? 0 : 1);
  EXPECT(waitpid(child, (int *)&tickets, 0) == child);
  EXPECT_IS((int)tickets, 0);
  EXPECT_IS(lent(me), 300);
  end(a);
}

static void
several(void)
{
  int me = getpid(), p[2], a, b, c;

  EXPECT_IS(pipe(hold), 0);
  EXPECT_IS(pipe(p), 0);
  a = client(me, 300, hold);
  b = client(me, 20, p);
  c = client(me, 1, hold);
  EXPECT_LENT(me, 321);
  let_go(p);
  EXPECT_LENT(me, 301);
  end(c);                       // killed as it waits
  EXPECT_LENT(me, 300);
  let_go(hold);
  EXPECT_LENT(me, 0);
  end(a);
  end(b);
}

// a lends to b, who lends to me; then b is back before a is.
static void
chain(void)
{
  int me = getpid(), p[2], a, b;

  EXPECT_IS(pipe(hold), 0);
  EXPECT_IS(pipe(p), 0);
  b = client(me, 20, p);
  EXPECT_LENT(me, 20);
  a = client(b, 300, hold);
  EXPECT_LENT(b, 300);
  EXPECT_LENT(me, 320);
  EXPECT_IS(sched_setattr(a, "tickets", 1000), 0);
  EXPECT_IS(lent(me), 1020);
  EXPECT_IS(sched_setattr(b, "tickets", 30), 0);
  EXPECT_IS(lent(me), 1030);
  let_go(p);
  EXPECT_LENT(me, 0);
  EXPECT_IS(lent(b), 1000);
  let_go(hold);
  EXPECT_LENT(b, 0);
  end(a);
  end(b);
}

// The first link of a chain is killed, and the middle one.
static void
broken_chain(void)
{
  int me = getpid(), a, b, c;

  EXPECT_IS(pipe(hold), 0);
  c = client(me, 1, hold);
  b = client(c, 20, hold);
  a = client(b, 300, hold);
  EXPECT_LENT(me, 321);
  end(a);
  EXPECT_LENT(me, 21);
  a = client(b, 500, hold);
  EXPECT_LENT(me, 521);
  end(b);
  EXPECT_LENT(me, 1);
  EXPECT_IS(lent(c), 0);
  end(a);
  EXPECT_IS(lent(me), 1);
  end(c);
  EXPECT_LENT(me, 0);
}

// Who has lent to one that is gone may lend again.
static void
server_gone(void)
{
  int me = getpid(), server = fork(), done[2], a;

  if (server == 0)
    for (;;)
      sleep_ns(SEC);
  EXPECT_IS(pipe(hold), 0);
  EXPECT_IS(pipe(done), 0);
  a = fork();
  if (a == 0) {
    close(hold[1]);
    EXPECT_IS(sched_setattr(0, "tickets", 300), 0);
    EXPECT_IS(sched_lend(server), 0);
    wait_at(hold);
    EXPECT_IS(sched_lend(server), -1);
    EXPECT_IS(sched_lend(me), 0);
    write(done[1], "x", 1);
    for (;;)
      wait_at(done + 1);        // not readable: it returns at once
  }
  EXPECT_LENT(server, 300);
  end(server);
  let_go(hold);
  wait_at(done);
  end(a);
  EXPECT_LENT(me, 0);
}

// I lend to one that lends to me: it waits for me no longer.
static void
circle(void)
{
  int me = getpid(), a, b;

  EXPECT_IS(pipe(hold), 0);
  EXPECT_IS(sched_setattr(0, "tickets", 7), 0);
  b = client(me, 20, hold);
  a = client(b, 300, hold);
  EXPECT_LENT(me, 320);
  EXPECT_IS(sched_lend(a), 0);
  EXPECT_IS(lent(a), 27);       // b lends to me, and I to a
  EXPECT_IS(lent(b), 0);
  EXPECT_IS(lent(me), 20);
  EXPECT_IS(sched_lend(b), 0);  // instead
  EXPECT_IS(lent(a), 0);
  EXPECT_IS(lent(b), 7);
  EXPECT_IS(lent(me), 0);
  end(b);
  end(a);
}

// No sum is more than a policy can bear.
static void
too_much(void)
{
  long most = most_tickets();
  int me = getpid(), a, b, c;

  EXPECT_IS(pipe(hold), 0);
  a = client(me, most, hold);
  b = client(a, most, hold);
  c = client(b, most, hold);
  EXPECT_LENT(b, most);
  EXPECT_LENT(a, most);         // b is worth no more
  EXPECT_LENT(me, most);
  end(c);
  EXPECT_LENT(b, 0);
  EXPECT_LENT(a, most);
  EXPECT_LENT(me, most);
  end(b);
  end(a);
  EXPECT_LENT(me, 0);
}

#define CROWD 10
#define ROUNDS 60

static void __attribute__((noreturn))
one_of_crowd(uint seed)
{
  for (int i = 0; i < ROUNDS; i++) {
    seed = seed * 1103515245 + 12345;
    sched_setattr(0, "tickets", 1 + (seed >> 16) % 500);
    sched_lend(getppid() + 1 + (seed >> 8) % CROWD);
    if (seed >> 30)
      sleep_ns(1 + (seed >> 12) % MSEC);
    else
      yield();
  }
  exit(0);
}

// All lend to each other as it comes; some are killed. When all are gone,
// nothing of that is left.
static void
crowd(void)
{
  int me = getpid(), pid[CROWD];

  for (int i = 0; i < CROWD; i++) {
    pid[i] = fork();
    EXPECT(pid[i] >= 0);
    if (pid[i] == 0)
      one_of_crowd(i + 1);
  }
  for (int i = 0; i < CROWD; i += 3) {
    sched_lend(pid[i]);
    sleep_ns(3 * MSEC);
    kill(pid[i]);
  }
  for (int i = 0; i < CROWD; i++)
    EXPECT_IS(waitpid(pid[i], 0, 0), pid[i]);
  EXPECT_LENT(me, 0);
  EXPECT_IS(lent(1), 0);
}

static const struct guest_case without[] = {
  { "errors", errors },
};

static const struct guest_case cases[] = {
  { "errors", errors },
  { "one", one },
  { "late", late },
  { "no_attribute", no_attribute },
  { "several", several },
  { "chain", chain },
  { "broken_chain", broken_chain },
  { "server_gone", server_gone },
  { "circle", circle },
  { "too_much", too_much },
  { "crowd", crowd },
};

int
main(int argc, char **argv)
{
  find_column();
  if (column < 0)
    return guest_main(without, COUNT(without), argc, argv);
  return guest_main(cases, COUNT(cases), argc, argv);
}
