// lab_batch.c - jobs that come together and run for so long each, measured.
//
//   lab_batch MS...    tells "job I FIRST END", microseconds since all came,
//                      for each

#include "tests/labs/frame/guest.h"

#define MOST 16

struct job {
  uint64 first; // nanoseconds
  uint64 end;
};

// Use up that much CPU time.  Loops that were measured beforehand take it,
// since the clock goes on while others run.  One piece of code, so that it takes
// as long wherever it is called.
static __attribute__((noinline)) void
spin(uint64 rounds)
{
  for (volatile uint64 i = 0; i < rounds; i++)
    ;
}

static uint64
rounds_a_ms(void)
{
  uint64 began = clock_ns();

  spin(20000);
  return 20000 * LAB_MSEC / (clock_ns() - began);
}

static void
job(int out, uint64 rounds)
{
  struct job j = { .first = clock_ns() };

  spin(rounds);
  j.end = clock_ns();
  write(out, &j, sizeof(j));
  exit(0);
}

int
main(int argc, char **argv)
{
  int pipes[MOST][2];
  uint64 rounds, began;

  lab_begin();
  rounds = rounds_a_ms();
  began = clock_ns();
  for (int i = 0; i < argc - 1 && i < MOST; i++) {
    if (pipe(pipes[i]) < 0)
      exit(1);
    if (fork() == 0)
      job(pipes[i][1], atoi(argv[i + 1]) * rounds);
    close(pipes[i][1]);
  }
  for (int i = 0; i < argc - 1 && i < MOST; i++) {
    struct job j;

    if (read(pipes[i][0], &j, sizeof(j)) != sizeof(j))
      exit(1);
    lab_tell("job", "%d %ld %ld", i, (long)(j.first - began) / 1000,
             (long)(j.end - began) / 1000);
  }
  return lab_end();
}
