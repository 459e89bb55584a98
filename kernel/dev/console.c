// console.c - the console: buffered output, and its set-up.
//
// Output goes through a ring that the UART's interrupt empties, so a program
// that prints does not wait for a slow terminal until the ring is full. The
// kernel's own messages, and all output of a run that must repeat to the bit,
// go out at once.
//
// What is typed is input.c's.

#include "kernel/dev/console.h"

#include "kernel/boot/fdt.h"
#include "kernel/dev/console_private.h"
#include "kernel/dev/device.h"
#include "kernel/dev/sbi.h"
#include "kernel/dev/uart.h"
#include "kernel/lib/print.h"
#include "kernel/mm/mm.h"
#include "kernel/proc/private.h"
#include "kernel/proc/proc.h"

#define OUT 4096 // bytes of output kept, a power of two

struct spinlock console_lock = SPINLOCK_INIT("console");

static struct {
  char out[OUT];
  uint32_t out_head, out_tail; // next to send, next free
  struct waitq room;
} con;

static bool ready;              // the UART is set up
static struct hart *sync_owner; // who holds console_lock for kprintf
static int sync_depth;
static bool sync_locked; // console_lock is held for it
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
  acquire(&console_lock);
  if (ready)
    flush();
  release(&console_lock);
}

// Take the lock; after a panic only if its holder lets go of it soon, who may
// have been stopped.
static bool
lock_console(void)
{
  if (!ending) {
    acquire(&console_lock);
    return true;
  }
  for (int i = 0; i < 1000000; i++)
    if (try_acquire(&console_lock))
      return true;
  return false;
}

void
console_end(void)
{
  __atomic_store_n(&ending, true, __ATOMIC_SEQ_CST);
  irq_hold();
  if (!holding(&console_lock))
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
    sync_locked = !holding(&console_lock) && lock_console();
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
      release(&console_lock);
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

  acquire(&console_lock);
  for (i = 0; i < n; i++) {
    while (!has_room()) {
      pump();
      if (!has_room() && wait_on(&con.room, &console_lock, WAIT_KILLABLE) < 0) {
        release(&console_lock);
        return i > 0 ? i : -1;
      }
    }
    queue_char(s[i]);
  }
  if (det_mode)
    flush();
  else
    pump();
  release(&console_lock);
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

void
console_echo(const char *s)
{
  for (; *s; s++)
    if (has_room())
      queue_char(*s);
  pump();
}

// ---- set-up ----------------------------------------------------------------

void
console_init(void)
{
  waitq_init(&con.room, "console");
  if (machine.uart.reg.size == 0)
    panic("the device tree names no 16550 UART");
  uart_init(input_interrupt);
  ready = true;
}

const struct device console_device = {
  .name = "console",
  .read = input_read,
  .write = console_write,
};
