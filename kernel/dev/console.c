// console.c - the console: lines of input, buffered output.
//
// Output goes through a ring that the UART's interrupt empties, so a program
// that prints does not wait for a slow terminal until the ring is full. The
// kernel's own messages, and all output of a run that must repeat to the bit,
// go out at once.
//
// Input is gathered in a line, which can be edited until it is entered:
// backspace, ^U (forget the line), ^D (end of input), ^C (kill the foreground
// process group), ^P (print processes and run queues).

#include "kernel/dev/console.h"

#include "kernel/boot/fdt.h"
#include "kernel/dev/device.h"
#include "kernel/dev/sbi.h"
#include "kernel/dev/uart.h"
#include "kernel/lib/print.h"
#include "kernel/mm/mm.h"
#include "kernel/proc/private.h"
#include "kernel/proc/proc.h"

#define OUT  4096  // bytes of output kept, a power of two
#define LINE 256   // longest line of input
#define IN   1024  // entered and not read yet, a power of two
#define EOI  0x100 // in `in`: end of input

#define CTRL(c) ((c)&0x1f)
#define DELETE  0x7f

static struct {
  struct spinlock lock;
  // Output.
  char out[OUT];
  uint32_t out_head, out_tail; // next to send, next free
  struct waitq room;
  // Input.
  char line[LINE]; // being edited
  uint32_t len;
  uint16_t in[IN]; // entered
  uint32_t in_head, in_tail;
  struct waitq readers;
  int foreground; // process group
} con = { .lock = SPINLOCK_INIT("console") };

static bool ready;              // the UART is set up
static struct hart *sync_owner; // who holds con.lock for kprintf
static int sync_depth;
static bool sync_locked; // con.lock is held for it
static bool ending;      // the machine is; locks may never be let go

// ---- output ----------------------------------------------------------------

void
console_put_sync(char c)
{
  if (!ready) {
    sbi_putchar(c);
    return;
  }
  while (!uart_can_put())
    ;
  uart_put(c);
}

// Send what is buffered, all of it. Lock held, or nobody else is left.
static void
flush(void)
{
  for (uint32_t n = con.out_tail - con.out_head; n > 0; n--) {
    while (!uart_can_put())
      ;
    uart_put(con.out[con.out_head++ % OUT]);
  }
}

void
console_drain(void)
{
  acquire(&con.lock);
  if (ready)
    flush();
  release(&con.lock);
}

// Take the lock; after a panic only if its holder lets go of it soon, who may
// have been stopped.
static bool
lock_console(void)
{
  if (!ending) {
    acquire(&con.lock);
    return true;
  }
  for (int i = 0; i < 1000000; i++)
    if (try_acquire(&con.lock))
      return true;
  return false;
}

void
console_end(void)
{
  __atomic_store_n(&ending, true, __ATOMIC_SEQ_CST);
  irq_hold();
  if (!holding(&con.lock))
    lock_console(); // and never let go: nobody prints any more
  if (ready)
    flush();
}

void
console_panic(void)
{
  __atomic_store_n(&ending, true, __ATOMIC_SEQ_CST);
}

void
console_sync_begin(void)
{
  irq_hold();
  if (sync_owner != this_hart() || sync_depth == 0) {
    sync_locked = !holding(&con.lock) && lock_console();
    sync_owner = this_hart();
    if (ready)
      flush();
  }
  sync_depth++;
}

void
console_sync_end(void)
{
  if (--sync_depth == 0) {
    sync_owner = 0;
    if (sync_locked)
      release(&con.lock);
  }
  irq_allow();
}

// Send what the UART takes now; have it ask for more. Lock held.
static void
pump(void)
{
  while (con.out_head != con.out_tail && uart_can_put())
    uart_put(con.out[con.out_head++ % OUT]);
  uart_want_room(con.out_head != con.out_tail);
  if (con.out_tail - con.out_head <= OUT / 2)
    wake_all(&con.room);
}

// Lock held; there is room.
static void
queue_char(char c)
{
  con.out[con.out_tail++ % OUT] = c;
}

static bool
has_room(void)
{
  return con.out_tail - con.out_head < OUT;
}

