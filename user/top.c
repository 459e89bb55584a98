// top.c - who uses the harts, as it goes on: processes sorted by what they ran
// since the last look, how busy each hart was, and what the policy shows.
//
//     top [-d SECONDS] [-n LOOKS] [-l LINES]
//
// q quits, any other key looks at once. With -n it stops by itself, reads no
// key and does not clear the screen, so that its output can go to a file.

#include "kernel/types.h"
#include "user/peach.h"

#define MSEC    1000000UL
#define POLL    (50 * MSEC)
#define MOST    1024 // processes
#define MAXHART 64

struct seen {
  struct procinfo p;
  uint64 used; // ns that it ran since the last look
};

static struct sysinfo si;
static struct seen now[MOST];
static int nnow;
static struct {
  int pid;
  uint64 ran;
} before[MOST];
static int nbefore;
static uint64 busy[MAXHART]; // of each hart, at the last look
static uint64 last;          // when that was
static long looks, lines = 20;
static uint64 delay = 1000 * MSEC;

// ---- looking ---------------------------------------------------------------

// What it ran up to the last look; a new one ran nothing.
static uint64
ran_before(int pid)
{
  for (int i = 0; i < nbefore; i++)
    if (before[i].pid == pid)
      return before[i].ran;
  return 0;
}

static void
look(void)
{
  struct procinfo p;

  nbefore = nnow;
  for (int i = 0; i < nnow; i++) {
    before[i].pid = now[i].p.pid;
    before[i].ran = now[i].p.ran;
  }
  nnow = 0;
  for (int pid = 1; nnow < MOST && procinfo(pid, &p) > 0; pid = p.pid + 1) {
    uint64 ran = ran_before(p.pid);

    now[nnow].p = p;
    now[nnow++].used = p.ran > ran ? p.ran - ran : 0;
  }
}

// Most used first; of those that are equal the one that was made first.
static void
sort(void)
{
  for (int i = 1; i < nnow; i++) {
    struct seen one = now[i];
    int k = i;

    for (; k > 0 && now[k - 1].used < one.used; k--)
      now[k] = now[k - 1];
    now[k] = one;
  }
}

// ---- showing ---------------------------------------------------------------

static uint64
percent(uint64 part, uint64 all)
{
  return all ? (part * 1000 / all + 5) / 10 : 0;
}

static void
show_harts(uint64 span)
{
  struct hartinfo h;

  for (int i = 0; i < si.nhart && i < MAXHART; i++) {
    char bar[21];
    uint64 load;
    uint n = 0;

    if (hartinfo(i, &h) < 0)
      continue;
    load = percent(h.busy - busy[i], span);
    load = load > 100 ? 100 : load;
    busy[i] = h.busy;
    for (; n < sizeof(bar) - 1; n++)
      bar[n] = n < load / 5 ? '#' : '.';
    bar[n] = 0;
    printf("hart %2d [%s] %3lu %%, %d ready%s", i, bar, load, h.nready,
           si.nhart > 4 && i % 2 == 0 && i + 1 < si.nhart ? "   " : "\n");
  }
}

static void
show(uint64 span)
{
  char line[160], name[40];

  printf("%s, %s, up %s s: %d processes, %lu of %lu KiB free\n", si.policy,
         si.runq, seconds(name, si.now), si.nproc, si.mem_free / 1024,
         si.mem_total / 1024);
  show_harts(span);
  proc_title(line, sizeof(line), &si);
  printf(" CPU%% %s  NAME\n", line);
  for (int i = 0; i < nnow && i < lines; i++) {
    proc_line(line, sizeof(line), &si, &now[i].p);
    proc_name(name, sizeof(name), &now[i].p);
    printf("%4lu %s  %s\n", percent(now[i].used, span), line, name);
  }
  if (nnow > lines)
    printf("... and %ld more\n", nnow - lines);
}

// ---- keys ------------------------------------------------------------------

// Wait for the next look, or for a key. True: quit.
static int
wait_a_while(void)
{
  uint64 end = last + delay;
  char c;

  while (clock_ns() < end) {
    int n = looks ? 0 : read(0, &c, 1);

    if (n != 0)
      return n < 0 || c == 'q';
    sleep_ns(looks ? end - clock_ns() : POLL);
  }
  return 0;
}

static void
run(void)
{
  for (long n = 1;; n++) {
    uint64 was = last;

    if (sysinfo(&si) < 0)
      return;
    last = si.now;
    look();
    sort();
    if (looks == 0)
      printf("\033[H\033[2J");
    show(last - was);
    if (n == looks || wait_a_while())
      return;
    if (looks)
      printf("\n");
  }
}

// "1", "0.5": of seconds, in ns; 0: it is none.
static uint64
time_of(const char *text)
{
  uint64 ns = 0, unit = 1000 * MSEC;
  const char *s = text;

  for (; *s >= '0' && *s <= '9' && ns < 1000000 * unit; s++)
    ns = ns * 10 + (*s - '0') * unit;
  if (*s == '.')
    for (s++; *s >= '0' && *s <= '9'; s++)
      ns += (*s - '0') * (unit /= 10);
  return *s || s == text ? 0 : ns;
}

static int
usage(void)
{
  fprintf(2, "usage: top [-d SECONDS] [-n LOOKS] [-l LINES]\n");
  return 2;
}

int
main(int argc, char **argv)
{
  for (int i = 1; i < argc; i += 2) {
    const char *value = i + 1 < argc ? argv[i + 1] : "";
    int ok = 0;

    if (strcmp(argv[i], "-d") == 0)
      ok = (delay = time_of(value)) > 0;
    else if (strcmp(argv[i], "-n") == 0)
      ok = parse_long(value, &looks) && looks > 0;
    else if (strcmp(argv[i], "-l") == 0)
      ok = parse_long(value, &lines) && lines > 0;
    if (!ok)
      return usage();
  }
  if (looks == 0 && console_mode(0, CONSOLE_POLL) < 0) {
    warn("top", "no console to read keys from: say how often to look, -n 1");
    return 1;
  }
  run();
  return 0;
}
