// first.c - the first process: it mounts the file system, still in the
// kernel, and becomes init.

#include "kernel/boot/boot.h"
#include "kernel/dev/power.h"
#include "kernel/fs/fs.h"
#include "kernel/lib/print.h"
#include "kernel/proc/exec.h"
#include "kernel/proc/private.h"
#include "kernel/proc/proc.h"

static void
become_init(void)
{
  struct args args;

  if (fs_mount() < 0)
    power_off(PANIC_STATUS); // fs_mount said why
  running()->files = files_fork(0);
  irq_hold();
  this_hart()->files = running()->files;
  irq_allow();
  if (running()->files == 0 || args_init(&args) < 0)
    panic("no memory for the first process");
  if (args_add(&args, boot_init) < 0 ||
      (boot_command &&
       (args_add(&args, "-c") < 0 || args_add(&args, boot_command) < 0))) {
    kprintf("kernel command line: the command is too long\n");
    power_off(2);
  }
  if (proc_exec(boot_init, &args) < 0) {
    kprintf("init: %s cannot be run\n", boot_init);
    power_off(PANIC_STATUS);
  }
  args_free(&args);
}

void
first_start(void)
{
  proc_start_first(become_init);
}
