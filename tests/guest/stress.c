// stress.c - everything at once: workers that fork, exec, exit, kill, pipe,
// sleep, work with files and touch memory, each job checking that nothing of
// its own was lost: every child is waited for and has the right status, every
// byte through a pipe and in a file is the right one, memory keeps what was
// written to it.
//
//     t_stress [SECONDS [SEED [WORKERS [GRACE]]]]   2 s, 1, 8, 120 s by default
//
// It runs in rounds of 15 s. After each, no process and no memory may be left.

#include "tests/guest/stress.h"
#include "tests/guest/stress_files.h"

#define ROUND   15              // seconds
#define CROWD   150             // processes at once, before all
#define SLACK   (256 * PAGE)    // that the kernel's caches may keep

static const struct job {
  const char *name;
  void (*run)(void);
} jobs[] = {
  { "tree", job_tree },         { "exec", job_exec },
  { "race", job_race },         { "kill", job_kill },
  { "orphans", job_orphans },   { "sleep", job_sleep },
  { "harts", job_harts },       { "pipes", job_pipes },
  { "pingpong", job_pingpong }, { "broken", job_broken_pipe },
  { "file", job_file },         { "unlinked", job_unlinked },
  { "shared", job_shared },     { "folders", job_folders },
  { "heap", job_heap },
};

#define NJOB ((int)COUNT(jobs))

// What a worker tells at its end.
struct tally {
  uint64 done[NJOB];
};

static int tallies[2];          // a pipe
static uint64 grace = 120;      // seconds for a worker to come to its end

static void
work(int number, uint64 first, uint64 end)
{
  struct tally t = { 0 };

  seed = first * 0x9e3779b97f4a7c15 + number + 1;
  close(tallies[0]);
  snprintf(folder, sizeof(folder), "/st.%d", number);
  mkdir(folder);
  while (clock_ns() < end) {
    uint j = rnd(NJOB);
    int left;

    jobs[j].run();
    left = wait(0);
    if (left != -1)
      fail(jobs[j].name, left, -1);     // a child was left
    t.done[j]++;
  }
  unlink(folder);
  if (write(tallies[1], &t, sizeof(t)) != sizeof(t))
    fail("the pipe of results", 0, 0);
  exit(0);
}

// ---- the parent ------------------------------------------------------------

// A worker does not come to an end: what is everybody waiting for?
static void
show_all(void)
{
  static const char *const states[] = { "sleep", "ready", "run", "zombie" };
  struct procinfo p;

  for (int pid = 1; (pid = procinfo(pid, &p)) > 0; pid++)
    printf("pid %d %s, child of %d: %s %s, killed %d, hart %d, picked %lu\n",
           p.pid, p.name, p.ppid, states[p.state], p.wchan, p.killed, p.hart,
           p.switches);
}

// Wait for all n workers, until `limit`. How many ended well?
static int
gather(int n, uint64 limit)
{
  int good = 0;

  while (n > 0) {
    int status, pid = waitpid(-1, &status, WNOHANG);

    if (pid > 0) {
      n--;
      good += status == 0;
    } else if (pid < 0 || clock_ns() > limit) {
      printf("t_stress: %d workers do not end\n", n);
      show_all();
      exit(1);
    } else {
      sleep_ns(20 * MSEC);
    }
  }
  return good;
}

static int
settled(const struct sysinfo *before)
{
  struct sysinfo after;

  for (int i = 0; i < 1000; i++) {
    sysinfo(&after);
    if (after.nproc <= before->nproc &&
        after.mem_free + SLACK >= before->mem_free)
      return 1;
    sleep_ns(10 * MSEC);
  }
  printf("t_stress: processes: %d, were %d; free: %lu KiB, were %lu\n",
         after.nproc, before->nproc, after.mem_free / 1024,
         before->mem_free / 1024);
  show_all();
  return 0;
}

static void
show(int round, const struct tally *sum, const struct sysinfo *before)
{
  struct sysinfo now;

  sysinfo(&now);
  printf("round %d:", round);
  for (int j = 0; j < NJOB; j++)
    printf(" %s %lu", jobs[j].name, sum->done[j]);
  printf("; free %ld KiB\n",
         (long)(now.mem_free - before->mem_free) / 1024);
}

// Have n workers work until `end`. True if all is well.
static int
run_round(int round, uint64 first, int n, uint64 end,
          const struct sysinfo *before)
{
  struct tally sum = { 0 }, t;
  int good, told = 0;

  if (pipe(tallies) < 0)
    fail("pipe", 0, 0);
  for (int i = 0; i < n; i++) {
    int pid = fork();

    if (pid == 0)
      work(i, first, end);
    if (pid < 0)
      fail("fork of a worker", 0, 0);
  }
  close(tallies[1]);
  good = gather(n, end + grace * SEC);
  for (; read(tallies[0], &t, sizeof(t)) == sizeof(t); told++)
    for (int j = 0; j < NJOB; j++)
      sum.done[j] += t.done[j];
  close(tallies[0]);
  unlink_all("/st.all");
  show(round, &sum, before);
  if (good != n || told != n)
    printf("t_stress: %d of %d workers ended well, %d told\n", good, n, told);
  return good == n && told == n;
}

// As many processes as there may ever be, so that the kernel has the stacks
// for them before the memory is counted.
static void
crowd(void)
{
  int gate[2], made = 0;
  char c;

  if (pipe(gate) < 0)
    fail("pipe", 0, 0);
  for (; made < CROWD; made++) {
    int pid = fork();

    if (pid < 0)
      fail("fork", made, CROWD);
    if (pid == 0) {
      close(gate[1]);
      exit(read(gate[0], &c, 1));
    }
  }
  close(gate[0]);
  close(gate[1]);
  while (made-- > 0)
    wait_for(-1, 0);
}

int
main(int argc, char **argv)
{
  uint64 seconds = argc > 1 ? atoi(argv[1]) : 2;
  uint64 first = argc > 2 ? atoi(argv[2]) : 1;
  int workers = argc > 3 ? atoi(argv[3]) : 8;
  uint64 end = clock_ns() + seconds * SEC;
  struct sysinfo before;

  if (argc > 4)
    grace = atoi(argv[4]);
  if (argc > 2 && strcmp(argv[1], "-x") == 0)
    return executed(argc, argv);
  if (seconds < 1 || workers < 1 || workers > 32) {
    fprintf(2, "usage: t_stress [SECONDS [SEED [WORKERS [GRACE]]]]\n");
    return 2;
  }
  crowd();
  mkdir("/st.all");
  sysinfo(&before);
  run_round(0, first, workers, clock_ns() + SEC / 2, &before);
  sysinfo(&before);
  for (int round = 1; clock_ns() < end; round++) {
    uint64 stop = clock_ns() + ROUND * SEC;

    if (!run_round(round, first + round, workers, stop < end ? stop : end,
                   &before) ||
        !settled(&before))
      return 1;
  }
  unlink("/st.all");
  printf("t_stress: ok\n");
  return 0;
}
