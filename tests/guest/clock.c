// clock.c - time: sleeps last as long as they should and little longer, ticks
// are 1/HZ s, clocks go on, and a process is charged for what it runs.

#include "kernel/riscv.h"
#include "tests/guest/guest.h"

#define LATE (500 * MSEC)       // that a busy host may make of it

static struct sysinfo si;

static uint64
tick(void)
{
  EXPECT_IS(sysinfo(&si), 0);
  EXPECT(si.hz > 0);
  return SEC / si.hz;
}

static void
monotone(void)
{
  uint64 last = clock_ns(), last_time = r_time();

  for (int i = 0; i < 20000; i++) {
    uint64 now = clock_ns(), now_time = r_time();

    EXPECT(now >= last);
    EXPECT(now_time >= last_time);
    last = now;
    last_time = now_time;
  }
}

// Both clocks run at one speed.
static void
one_speed(void)
{
  uint64 ns = clock_ns(), t = r_time();

  EXPECT_IS(sleep_ns(200 * MSEC), 0);
  ns = clock_ns() - ns;
  t = (r_time() - t) * 100;     // QEMU's counts at 10 MHz
  EXPECT(ns > t ? ns - t < 20 * MSEC : t - ns < 20 * MSEC);
}

static void
sleep_lasts(void)
{
  static const uint64 spans[] = { 1, 1000, MSEC, 30 * MSEC, 150 * MSEC };

  for (uint i = 0; i < COUNT(spans); i++) {
    uint64 t = clock_ns();

    EXPECT_IS(sleep_ns(spans[i]), 0);
    t = clock_ns() - t;
    EXPECT(t >= spans[i]);
    EXPECT(t < spans[i] + LATE);
  }
}

static void
sleep_ticks(void)
{
  uint64 one = tick();
  int n = 200 * MSEC / one + 1;

  for (int way = 0; way < 2; way++) {
    uint64 t = clock_ns();
    int u = uptime();

    EXPECT_IS(way ? pause(n) : sleep(n), 0);
    t = clock_ns() - t;
    u = uptime() - u;
    EXPECT(t > (n - 1) * one);
    EXPECT(t < (n + 1) * one + LATE);
    EXPECT(u >= n - 1);
    EXPECT(u <= (int)((t + one) / one) + 1);
  }
  EXPECT_IS(sleep(0), 0);
}

static void
uptime_counts(void)
{
  uint64 one = tick(), ns = clock_ns();
  int u = uptime();

  EXPECT(u >= (int)(ns / one) - 1);
  EXPECT(u <= (int)(clock_ns() / one) + 1);
}

static void
sleep_one_second(void)
{
  sleep_ns(SEC);
}

// Many sleepers: all at once take as long as one.
static void
together(void)
{
  uint64 t = clock_ns();

  for (int i = 0; i < 50; i++)
    if (fork() == 0)
      exit(sleep_ns((100 + i % 7) * MSEC));
  for (int i = 0; i < 50; i++) {
    int status;

    EXPECT(wait(&status) > 0);
    EXPECT_IS(status, 0);
  }
  t = clock_ns() - t;
  EXPECT(t >= 106 * MSEC);
  EXPECT(t < 106 * MSEC + 2 * LATE);
}

// A kill ends a sleep.
static void
cut_short(void)
{
  uint64 t = clock_ns();
  int status, pid = fork();

  if (pid == 0) {
    sleep_ns(1000 * SEC);
    exit(0);
  }
  WAIT_FOR(guest_sleeps(pid)[0]);
  EXPECT_IS(kill(pid), 0);
  EXPECT_IS(wait(&status), pid);
  EXPECT_IS(status, KILLED);
  EXPECT(clock_ns() - t < 10 * SEC);
}

static void
spin_for(uint64 ns)
{
  uint64 end = clock_ns() + ns;

  while (clock_ns() < end)
    ;
}

static void
usage_of(void (*act)(void), struct usage *u)
{
  int status, pid = fork();

  if (pid == 0) {
    act();
    exit(3);
  }
  EXPECT_IS(sys_waitx(&status, u, 0, 0), pid);
  EXPECT_IS(status, 3);
  EXPECT(u->ran + u->waited <= u->total + 50 * MSEC);
}

static void
spin_a_while(void)
{
  spin_for(300 * MSEC);
}

static void
charged(void)
{
  struct usage u;

  usage_of(sleep_one_second, &u);
  EXPECT(u.total >= SEC);
  EXPECT(u.ran < 300 * MSEC);
  usage_of(spin_a_while, &u);
  EXPECT(u.ran + u.waited >= 299 * MSEC);
  EXPECT(u.total >= 300 * MSEC);
}

static void
waitx_ticks(void)
{
  int status = 0, wtime = -1, rtime = -1, pid;
  uint64 one = tick();

  pid = fork();
  if (pid == 0) {
    spin_for(5 * one);
    exit(8);
  }
  EXPECT_IS(waitx(&status, &wtime, &rtime), pid);
  EXPECT_IS(status, 8);
  EXPECT(rtime >= 0 && wtime >= 0);
  EXPECT(rtime + wtime >= 4);
  EXPECT_IS(waitx(&status, &wtime, &rtime), -1);
}

static const struct guest_case cases[] = {
  { "monotone", monotone },
  { "one_speed", one_speed },
  { "sleep_lasts", sleep_lasts },
  { "sleep_ticks", sleep_ticks },
  { "uptime_counts", uptime_counts },
  { "together", together },
  { "cut_short", cut_short },
  { "charged", charged },
  { "waitx_ticks", waitx_ticks },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
