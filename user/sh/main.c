// main.c - the shell's start: where its commands come from.
//
//     sh              from standard input; interactive if that is a console
//     sh FILE [ARG..]
//     sh -c TEXT [NAME [ARG..]]

#include "kernel/fcntl.h"
#include "user/sh/sh.h"

struct shell sh = { .script = "sh" };

// Descriptors 0 to 2 must be open: see redir.c.
static void
open_standard(void)
{
  int fd;

  while ((fd = open("/console", O_RDWR)) >= 0)
    if (fd > 2)
      break;
  if (fd > 2)
    close(fd);
}

static void
use_arguments(int argc, char **argv)
{
  sh.argc = argc;
  sh.argv = argv;
  if (argc > 0)
    sh.script = argv[0];
}

// Be interactive, if the console is the input and nobody else holds it. First
// as a member of the group that started this shell and may have the console,
// then as one of a group of its own.
static void
hold_console(void)
{
  struct consoleinfo ci;

  if (consoleinfo(0, &ci) < 0 || tcsetpgrp(0, 0) < 0)
    return;
  sh.interactive = true;
  sh.had_console = ci.foreground;
  setpgid(0, 0);
  tcsetpgrp(0, 0);
}

// The group that started this shell goes on with what it had.
void
leave_console(void)
{
  if (sh.interactive && sh.had_console)
    tcsetpgrp(0, sh.had_console);
}

static int
usage(void)
{
  fprintf(2, "usage: sh [FILE [ARG..]]\n"
             "       sh -c TEXT [NAME [ARG..]]\n");
  return STATUS_SYNTAX;
}

int
main(int argc, char **argv)
{
  struct input in;

  open_standard();
  sh.pid = getpid();
  if (argc > 1 && strcmp(argv[1], "-c") == 0) {
    if (argc < 3)
      return usage();
    use_arguments(argc - 3, argv + 3);
    input_text(&in, argv[2]);
  } else if (argc > 1 && argv[1][0] == '-') {
    return usage();
  } else if (argc > 1) {
    use_arguments(argc - 1, argv + 1);
    if (!input_file(&in, argv[1])) {
      warn("sh", "%s: %s", argv[1], why_not(argv[1]));
      return STATUS_NOTFOUND;
    }
  } else {
    hold_console();
    input_stdin(&in);
  }
  run_source(&in);
  return sh.status;
}
