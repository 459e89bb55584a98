// input.c - what is typed at the console, and whose it is.
//
// In lines mode, input is gathered in a line, which can be edited until it is
// entered: backspace, ^U (forget the line), ^D (end of input). In keys mode
// each byte can be read as it came. Two keys are the console's own in either:
//
//     ^C   kills the foreground group. If there is none, it drops the line,
//          or is a key like others.
//     ^P   prints processes and run queues; then it is a key, so that the
//          reader knows that its screen is spoilt.
//
// Input belongs to one process group. Who holds the console, a shell, gives
// it to the group of each job in turn, and takes it back:
//
//                 set_group(0)                    set_group(job)
//     nobody's -----------------> held by a shell ----------------> a job's
//     all may read                its group reads                   the job
//     ^C: drops a line            ^C: drops a line, or a key        reads, and
//         ^                           |   ^                         ^C kills it
//         |     the shell has ended   |   |      set_group(0)            |
//         +---------------------------+   +------------------------------+
//
// (A job inherits what it has if the shell ends first.) A process of another
// group that reads gets -1. The mode goes back to lines when the process ends
// that changed it, and at each step above.

#include "kernel/dev/console.h"
#include "kernel/dev/console_private.h"
#include "kernel/dev/uart.h"
#include "kernel/mm/mm.h"
#include "kernel/peach.h"
#include "kernel/proc/proc.h"
#include "kernel/proc/wait.h"

#define LINE 256   // longest line
#define IN   4096  // entered and not read yet, a power of two
#define EOI  0x100 // in `in`: end of input
#define KEY  0x200 // in `in`: came in keys mode, so it was not echoed

#define CTRL(c) ((c)&0x1f)
#define DELETE  0x7f

// All of it is guarded by console_lock.
static struct {
  char line[LINE]; // being edited
  uint32_t len;
  uint16_t in[IN]; // entered
  uint32_t head, tail;
  struct waitq readers;
  int mode;         // enum console_mode
  int mode_pid;     // who changed it from lines
  int group;        // has the input; 0: all
  bool deadly;      // ^C kills it
  int holder;       // pid; 0: nobody
  uint64_t pressed; // ^C so far, but for those read as keys
} con = { .readers = WAITQ_INIT(con.readers, "console") };

// ---- keys to lines ---------------------------------------------------------

static void
rub_out(void)
{
  if (con.len > 0) {
    con.len--;
    console_echo("\b \b");
  }
}

static void
enter_char(uint16_t c)
{
  if (con.tail - con.head < IN) // otherwise nobody reads: it is lost
    con.in[con.tail++ % IN] = c;
}

// The line, and what ends it, may be read now.
static void
enter(uint16_t last)
{
  if (con.tail - con.head + con.len < IN) {
    for (uint32_t i = 0; i < con.len; i++)
      enter_char((unsigned char)con.line[i]);
    enter_char(last);
  }
  con.len = 0;
  wake_all(&con.readers);
}

static void
take_char(char c, bool echo)
{
  switch (c) {
  case CTRL('D'):
    enter(EOI);
    break;
  case CTRL('U'):
    while (con.len > 0)
      rub_out();
    break;
  case CTRL('H'):
  case DELETE:
    rub_out();
    break;
  case '\r':
  case '\n':
    console_echo("\n");
    enter('\n');
    break;
  default:
    if (((unsigned char)c < ' ' && c != '\t') || con.len == LINE)
      break;
    con.line[con.len++] = c;
    if (echo)
      console_echo((char[]){ c, 0 });
  }
}

static void
drop_line(void)
{
  con.pressed++;
  con.len = 0;
  console_echo("^C\n");
}

// ---- modes -----------------------------------------------------------------

// What was typed and is not entered can be read as it is.
static void
to_keys(void)
{
  for (uint32_t i = 0; i < con.len; i++)
    enter_char((unsigned char)con.line[i]);
  con.len = 0;
}

// What was not read goes through the line again, from the first that is not
// in an entered line on; keys get their echo. An entry or more is taken for
// each that is put, so the queue is rewritten in place.
static void
to_lines(void)
{
  uint32_t next = con.tail, end = con.tail;

  while (next != con.head) {
    uint16_t c = con.in[(next - 1) % IN];

    if (!(c & KEY) && (c == '\n' || c == EOI))
      break;
    next--;
  }
  con.tail = next;
  for (; next != end; next++) {
    uint16_t c = con.in[next % IN];

    if (c == (KEY | CTRL('C')))
      drop_line();
    else
      take_char(c, c & KEY);
  }
}

static void
set_mode(int mode)
{
  int old = con.mode;

  con.mode = mode;
  if (mode == CONSOLE_LINES && old != CONSOLE_LINES)
    to_lines();
  if (mode != CONSOLE_LINES && old == CONSOLE_LINES)
    to_keys();
  wake_all(&con.readers);
}

static void
set_group(int group, bool deadly)
{
  if (group == con.group && deadly == con.deadly)
    return;
  con.group = group;
  con.deadly = deadly;
  set_mode(CONSOLE_LINES);
}

