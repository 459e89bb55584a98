// main.c - play a workload file (docs/workload.md), and print who ran when.
//
//     work NAME|FILE
//
// NAME, without / and ., is one of those in /jobs, without its .work.

#include <stdarg.h>

#include "kernel/fcntl.h"
#include "kernel/param.h"
#include "user/work/play.h"

#define LARGEST 65536           // file

static struct report report[TASKS];     // task of none that did not start: -1
static struct piece *piece;     // all, in the order of their beginning
static int npiece, room;

void
give_up(const char *why, ...)
{
  va_list ap;

  va_start(ap, why);
  fprintf(2, "work: ");
  vfprintf(2, why, ap);
  fprintf(2, "\n");
  kill(-getpgid(0));
  exit(1);
}

// ---- the file --------------------------------------------------------------

static char text[LARGEST];

static int
open_file(const char *name, char path[MAXPATH])
{
  if (strchr(name, '/') || strchr(name, '.'))
    strlcpy(path, name, MAXPATH);
  else
    snprintf(path, MAXPATH, "/jobs/%s.work", name);
  return open(path, O_RDONLY);
}

static void
load(const char *name)
{
  static char path[MAXPATH];
  int fd = open_file(name, path), size = 0, n;

  if (fd < 0) {
    warn("work", "%s: %s", path, why_not(path));
    exit(2);
  }
  while ((n = read(fd, text + size, LARGEST - size)) > 0)
    size += n;
  close(fd);
  if (n < 0 || size == LARGEST) {
    warn("work", "%s: cannot be read, or is too long", name);
    exit(2);
  }
  if (work_parse(&play.work, path, text, size) < 0 ||
      (play.ntask = work_tasks(&play.work, play.task, TASKS)) < 0) {
    fprintf(2, "%s\n", play.work.error);
    exit(2);
  }
}

// ---- what happened ---------------------------------------------------------

static void
collect(void)
{
  struct report r;

  for (int i = 0; i < play.ntask; i++)
    report[i].task = -1;
  for (;;) {
    if (npiece + PIECES > room) {
      room += PIECES + room / 2;
      piece = realloc(piece, room * sizeof(piece[0]));
      if (piece == 0)
        give_up("no memory for so many pieces");
    }
    if (!stage_report(&r, piece + npiece))
      return;
    npiece += r.npiece;
    report[r.task] = r;
  }
}

static void
swap(int i, int j)
{
  struct piece p = piece[i];

  piece[i] = piece[j];
  piece[j] = p;
}

// A heap of the first n, the latest on top: let the i-th sink.
static void
sink(int i, int n)
{
  for (int c; (c = 2 * i + 1) < n; i = c) {
    if (c + 1 < n && piece[c + 1].begin > piece[c].begin)
      c++;
    if (piece[i].begin >= piece[c].begin)
      return;
    swap(i, c);
  }
}

static void
sort(void)
{
  for (int i = npiece / 2; i-- > 0;)
    sink(i, npiece);
  for (int n = npiece; n-- > 1;) {
    swap(0, n);
    sink(0, n);
  }
}

static void
print_time(long ns)
{
  if (ns < 0)
    printf(" -");
  else
    printf(" %ld.%03ld", ns / 1000, ns % 1000);
}

static void
print_name(int task)
{
  char label[WORK_LABEL];

  work_label(&play.work, &play.task[task], label);
  printf(" %s", label);
}

static void
print_pieces(void)
{
  for (int i = 0; i < npiece; i++) {
    struct piece *p = &piece[i];

    printf("ran");
    print_time(p->begin);
    print_time(p->end);
    printf(" %d", p->hart);
    print_name(p->task);
    printf("\n");
  }
}

static void
print_task(int i)
{
  const struct report *r = &report[i];
  bool known = r->task >= 0;

  printf("task");
  print_name(i);
  print_time(known ? r->start : NEVER);
  print_time(known ? r->first : NEVER);
  print_time(known && r->ended ? r->end : NEVER);
  print_time(known ? r->ran : 0);
  print_time(known ? r->waited : 0);
  printf(" %ld\n", known ? r->switches : 0);
}

static void
print_head(void)
{
  struct sysinfo si;

  sysinfo(&si);
  printf("# %s under %s, %s, harts: %d\n", play.work.file, si.policy, si.runq,
         si.nhart);
  printf("chance %lu\n", play.chance);
}

int
main(int argc, char **argv)
{
  if (argc != 2) {
    fprintf(2, "usage: work NAME|FILE\n");
    return 2;
  }
  load(argv[1]);
  stage_open();
  stage_play();
  collect();
  stage_close();
  sort();
  print_head();
  print_pieces();
  for (int i = 0; i < play.ntask; i++)
    print_task(i);
  return 0;
}
