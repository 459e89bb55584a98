// trace.c - run a command and record what the scheduler does meanwhile.
//
//     trace [-b RECORDS] -o FILE CMD [ARG..]
//
// The file has a head of text, a line a fact, which ends with an empty line;
// then the kernel's records as they are (kernel/trace.h), hart by hart. They
// stay in memory until the command has ended, so that tracing itself does not
// show; when the memory for them is full, the oldest are lost, and counted.
// The status is the command's.

#include "kernel/fcntl.h"
#include "kernel/types.h"
#include "user/peach.h"

static const char *const states[] = {
  [PROC_SLEEPING] = "sleeping",
  [PROC_READY] = "ready",
  [PROC_RUNNING] = "running",
  [PROC_ZOMBIE] = "zombie",
};

static struct sysinfo si;
static char head[64 * 1024]; // what it says until the command starts
static uint used;

static void __attribute__((format(printf, 1, 2))) say(const char *fmt, ...)
{
  va_list ap;

  va_start(ap, fmt);
  used += vsnprintf(head + used, sizeof(head) - used, fmt, ap);
  va_end(ap);
  if (used > sizeof(head) - 1)
    used = sizeof(head) - 1;
}

// ---- the head --------------------------------------------------------------

static void
say_command(char **argv)
{
  say("command");
  for (int i = 0; argv[i]; i++)
    say(" %s", argv[i]);
  say("\n");
}

static void
say_policy(void)
{
  struct sched_param_info p;
  struct sched_promise_info promise;
  struct sched_attr_info a;

  say("policy %s\nrunq %s\n", si.policy, si.runq);
  for (int i = 0; sched_param(i, &p) == 0; i++)
    say("param %s %ld %s\n", p.name, p.value, p.unit);
  for (int i = 0; sched_promise(i, &promise) == 0; i++)
    say("promise %s %ld %ld %ld %ld\n", promise.name, promise.n[0],
        promise.n[1], promise.n[2], promise.n[3]);
  for (int i = 0; sched_attr(i, &a) == 0; i++)
    say("attr %s %ld\n", a.name, a.dflt);
  for (int i = 0; i < NCOLUMN && si.column[i][0]; i++)
    say("stat %s\n", si.column[i]);
}

// One that is there from the beginning: pid, parent, state, hart, name, its
// attributes and what the policy shows, in the policy's order.
static void
say_process(const struct procinfo *p)
{
  struct sched_attr_info a;
  long value;

  say("process %d %d %s %d %s", p->pid, p->ppid,
      (uint)p->state <= PROC_ZOMBIE ? states[p->state] : "?", p->hart, p->name);
  for (int i = 0; sched_attr(i, &a) == 0; i++)
    say(" %ld", sched_getattr(p->pid, a.name, &value) == 0 ? value : a.dflt);
  for (int i = 0; i < NCOLUMN && si.column[i][0]; i++)
    say(" %ld", p->column[i]);
  say("\n");
}

static void
say_machine(char **argv)
{
  struct procinfo p;

  say("peach trace 1\n");
  say_command(argv);
  say_policy();
  say("harts %d\nseed %lu\nhz %d\n", si.nhart, si.seed, si.hz);
  for (int pid = 1; procinfo(pid, &p) > 0; pid = p.pid + 1)
    say_process(&p);
}

// How often a hart went idle beside a process that it could have run.
static uint64
idle_faults(void)
{
  struct hartinfo h;
  uint64 n = 0;

  for (int i = 0; i < si.nhart; i++)
    if (hartinfo(i, &h) == 0)
      n += h.idle_faults;
  return n;
}

static void
say_result(const struct trace_info *info, int pid, int status, uint64 faults)
{
  say("build %s\ntext %lx\nclock %lu\n", info->build, info->text, info->clock);
  say("root %d\nstatus %d\n", pid, status);
  say("idle-faults %lu\n", faults);
  say("begin %lu\nend %lu\n", info->begin, info->end);
  say("records %lu\nlost %lu\n\n", info->kept, info->lost);
}

// ---- the file --------------------------------------------------------------

static int
write_records(int fd)
{
  static struct trace_record r[1024];
  long n;

  while ((n = trace_read(r, sizeof(r) / sizeof(r[0]))) > 0)
    if (write_all(fd, r, n * sizeof(r[0])) < 0)
      return -1;
  return n;
}

static int
save(int fd, const char *file, const struct trace_info *info)
{
  if (write_all(fd, head, used) < 0 || write_records(fd) < 0) {
    warn("trace", "%s: cannot be written; is the disk full?", file);
    return -1;
  }
  if (info->lost)
    warn("trace", "%lu records kept, the %lu before were lost; see -b",
         info->kept, info->lost);
  return close(fd);
}

static int
record(int fd, const char *file, long most, char **argv)
{
  struct trace_info info;
  uint64 faults = idle_faults();
  int pid, status, saved;

  say_machine(argv);
  if (trace_ctl(TRACE_START, most) < 0) {
    warn("trace", "no memory for %ld records a hart, or another trace is taken",
         most);
    return 1;
  }
  pid = fork();
  if (pid == 0) {
    close(fd);
    exit(exec_search("trace", argv));
  }
  if (pid < 0 || waitpid(pid, &status, 0) != pid)
    status = 1;
  trace_ctl(TRACE_STOP, (uint64)&info);
  say_result(&info, pid, status, idle_faults() - faults);
  saved = save(fd, file, &info);
  trace_ctl(TRACE_FREE, 0);
  return saved < 0 ? 1 : status;
}

int
main(int argc, char **argv)
{
  const char *file = 0;
  long most = 0;
  int i, fd;

  for (i = 1; i + 1 < argc && argv[i][0] == '-'; i += 2) {
    if (strcmp(argv[i], "-o") == 0)
      file = argv[i + 1];
    else if (strcmp(argv[i], "-b") || !parse_long(argv[i + 1], &most) ||
             most <= 0)
      break;
  }
  if (file == 0 || i >= argc || argv[i][0] == '-') {
    fprintf(2, "usage: trace [-b RECORDS] -o FILE CMD [ARG..]\n");
    return 2;
  }
  fd = open(file, O_CREATE | O_WRONLY | O_TRUNC);
  if (fd < 0 || sysinfo(&si) < 0) {
    warn("trace", "%s: %s", file, why_not(file));
    return 1;
  }
  return record(fd, file, most, argv + i);
}