// Has the caller's group the input? A group that nobody holds the console for
// has lost it when it has no process any more. The lock is let go for a while
// to find that out.
static bool
has_input(void)
{
  int group = con.group;

  if (group == 0 || group == running()->pgid)
    return true;
  if (con.holder != 0)
    return false;
  release(&console_lock);
  bool exists = proc_group_exists(group);
  acquire(&console_lock);
  if (!exists && con.group == group && con.holder == 0)
    set_group(0, false);
  return con.group == 0 || con.group == running()->pgid;
}

int
console_set_mode(int mode)
{
  int old = -1;

  if (mode < CONSOLE_LINES || mode > CONSOLE_POLL)
    return -1;
  acquire(&console_lock);
  if (has_input()) {
    old = con.mode;
    con.mode_pid = running()->pid;
    set_mode(mode);
  }
  release(&console_lock);
  return old;
}

int
console_set_group(int pgid)
{
  struct proc *p = running();
  bool may;

  if (pgid < 0)
    return -1;
  acquire(&console_lock);
  may = con.holder == p->pid || (con.holder == 0 && pgid == 0) || has_input();
  if (may && pgid == 0) {
    con.holder = p->pid;
    set_group(p->pgid, false);
  } else if (may) {
    set_group(pgid, true);
  }
  release(&console_lock);
  return may ? 0 : -1;
}

void
console_info(struct consoleinfo *out)
{
  acquire(&console_lock);
  *out = (struct consoleinfo){
    .mode = con.mode,
    .pgid = con.group,
    .foreground = con.deadly ? con.group : 0,
    .holder = con.holder,
    .interrupts = con.pressed,
  };
  release(&console_lock);
}

void
console_leave(int pid)
{
  // Nobody else writes this pid there, so no lock for most.
  if (con.holder != pid && con.mode_pid != pid)
    return;
  acquire(&console_lock);
  if (con.holder == pid) {
    con.holder = 0;
    if (!con.deadly)
      set_group(0, false);
  }
  if (con.mode_pid == pid) {
    con.mode_pid = 0;
    set_mode(CONSOLE_LINES);
  }
  release(&console_lock);
}

// ---- keys ------------------------------------------------------------------

static void
take_key(char c)
{
  if (con.mode == CONSOLE_LINES) {
    take_char(c, true);
    return;
  }
  enter_char(KEY | (unsigned char)c);
  wake_all(&con.readers);
}

// ^C. Returns the group to kill. All that was typed before is dropped, but
// only if there is one: otherwise a line is dropped, and a read that waits
// gets an empty one, so that its program can prompt again.
static int
interrupted(void)
{
  if (!con.deadly && con.mode != CONSOLE_LINES) {
    take_key(CTRL('C'));
    return 0;
  }
  drop_line();
  if (con.deadly)
    con.head = con.tail;
  else if (!ring_empty(&con.readers.sleepers))
    enter('\n');
  return con.deadly ? con.group : 0;
}

// ^P has printed over what was there.
static void
show_again(void)
{
  if (con.mode != CONSOLE_LINES)
    take_key(CTRL('P'));
  else
    for (uint32_t i = 0; i < con.len; i++)
      console_echo((char[]){ con.line[i], 0 });
}

void
input_interrupt(void)
{
  bool dump = false;
  int kill_group = 0, c;

  acquire(&console_lock);
  while ((c = uart_get()) >= 0) {
    if (c == CTRL('P'))
      dump = true;
    else if (c == CTRL('C'))
      kill_group = interrupted();
    else
      take_key(c);
  }
  console_echo(""); // have the output go on
  release(&console_lock);
  if (kill_group)
    proc_kill_group(kill_group);
  if (dump) {
    proc_dump();
    acquire(&console_lock);
    show_again();
    release(&console_lock);
  }
}

// ---- read ------------------------------------------------------------------

// Take entered characters, at most n; in lines mode up to and with the end of
// a line. How many. Lock held.
static int
take(char *s, int n)
{
  bool lines = con.mode == CONSOLE_LINES;
  int i = 0;

  while (i < n && con.head != con.tail) {
    uint16_t c = con.in[con.head % IN];

    if (lines && c == EOI && i > 0)
      break; // for the next call
    con.head++;
    if (lines && c == EOI)
      break;
    s[i++] = c == EOI ? CTRL('D') : c;
    if (lines && c == '\n')
      break;
  }
  return i;
}

// Wait until there is something to read; -1 if killed, or it is for others.
static int
await_input(void)
{
  while (has_input()) {
    if (con.head != con.tail || con.mode == CONSOLE_POLL)
      return 0;
    if (wait_on(&con.readers, &console_lock, WAIT_KILLABLE) < 0)
      return -1;
  }
  return -1;
}

int64_t
input_read(int minor, uint64_t uva, uint64_t n)
{
  char piece[LINE + 1];
  int got = -1;

  if (n > sizeof(piece))
    n = sizeof(piece);
  if (n == 0)
    return 0;
  acquire(&console_lock);
  if (await_input() == 0)
    got = take(piece, n);
  release(&console_lock);
  if (got > 0 && copy_out(uva, piece, got) < 0)
    return -1;
  return got;
}
