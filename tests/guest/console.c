// console.c - the console's modes, and whose its input is. What needs keys is
// in tests/system/test_console.py.

#include "tests/guest/guest.h"

static struct consoleinfo
state(void)
{
  struct consoleinfo ci;

  EXPECT_IS(consoleinfo(0, &ci), 0);
  return ci;
}

// Run fn in a child of a process group of its own.
static void
in_other_group(void (*fn)(void))
{
  int pid = fork(), status;

  if (pid == 0) {
    EXPECT_IS(setpgid(0, 0), 0);
    fn();
    exit(0);
  }
  EXPECT_IS(waitpid(pid, &status, 0), pid);
  EXPECT_IS(status, 0);
}

// ---- arguments -------------------------------------------------------------

static void
wrong_descriptors(void)
{
  struct consoleinfo ci;
  int p[2], wrong[5], n = 0;

  EXPECT_IS(pipe(p), 0);
  wrong[n++] = p[0];
  wrong[n++] = open("/README", O_RDONLY);
  wrong[n++] = -1;
  wrong[n++] = 60;              // not open
  wrong[n++] = 1000000;
  for (int i = 0; i < n; i++) {
    EXPECT_IS(console_mode(wrong[i], CONSOLE_KEYS), -1);
    EXPECT_IS(consoleinfo(wrong[i], &ci), -1);
    EXPECT_IS(tcsetpgrp(wrong[i], 0), -1);
  }
  EXPECT_IS(state().mode, CONSOLE_LINES);
  EXPECT_IS(state().holder, 0);
}

static void
wrong_values(void)
{
  EXPECT_IS(console_mode(0, -1), -1);
  EXPECT_IS(console_mode(0, CONSOLE_POLL + 1), -1);
  EXPECT_IS(tcsetpgrp(0, -1), -1);
  EXPECT_IS(consoleinfo(0, 0), -1);
  EXPECT_IS(consoleinfo(0, (struct consoleinfo *)-1L), -1);
  EXPECT_IS(consoleinfo(0, (struct consoleinfo *)0xffffffc080200000), -1);
  EXPECT_IS(state().mode, CONSOLE_LINES);
}

// ---- modes -----------------------------------------------------------------

static void
modes(void)
{
  char c = 'x';

  EXPECT_IS(console_mode(0, CONSOLE_KEYS), CONSOLE_LINES);
  EXPECT_IS(state().mode, CONSOLE_KEYS);
  EXPECT_IS(console_mode(0, CONSOLE_POLL), CONSOLE_KEYS);
  EXPECT_IS(read(0, &c, 1), 0);         // no key, and it does not wait
  EXPECT_IS(c, 'x');
  EXPECT_IS(console_mode(0, CONSOLE_LINES), CONSOLE_POLL);
  EXPECT_IS(state().mode, CONSOLE_LINES);
}

static void
set_keys(void)
{
  EXPECT_IS(console_mode(0, CONSOLE_KEYS), CONSOLE_LINES);
}

static void
set_keys_and_loop(void)
{
  set_keys();
  for (;;)
    ;
}

static void
set_keys_and_crash(void)
{
  set_keys();
  *(volatile char *)0xffffffc080200000 = 1;
}

static void
mode_ends_with_its_process(void)
{
  int pid;

  EXPECT_IS(guest_status(set_keys), 0);
  EXPECT_IS(state().mode, CONSOLE_LINES);
  EXPECT_IS(guest_status(set_keys_and_crash), KILLED);
  EXPECT_IS(state().mode, CONSOLE_LINES);
  pid = fork();
  if (pid == 0)
    set_keys_and_loop();
  WAIT_FOR(state().mode == CONSOLE_KEYS);
  EXPECT_IS(kill(pid), 0);
  EXPECT_IS(wait(0), pid);
  EXPECT_IS(state().mode, CONSOLE_LINES);
}

static void
nothing(void)
{
}

static void
mode_stays_when_others_end(void)
{
  set_keys();
  EXPECT_IS(guest_status(nothing), 0);
  EXPECT_IS(state().mode, CONSOLE_KEYS);
}

static void
mode_ends_with_the_group(void)
{
  set_keys();
  EXPECT_IS(tcsetpgrp(0, 0), 0);
  EXPECT_IS(state().mode, CONSOLE_LINES);
  set_keys();
  EXPECT_IS(tcsetpgrp(0, 0), 0);        // no change
  EXPECT_IS(state().mode, CONSOLE_KEYS);
  EXPECT_IS(tcsetpgrp(0, getpgid(0)), 0);
  EXPECT_IS(state().mode, CONSOLE_LINES);
}

// ---- whose it is -----------------------------------------------------------

