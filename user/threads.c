// threads.c - threads that take turns (user/thread.h): each adds its number to
// a sum, as often as the others, and says so.
//
//     threads [N [TURNS]]      3 threads, 2 turns each

#include "kernel/types.h"
#include "user/peach.h"
#include "user/thread.h"

static long turns = 2;
static long sum;

static void
add(void *arg)
{
  long number = (long)arg;

  for (long i = 1; i <= turns; i++) {
    sum += number;
    printf("thread %d, turn %ld: the sum is %ld\n", thread_self(), i, sum);
    thread_yield();
  }
  thread_exit(number);
}

int
main(int argc, char **argv)
{
  long n = 3, made = 0;
  int status;

  if (argc > 3 || (argc > 1 && (!parse_long(argv[1], &n) || n < 1)) ||
      (argc > 2 && (!parse_long(argv[2], &turns) || turns < 1))) {
    fprintf(2, "usage: threads [N [TURNS]]   (1 or more)\n");
    return 2;
  }
  while (made < n && thread_create(add, (void *)(made + 1)) > 0)
    made++;
  for (int id = 1; id <= made; id++)
    if (thread_join(id, &status) == 0)
      printf("thread %d has ended with %d\n", id, status);
  if (made < n)
    warn("threads", "no memory for more than %ld threads", made);
  return made < n;
}
