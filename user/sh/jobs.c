// jobs.c - the processes of a pipeline, together.
//
// An interactive shell gives each job a process group of its own and, while it
// waits for one, gives it the console, so that ^C kills it; at its prompt it
// holds the console itself. Jobs in the background are kept on a list until
// they have ended and that has been told.

#include "user/sh/sh.h"

static struct job *jobs;        // in the background, newest first

struct job *
job_new(const char *text, uint len, int nproc)
{
  struct job *j;

  while (len > 0 && strchr(" \t\n", text[len - 1]))
    len--;
  j = malloc(sizeof(*j) + nproc * sizeof(int) + len + 1);
  if (j == 0)
    no_memory();
  memset(j, 0, sizeof(*j));
  j->pid = (int *)(j + 1);
  j->text = (char *)(j->pid + nproc);
  memcpy(j->text, text, len);
  j->text[len] = 0;
  return j;
}

int
job_fork(struct job *j, bool background)
{
  int pid = fork();

  if (pid < 0)
    return -1;
  if (pid > 0) {
    j->pid[j->npid++] = j->last = pid;
    j->left++;
  }
  if (!sh.interactive)
    return pid;
  // Both do it, since either may be first and both rely on it. In this order:
  // as a member of the shell's group, the child may give the console away. And
  // once: who comes late is refused, if the job itself is such a shell.
  if (j->pgid == 0) {
    j->pgid = pid ? pid : getpid();
    if (!background)
      tcsetpgrp(0, j->pgid);
  }
  setpgid(pid, j->pgid);
  return pid;
}

// Process pid has ended.
static void
note(struct job *j, int pid, int status)
{
  for (int i = 0; i < j->npid; i++) {
    if (j->pid[i] == pid) {
      j->pid[i] = 0;
      j->left--;
    }
  }
  if (pid == j->last)
    j->status = status;
}

static void
drop(struct job *j)
{
  for (struct job **p = &jobs; *p; p = &(*p)->next) {
    if (*p == j) {
      *p = j->next;
      break;
    }
  }
  free(j);
}

// ---- ^C --------------------------------------------------------------------

static uint64 interrupts;       // as they were when the line was entered

static uint64
count_interrupts(void)
{
  struct consoleinfo ci;

  return sh.interactive && consoleinfo(0, &ci) == 0 ? ci.interrupts : 0;
}

void
jobs_begin(void)
{
  interrupts = count_interrupts();
}

bool
job_interrupted(void)
{
  return count_interrupts() != interrupts;
}

// ---- wait ------------------------------------------------------------------

// ^C came before the job was there to be killed, or all of it.
static void
kill_all(struct job *j)
{
  kill(-j->pgid);
  for (int i = 0; i < j->npid; i++)
    if (j->pid[i])
      kill(j->pid[i]);
}

// Note which processes of j have ended; wait for them, if flags is 0.
static void
reap(struct job *j, int flags)
{
  for (int i = 0; i < j->npid; i++) {
    int pid = j->pid[i], status = -1;

    if (pid && waitpid(pid, &status, flags) != 0)
      note(j, pid, status);
  }
}

// Wait for a job in the background while the shell holds the console. False
// if ^C came first.
static bool
wait_aside(struct job *j)
{
  uint64 pause = 1000000;

  console_mode(0, CONSOLE_LINES);
  for (reap(j, WNOHANG); j->left > 0; reap(j, WNOHANG)) {
    if (job_interrupted())
      return false;
    sleep_ns(pause);
    if (pause < 20000000)
      pause += pause / 4;
  }
  return true;
}

static void
wait_in_front(struct job *j)
{
  if (j->left > 0)
    tcsetpgrp(0, j->pgid);
  if (job_interrupted())
    kill_all(j);
  reap(j, 0);
  tcsetpgrp(0, 0);
}

int
job_wait(struct job *j, bool foreground)
{
  int status;

  if (!sh.interactive)
    reap(j, 0);
  else if (foreground)
    wait_in_front(j);
  else if (!wait_aside(j))
    return -1;
  status = j->status;
  drop(j);
  return status;
}

// ---- in the background -----------------------------------------------------

void
job_background(struct job *j)
{
  j->id = jobs ? jobs->id + 1 : 1;
  j->next = jobs;
  jobs = j;
  sh.last_background = j->last;
  if (sh.interactive)
    fprintf(2, "[%d] %d\n", j->id, j->last);
}

struct job *
job_first(void)
{
  return jobs;
}

struct job *
job_find(int id)
{
  struct job *j = jobs;

  while (j && id != 0 && j->id != id && j->last != id)
    j = j->next;
  return j;
}

static void
show(const struct job *j)
{
  if (j->left > 0)
    fprintf(2, "[%d] running     %s\n", j->id, j->text);
  else if (j->status == 0)
    fprintf(2, "[%d] done        %s\n", j->id, j->text);
  else
    fprintf(2, "[%d] status %-4d %s\n", j->id, j->status, j->text);
}

void
jobs_reap(bool tell)
{
  struct job *j, *next;
  int pid, status;

  if (jobs == 0)
    return;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
    for (j = jobs; j; j = j->next)
      note(j, pid, status);
  if (!tell)
    return;
  for (j = jobs; j; j = next) {
    next = j->next;
    if (j->left == 0) {
      show(j);
      drop(j);
    }
  }
}

void
jobs_list(void)
{
  jobs_reap(false);
  for (struct job *j = jobs; j; j = j->next)
    show(j);
}

void
jobs_forget(void)
{
  while (jobs)
    drop(jobs);
}
