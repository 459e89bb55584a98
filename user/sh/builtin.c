// builtin.c - what must happen in the shell's own process.

#include "kernel/stat.h"
#include "user/sh/sh.h"

static int
do_cd(int argc, char **argv)
{
  const char *to = argc > 1 ? argv[1] : "/";
  struct stat st;

  if (argc > 2) {
    warn("cd", "one directory, please");
    return 2;
  }
  if (chdir(to) == 0)
    return 0;
  if (stat(to, &st) == 0 && st.type != T_DIR)
    warn("cd", "%s: not a directory", to);
  else
    warn("cd", "%s: %s", to, why_not(to));
  return 1;
}

static int
do_exit(int argc, char **argv)
{
  long status = sh.status;

  if (argc > 2 || (argc == 2 && !parse_long(argv[1], &status))) {
    warn("exit", "usage: exit [STATUS]");
    return 2;
  }
  leave_console();
  exit(status);
}

// The job or process that an argument names: 3, %3, or a pid.
static struct job *
named_job(const char *builtin, const char *arg)
{
  const char *digits = *arg == '%' ? arg + 1 : arg;
  struct job *j = 0;
  long id;

  if (parse_long(digits, &id) && id > 0)
    j = job_find(id);
  if (j == 0)
    warn(builtin, "%s: no such job", arg);
  return j;
}

static int
do_wait(int argc, char **argv)
{
  int status = 0;

  if (argc == 1) {
    while (job_first() && !job_interrupted())
      job_wait(job_first(), false);
    return job_interrupted() ? -1 : 0;
  }
  for (int i = 1; i < argc && !job_interrupted(); i++) {
    struct job *j = named_job("wait", argv[i]);

    status = j ? job_wait(j, false) : STATUS_NOTFOUND;
  }
  return status;
}

static int
do_fg(int argc, char **argv)
{
  struct job *j = argc > 1 ? named_job("fg", argv[1]) : job_find(0);

  if (j == 0 && argc == 1)
    warn("fg", "there is no job in the background");
  return j ? job_wait(j, true) : 1;
}

static int
do_jobs(int argc, char **argv)
{
  jobs_list();
  return 0;
}

static int
do_exec(int argc, char **argv)
{
  if (argc == 1)
    return 0;
  if (sh.interactive)
    tcsetpgrp(0, getpgid(0)); // ^C is for the program
  run_program(argc - 1, argv + 1);
}

// The program kill, which knows processes and groups, but not jobs.
static int
do_kill(int argc, char **argv)
{
  int pid, status = 1;
  char text[16];

  for (int i = 1; i < argc; i++) {
    struct job *j;

    if (*argv[i] != '%')
      continue;
    j = named_job("kill", argv[i]);
    if (j == 0)
      return 1;
    snprintf(text, sizeof(text), "%d", j->pgid ? -j->pgid : j->last);
    argv[i] = arena_text(text, strlen(text));
  }
  pid = fork();
  if (pid == 0)
    run_program(argc, argv);
  if (pid < 0)
    warn("kill", "no more processes");
  else
    waitpid(pid, &status, 0);
  return status;
}

static int
do_history(int argc, char **argv)
{
  history_list();
  return 0;
}

static int
do_nothing(int argc, char **argv)
{
  return 0;
}

static int
do_help(int argc, char **argv)
{
  printf("cmd args    < in > out >> append 2> err 2>&1    a | b    a ; b\n"
         "a && b   a || b   ! a   a &   (a; b)   'quotes' \"$x\" \\c   # \n"
         "x=value $x $? $$ $! $0 $1 $# $@\n"
         "cd [DIR], exit [STATUS], wait [JOB..], jobs, fg [JOB], "
         "kill %%JOB, exec CMD,\n"
         "history, help\n"
         "^C ends the foreground job, ^D the input; ^P shows processes.\n"
         "Tab completes names, up and down bring back lines. "
         "Programs: ls /\n");
  return 0;
}

static const struct {
  const char *name;
  builtin_fn *fn;
} builtins[] = {
  { ":", do_nothing },
  { "cd", do_cd },
  { "exec", do_exec },
  { "exit", do_exit },
  { "fg", do_fg },
  { "help", do_help },
  { "history", do_history },
  { "jobs", do_jobs },
  { "kill", do_kill },
  { "wait", do_wait },
};

builtin_fn *
builtin_find(const char *name)
{
  for (uint i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
    if (strcmp(builtins[i].name, name) == 0)
      return builtins[i].fn;
  return 0;
}

const char *
builtin_name(uint i)
{
  return i < sizeof(builtins) / sizeof(builtins[0]) ? builtins[i].name : 0;
}