// Write n bytes; how many were, or -1: killed.
static int
write_some(const char *s, int n)
{
  int i;

  acquire(&con.lock);
  for (i = 0; i < n; i++) {
    while (!has_room()) {
      pump();
      if (!has_room() && wait_on(&con.room, &con.lock, WAIT_KILLABLE) < 0) {
        release(&con.lock);
        return i > 0 ? i : -1;
      }
    }
    queue_char(s[i]);
  }
  if (det_mode)
    flush();
  else
    pump();
  release(&con.lock);
  return n;
}

static int64_t
console_write(int minor, uint64_t uva, uint64_t n)
{
  char piece[128];
  uint64_t done = 0;

  while (done < n) {
    int k = n - done < sizeof(piece) ? n - done : sizeof(piece);
    int wrote;

    if (copy_in(piece, uva + done, k) < 0)
      return done > 0 ? (int64_t)done : -1;
    wrote = write_some(piece, k);
    if (wrote < 0)
      return done > 0 ? (int64_t)done : -1;
    done += wrote;
  }
  return done;
}

// ---- input -----------------------------------------------------------------

static void
echo(const char *s)
{
  for (; *s; s++)
    if (has_room())
      queue_char(*s);
  pump();
}

static void
rub_out(void)
{
  if (con.len > 0) {
    con.len--;
    echo("\b \b");
  }
}

static bool
enter_char(uint16_t c)
{
  if (con.in_tail - con.in_head == IN)
    return false; // nobody reads: it is lost
  con.in[con.in_tail++ % IN] = c;
  return true;
}

// The line, and what ends it, may be read now.
static void
enter(uint16_t last)
{
  if (con.in_tail - con.in_head + con.len < IN) {
    for (uint32_t i = 0; i < con.len; i++)
      enter_char(con.line[i]);
    enter_char(last);
  }
  con.len = 0;
  wake_all(&con.readers);
}

// ^C. A shell at its prompt has nobody in the foreground; it gets an empty
// line, and prompts again. Lock held; the group to kill is returned.
static int
interrupted(void)
{
  echo("^C\n");
  con.len = 0;
  if (con.foreground == 0)
    enter('\n'); // also when it has prompted and does not read yet
  return con.foreground;
}

static void
take_char(char c)
{
  char s[2] = { c, 0 };

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
    echo("\n");
    enter('\n');
    break;
  default:
    if ((unsigned char)c < ' ' && c != '\t')
      break;
    if (con.len < LINE) {
      con.line[con.len++] = c;
      echo(s);
    }
  }
}

static void
console_interrupt(void)
{
  bool dump = false;
  int kill_group = 0, c;

  acquire(&con.lock);
  while ((c = uart_get()) >= 0) {
    if (c == CTRL('P'))
      dump = true;
    else if (c == CTRL('C'))
      kill_group = interrupted();
    else
      take_char(c);
  }
  pump();
  release(&con.lock);
  if (dump)
    proc_dump();
  if (kill_group)
    proc_kill_group(kill_group);
}

// Take entered characters, at most n, up to and with the end of a line; how
// many. Lock held; something was entered.
static int
take_line(char *s, int n)
{
  int i = 0;

  while (i < n && con.in_head != con.in_tail) {
    uint16_t c = con.in[con.in_head % IN];

    if (c == EOI && i > 0)
      break; // for the next call
    con.in_head++;
    if (c == EOI)
      break;
    s[i++] = c;
    if (c == '\n')
      break;
  }
  return i;
}

static int64_t
console_read(int minor, uint64_t uva, uint64_t n)
{
  char piece[LINE + 1];
  int got;

  if (n > sizeof(piece))
    n = sizeof(piece);
  if (n == 0)
    return 0;
  acquire(&con.lock);
  while (con.in_head == con.in_tail)
    if (wait_on(&con.readers, &con.lock, WAIT_KILLABLE) < 0) {
      release(&con.lock);
      return -1;
    }
  got = take_line(piece, n);
  release(&con.lock);
  return copy_out(uva, piece, got) < 0 ? -1 : got;
}

// ---- set-up ----------------------------------------------------------------

void
console_set_foreground(int pgid)
{
  acquire(&con.lock);
  con.foreground = pgid;
  release(&con.lock);
}

int
console_foreground(void)
{
  return con.foreground;
}

void
console_init(void)
{
  waitq_init(&con.room, "console");
  waitq_init(&con.readers, "console");
  if (machine.uart.reg.size == 0)
    panic("the device tree names no 16550 UART");
  uart_init(console_interrupt);
  ready = true;
}

const struct device console_device = {
  .name = "console",
  .read = console_read,
  .write = console_write,
};