static void
hold_and_give(void)
{
  struct consoleinfo ci = state();

  EXPECT_IS(ci.holder, 0);
  EXPECT_IS(tcsetpgrp(0, 0), 0);
  ci = state();
  EXPECT_IS(ci.holder, getpid());
  EXPECT_IS(ci.pgid, getpgid(0));
  EXPECT_IS(ci.foreground, 0);
  EXPECT_IS(tcsetpgrp(0, 12345), 0);
  ci = state();
  EXPECT_IS(ci.holder, getpid());
  EXPECT_IS(ci.pgid, 12345);
  EXPECT_IS(ci.foreground, 12345);
  EXPECT_IS(console_mode(0, CONSOLE_KEYS), -1); // given away
  EXPECT_IS(tcsetpgrp(0, 0), 0);
  EXPECT_IS(console_mode(0, CONSOLE_KEYS), CONSOLE_LINES);
}

static void
hold(void)
{
  EXPECT_IS(tcsetpgrp(0, 0), 0);
}

static void
holder_ends(void)
{
  struct consoleinfo ci;

  in_other_group(hold);
  ci = state();
  EXPECT_IS(ci.holder, 0);
  EXPECT_IS(ci.pgid, 0);
  EXPECT_IS(console_mode(0, CONSOLE_LINES), CONSOLE_LINES);
}

static void
intrude(void)
{
  char c;

  EXPECT_IS(read(0, &c, 1), -1);
  EXPECT_IS(console_mode(0, CONSOLE_KEYS), -1);
  EXPECT_IS(tcsetpgrp(0, 0), -1);
  EXPECT_IS(tcsetpgrp(0, getpid()), -1);
  EXPECT_IS(write(1, "", 0), 0);        // to print is for all
  EXPECT_IS(state().mode, CONSOLE_LINES);
}

static void
others_are_refused(void)
{
  EXPECT_IS(tcsetpgrp(0, 0), 0);
  in_other_group(intrude);
  EXPECT_IS(tcsetpgrp(0, getpgid(0)), 0);
  in_other_group(intrude);
  EXPECT_IS(state().holder, getpid());
}

static void
read_one(void)
{
  char c;

  EXPECT_IS(read(0, &c, 1), -1);
}

// A read that waits fails when the console is given to others.
static void
waiting_read(void)
{
  int pid, status;

  EXPECT_IS(tcsetpgrp(0, 0), 0);
  pid = fork();
  if (pid == 0) {
    read_one();
    exit(0);
  }
  WAIT_FOR(strcmp(guest_sleeps(pid), "console") == 0);
  EXPECT_IS(tcsetpgrp(0, pid + 1000), 0);
  EXPECT_IS(waitpid(pid, &status, 0), pid);
  EXPECT_IS(status, 0);
}

static void
take_in_foreground(void)
{
  EXPECT_IS(tcsetpgrp(0, getpid()), 0);
  EXPECT_IS(state().foreground, getpid());
}

// Nobody holds the console, and the group that had it has it still; or is
// gone.
static void
dead_group(void)
{
  int pid = fork();

  if (pid == 0) {
    EXPECT_IS(setpgid(0, 0), 0);
    take_in_foreground();
    for (;;)
      sleep_ns(SEC);
  }
  WAIT_FOR(state().foreground == pid);
  EXPECT_IS(console_mode(0, CONSOLE_POLL), -1);
  EXPECT_IS(kill(pid), 0);
  EXPECT_IS(wait(0), pid);
  EXPECT_IS(state().holder, 0);
  EXPECT_IS(console_mode(0, CONSOLE_POLL), CONSOLE_LINES);
  EXPECT_IS(state().pgid, 0);
}

static void
child_of_holder(void)
{
  EXPECT_IS(tcsetpgrp(0, 0), 0);
  EXPECT_IS(guest_status(set_keys), 0); // one of the group
  EXPECT_IS(state().mode, CONSOLE_LINES);
  EXPECT_IS(state().holder, getpid());
  in_other_group(intrude);
}

static const struct guest_case cases[] = {
  { "wrong_descriptors", wrong_descriptors },
  { "wrong_values", wrong_values },
  { "modes", modes },
  { "mode_ends_with_its_process", mode_ends_with_its_process },
  { "mode_stays_when_others_end", mode_stays_when_others_end },
  { "mode_ends_with_the_group", mode_ends_with_the_group },
  { "hold_and_give", hold_and_give },
  { "holder_ends", holder_ends },
  { "others_are_refused", others_are_refused },
  { "waiting_read", waiting_read },
  { "dead_group", dead_group },
  { "child_of_holder", child_of_holder },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
