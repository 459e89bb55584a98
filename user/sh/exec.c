// exec.c - from a command's name to a running program.
//
// A name with a slash is a path; others are looked for in the root directory,
// where programs are, and then in the current one. A file that is no program
// but text is run as a script, by this same process.

#include "kernel/fcntl.h"
#include "kernel/param.h"
#include "kernel/stat.h"
#include "user/sh/sh.h"

// Does the file look like text?
static bool
is_script(const char *path)
{
  char head[64];
  int fd = open(path, O_RDONLY), n;

  if (fd < 0)
    return false;
  n = read(fd, head, sizeof(head));
  close(fd);
  for (int i = 0; i < n; i++)
    if (head[i] == 0 || head[i] == 0x7f)
      return false;
  return n >= 0;
}

static void run_script(const char *path, int argc, char **argv)
    __attribute__((noreturn));

static void
run_script(const char *path, int argc, char **argv)
{
  struct input in;

  if (!input_file(&in, path)) {
    warn("sh", "%s: cannot be read", path);
    exit(STATUS_NOEXEC);
  }
  sh.interactive = false;
  sh.status = 0;
  sh.script = path;
  sh.argc = argc;
  sh.argv = argv;
  jobs_forget();
  run_source(&in);
  exit(sh.status);
}

// Become the program at path, if there is one; otherwise return, if there is
// no file of that name.
static void
try(const char *path, int argc, char **argv)
{
  struct stat st;

  exec(path, argv);
  if (stat(path, &st) < 0)
    return;
  if (st.type == T_FILE && is_script(path))
    run_script(path, argc, argv);
  warn("sh", "%s: %s", argv[0],
       st.type == T_DIR ? "is a directory" : "cannot be executed");
  exit(STATUS_NOEXEC);
}

void
run_program(int argc, char **argv)
{
  char path[MAXPATH];

  if (argc > MAXARG) {
    warn("sh", "%s: too many arguments (%d, the most is %d)", argv[0],
         argc - 1, MAXARG - 1);
    exit(STATUS_NOEXEC);
  }
  if (strchr(argv[0], '/')) {
    try(argv[0], argc, argv);
  } else if (*argv[0] && strlen(argv[0]) + 2 <= sizeof(path)) {
    snprintf(path, sizeof(path), "/%s", argv[0]);
    try(path, argc, argv);
    try(argv[0], argc, argv);
  }
  warn("sh", "%s: command not found", argv[0]);
  exit(STATUS_NOTFOUND);
}
