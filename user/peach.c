// peach.c - the idea of the book, as a picture: one peach, or one a hart, and
// many eaters, each of which believes that it has a peach of its own.
//
//     peach [-n PICTURES] [-d SECONDS] EATERS
//
// Left, the world as each eater sees it: it eats its peach, or naps. Right,
// what was really so since the picture before: when it had a hart (#), waited
// for one (-), or napped. And on top, who had each peach. It is all out of the
// kernel's trace. q quits; with -n it stops by itself, reads no key and does
// not clear the screen.

#include "kernel/types.h"
#include "user/chart.h"

#define MSEC  1000000UL
#define MOST  60
#define WIDE  44
#define BITES 8 // of which a peach is gone
#define MEAL  (240 * MSEC)

static struct chart chart;
static int eater[MOST];
static uint64 eaten[MOST]; // ns
static long eaters, pictures;
static uint64 delay = 200 * MSEC;

// ---- an eater --------------------------------------------------------------

static void
eat(uint64 ns)
{
  struct procinfo me;
  uint64 end;

  procinfo(0, &me);
  end = me.ran + ns;
  do {
    for (volatile int i = 0; i < 20000; i++)
      ;
    procinfo(0, &me);
  } while (me.ran < end);
}

// It works and naps by turns, each its own way.
static void __attribute__((noreturn)) live(uint seed)
{
  for (;;) {
    seed = seed * 1103515245 + 12345;
    eat((20 + (seed >> 16) % 100) * MSEC);
    seed = seed * 1103515245 + 12345;
    sleep_ns((20 + (seed >> 16) % 200) * MSEC);
  }
}

static void
end_all(void)
{
  for (int i = 0; i < eaters; i++)
    if (eater[i] > 0)
      kill(eater[i]);
  while (wait(0) > 0)
    ;
}

static int
start_all(void)
{
  for (int i = 0; i < eaters; i++) {
    eater[i] = fork();
    if (eater[i] == 0)
      live(i + 1);
    if (eater[i] < 0) {
      warn("peach", "no process left for eater %d", i + 1);
      return -1;
    }
  }
  return 0;
}

// ---- a picture -------------------------------------------------------------

static int
number_of(int pid)
{
  for (int i = 0; i < eaters; i++)
    if (eater[i] == pid)
      return i;
  return -1;
}

static char
letter_of(int i)
{
  return i < 26 ? 'A' + i : i < 52 ? 'a' + i - 26 : '0' + i - 52;
}

// "(@@@@@...)": what is left of the eater's own peach.
static void
draw_peach(char *text, int i, int napping)
{
  int left = BITES - eaten[i] % MEAL * BITES / MEAL;

  text[0] = '(';
  for (int k = 0; k < BITES; k++)
    text[k + 1] = k < left ? '@' : '.';
  text[BITES + 1] = ')';
  text[BITES + 2] = 0;
  if (napping)
    strcpy(text, "  z z z   ");
}

static void
draw_eater(int i)
{
  char line[CHART_WIDE + 1] = "", peach[BITES + 3];
  const struct chart_row *r = 0;

  for (int k = 0; k < chart.n; k++)
    if (chart.row[k].pid == eater[i]) {
      r = &chart.row[k];
      chart_process(&chart, k, line);
    }
  if (r == 0)
    return;
  eaten[i] += r->ran;
  draw_peach(peach, i, r->state == PROC_SLEEPING);
  printf("%c  %s %-14s |%s|\n", letter_of(i), peach,
         r->state == PROC_SLEEPING ? "naps" : "\"all mine\"", line);
}

static void
draw(void)
{
  char line[CHART_WIDE + 1];

  for (int k = 0; k < chart.n; k++) {
    int i = number_of(chart.row[k].pid);

    chart.row[k].letter = i >= 0 ? letter_of(i) : '*';
  }
  for (int h = 0; h < chart.nhart; h++) {
    chart_hart(&chart, h, line);
    printf("%s hart %2d %*s|%s|\n", h ? "     " : "peach", h, 15, "", line);
  }
  printf("\n   what each sees            | the last %lu ms: who had it%*s|\n",
         (chart.end - chart.begin) / MSEC, WIDE - 33, "");
  for (int i = 0; i < eaters; i++)
    draw_eater(i);
  printf("   (* this program and others; . nobody)\n");
}

// ---- one after the other ---------------------------------------------------

// True: quit.
static int
wait_a_while(void)
{
  uint64 end = clock_ns() + delay;
  char c;

  while (clock_ns() < end) {
    int n = pictures ? 0 : read(0, &c, 1);

    if (n != 0)
      return n < 0 || c == 'q';
    sleep_ns(pictures ? delay : 50 * MSEC);
  }
  return 0;
}

static int
picture(void)
{
  struct trace_info info;
  int quit;

  if (chart_start(&chart, WIDE) < 0 || trace_ctl(TRACE_START, 4000) < 0) {
    warn("peach", "no memory, or another trace is taken");
    return -1;
  }
  quit = wait_a_while();
  if (trace_ctl(TRACE_STOP, (uint64)&info) < 0 ||
      chart_read(&chart, &info) < 0) {
    warn("peach", "no memory");
    return -1;
  }
  trace_ctl(TRACE_FREE, 0);
  if (pictures == 0)
    printf("\033[H\033[2J");
  draw();
  chart_free(&chart);
  return quit;
}

static int
usage(void)
{
  fprintf(2, "usage: peach [-n PICTURES] [-d SECONDS] EATERS   (1 to %d)\n",
          MOST);
  return 2;
}

int
main(int argc, char **argv)
{
  long seconds = 0;
  int i = 1, quit = 0;

  for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
    if (strcmp(argv[i], "-n") == 0 && parse_long(argv[i + 1], &pictures) &&
        pictures > 0)
      continue;
    if (strcmp(argv[i], "-d") == 0 && parse_long(argv[i + 1], &seconds) &&
        seconds > 0 && seconds <= 60) {
      delay = seconds * 1000 * MSEC;
      continue;
    }
    return usage();
  }
  if (i + 1 != argc || !parse_long(argv[i], &eaters) || eaters < 1 ||
      eaters > MOST)
    return usage();
  if (pictures == 0 && console_mode(0, CONSOLE_POLL) < 0) {
    warn("peach", "no console to read keys from: say how many pictures, -n 1");
    return 1;
  }
  if (start_all() < 0)
    quit = -1;
  for (long n = 1; quit == 0; n++) {
    quit = picture();
    if (n == pictures)
      break;
  }
  end_all();
  return quit < 0;
}
