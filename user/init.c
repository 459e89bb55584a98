// init.c - the first process, and the parent of those whose parent is gone.
//
//     init                keep a shell running on the console
//     init -c COMMAND     run one command, then power off with its status

#include "kernel/fcntl.h"
#include "kernel/types.h"
#include "user/peach.h"

#define CONSOLE 1       // the console's major device number

// Descriptors 0, 1 and 2.
static void
open_console(void)
{
  int fd = open("/console", O_RDWR);

  if (fd < 0) {
    mknod("/console", CONSOLE, 0);
    fd = open("/console", O_RDWR);
  }
  if (fd < 0)
    poweroff(255);      // there is nobody to tell
  dup(0);
  dup(0);
}

static int
start_shell(char *command)
{
  char *argv[] = { "sh", command ? "-c" : 0, command, 0 };
  int pid = fork();

  if (pid != 0)
    return pid;
  exec("/sh", argv);
  fprintf(2, "init: cannot run /sh\n");
  exit(127);
}

// Wait until process pid has ended; all others that end are orphans that
// nobody asks for. Returns its status.
static int
wait_for(int pid)
{
  int status, ended;

  do {
    ended = wait(&status);
  } while (ended >= 0 && ended != pid);
  return ended < 0 ? -1 : status;
}

// What the host sees of a status: 0 only for 0.
static int
host_status(int status)
{
  if (status == 0)
    return 0;
  if (status < 0 || status % 256 == 0)
    return 255;
  return status % 256;
}

static void
run_command(char *command)
{
  int pid = start_shell(command);

  if (pid < 0) {
    fprintf(2, "init: cannot fork\n");
    poweroff(255);
  }
  poweroff(host_status(wait_for(pid)));
}

int
main(int argc, char **argv)
{
  open_console();
  if (argc == 3 && strcmp(argv[1], "-c") == 0)
    run_command(argv[2]);
  for (;;) {
    int pid = start_shell(0);

    if (pid < 0) {
      fprintf(2, "init: cannot fork\n");
      sleep_ns(1000000000);
    } else {
      wait_for(pid);
    }
  }
}
