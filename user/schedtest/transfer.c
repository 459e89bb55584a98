// transfer.c - rows about clients that lend their tickets to servers.
//
// OSDI'94, section 5.3: three clients with 8, 3 and 1 parts of the tickets ask
// a server, which has none of its own and a thread for each client. Here a
// thread is a process, and one ticket is the least that there is. A client
// does hardly anything itself: how fast it is served follows from whose tickets
// the server runs with.

#include "user/schedtest/rows.h"

#define CLIENTS 3
#define HUNDRED 100     // tickets of a part

static const long parts[CLIENTS] = { 8, 3, 1 };
static int request[CLIENTS][2], reply[CLIENTS][2];
static bool lending;

static long
quantum(void)
{
  return policy.draw / 4;
}

static void
server(struct member *m)
{
  char c;

  while (read(request[m->arg][0], &c, 1) == 1) {
    work(quantum());
    write(reply[m->arg][1], &c, 1);
  }
}

static void
client(struct member *m)
{
  int i = m->arg, pid = crew[i].pid;
  char c = 0;

  while (clock_ns() < m->end) {
    write(request[i][1], &c, 1);
    if (lending)
      sched_lend(pid);  // where that is not possible, the shares will tell
    if (read(reply[i][0], &c, 1) != 1)
      break;
    m->told[0]++;
  }
}

static void
hire(void)
{
  crew_begin();
  for (int i = 0; i < CLIENTS; i++)
    if (pipe(request[i]) < 0 || pipe(reply[i]) < 0)
      give_up("no pipes");
  for (int i = 0; i < CLIENTS; i++)
    crew_hire(server, i, 0, true);
  for (int i = 0; i < CLIENTS; i++)
    crew_hire(client, i, 1, true);
  crew_ready();
  for (int i = 0; i < CLIENTS; i++) {
    sched_setattr(crew[i].pid, "tickets", 1);
    sched_setattr(crew[CLIENTS + i].pid, "tickets", parts[i] * HUNDRED);
  }
}

static void
dismiss(void)
{
  crew_end();
  for (int i = 0; i < CLIENTS; i++) {
    close(request[i][0]);
    close(request[i][1]);
    close(reply[i][0]);
    close(reply[i][1]);
  }
}

// How often each was served, by such shares.
static void
serve(struct result *r, const long *want)
{
  long span = 500 * policy.draw, got[CLIENTS], n = 0;

  if (span > TOO_LONG) {
    skip(r, "with slices of %ld ms it would take too long",
         policy.draw / MSEC);
    return;
  }
  hire();
  crew_go(0, 0);
  crew_go(1, clock_ns() + span);
  for (int i = 0; i < CLIENTS; i++) {
    crew_wait(&crew[CLIENTS + i]);
    n += got[i] = crew[CLIENTS + i].told[0];
  }
  find_shares(r, CLIENTS, got, want, n);
  r->span = span;
  note(r, "served %ld, %ld and %ld times", got[0], got[1], got[2]);
  dismiss();
}

void
row_transfer(struct result *r)
{
  lending = true;
  serve(r, parts);
}

void
row_keep(struct result *r)
{
  static const long alike[CLIENTS] = { 1, 1, 1 };

  lending = false;
  serve(r, alike);
}
