// run.c - walk the tree.
//
// A command that is neither the shell's own nor in parentheses nor in a
// pipeline costs one fork. The very last command of a text or script costs
// none: the shell becomes it.

#include "user/sh/sh.h"

static void run_command(struct command *c, int argc, char **argv)
    __attribute__((noreturn));

// In a process of its own: run c and exit with its status.
static void
run_command(struct command *c, int argc, char **argv)
{
  builtin_fn *fn;

  if (!redirect(c->redirs))
    exit(1);
  if (c->sub) {
    run_list(c->sub);
    exit(sh.status);
  }
  if (argc == 0)
    exit(0);
  fn = builtin_find(argv[0]);
  if (fn)
    exit(fn(argc, argv));
  run_program(argc, argv);
}

// This process, just forked, is no longer the shell that the user sees.
static void
become_subshell(void)
{
  sh.interactive = false;
  jobs_forget();
}

// A job in the background that reads its input finds the end of it, and takes
// nothing from the console.
static void
no_input(void)
{
  int fd[2];

  if (pipe(fd) < 0)
    return;
  close(fd[1]);
  close(0);
  dup(fd[0]);
  close(fd[0]);
}

// In the child that is to be a pipeline's command: in is where it reads, or
// -1; out is the pipe that it writes to, or 0.
static void
connect(int in, int *out)
{
  if (in >= 0) {
    close(0);
    dup(in);
    close(in);
  }
  if (out) {
    close(1);
    dup(out[1]);
    close(out[0]);
    close(out[1]);
  }
}

// Start the commands of p, each in a process. Returns the job, of which some
// may be missing if there were no processes or pipes left.
static struct job *
start_pipeline(struct pipeline *p, struct list *l)
{
  struct command *c;
  struct job *j;
  int n = 0, in = -1, fd[2];

  for (c = p->first; c; c = c->next)
    n++;
  j = job_new(l->text, l->len, n);
  for (c = p->first; c; c = c->next) {
    int argc, pid = -1;
    char **argv = expand_words(c->words, &argc);
    bool piped = c->next != 0;

    if (!piped || pipe(fd) == 0)
      pid = job_fork(j, l->background);
    if (pid == 0) {
      become_subshell();
      if (l->background && in < 0)
        no_input();
      connect(in, piped ? fd : 0);
      run_command(c, argc, argv);
    }
    if (in >= 0)
      close(in);
    if (pid < 0) {
      warn("sh", "no more processes or pipes");
      j->status = 1;
      j->last = 0;
      break;
    }
    in = piped ? fd[0] : -1;
    if (piped)
      close(fd[1]);
  }
  return j;
}

// What the shell does itself. Returns false if c is something else.
static bool
run_here(struct command *c, int argc, char **argv)
{
  builtin_fn *fn = argc > 0 ? builtin_find(argv[0]) : 0;
  int saved[NSAVED];
  bool done;

  if (c->sub || (argc > 0 && fn == 0))
    return false;
  done = redirect_save(c->redirs, saved);
  if (!done)
    sh.status = 1;
  else
    sh.status = fn ? fn(argc, argv) : 0;
  redirect_restore(saved);
  return true;
}

// In the foreground. last: nothing is to be run after this.
static void
run_pipeline(struct pipeline *p, struct list *l, bool last)
{
  struct command *c = p->first;
  int argc;
  char **argv;

  if (c->next == 0 && !c->sub) {
    if (!c->redirs && assign_words(c->words)) {
      sh.status = 0;
      return;
    }
    argv = expand_words(c->words, &argc);
    if (run_here(c, argc, argv))
      return;
    if (last)
      run_command(c, argc, argv);
  }
  sh.status = job_wait(start_pipeline(p, l), true);
}

static void
run_andor(struct list *l, bool last)
{
  struct pipeline *p;
  enum join join = JOIN_END;

  for (p = l->first; p; p = p->next) {
    bool skip = (join == JOIN_AND && sh.status != 0) ||
                (join == JOIN_OR && sh.status == 0);

    if (!skip) {
      run_pipeline(p, l, last && !p->next && !p->invert);
      if (job_interrupted())
        return;
      if (p->invert)
        sh.status = sh.status == 0;
    }
    join = p->join;
  }
}

// A list with && or || goes to the background as a subshell.
static void
run_background(struct list *l)
{
  struct list inner = *l;
  struct command sub = { .sub = &inner };
  struct pipeline wrapped = { .first = &sub };

  if (l->first->next == 0 && !l->first->invert) {
    job_background(start_pipeline(l->first, l));
  } else {
    inner.background = false;
    inner.next = 0;
    job_background(start_pipeline(&wrapped, l));
  }
  sh.status = 0;
}

static void
run_items(struct list *l, bool last)
{
  for (; l; l = l->next) {
    if (l->background)
      run_background(l);
    else
      run_andor(l, last && l->next == 0);
    if (job_interrupted())
      return; // ^C is meant for all of it
  }
}

void
run_list(struct list *l)
{
  run_items(l, false);
}

// ---- all of an input -------------------------------------------------------

static void
complain(struct input *in, struct parse *ps)
{
  const char *text = ps->message;
  uint line = in->line;

  for (const char *p = in->text; p < ps->lex.from; p++)
    line += *p == '\n';
  if (ps->state == PARSED_MORE)
    text = "the end came too early: is a quote or ( left open?";
  if (sh.interactive)
    warn("sh", "%s", text);
  else
    warn("sh", "%s: line %d: %s", sh.script, line, text);
  sh.status = STATUS_SYNTAX;
}

// Parse the next line, asking for as many more as it takes. GOT_DROPPED: what
// there is of it is not to be run.
static enum got
next_list(struct input *in, struct parse *ps, struct list **l)
{
  enum got got = GOT_LINE;

  arena_reset();
  if (*in->text == 0) {
    if (sh.interactive)
      jobs_reap(true);
    got = input_line(in, false);
    if (got != GOT_LINE)
      return got;
  }
  *l = parse_line(ps, in->text);
  while (ps->state == PARSED_MORE) {
    got = input_line(in, true);
    if (got == GOT_DROPPED)
      return got;
    if (got == GOT_END)
      return GOT_LINE;
    arena_reset();
    *l = parse_line(ps, in->text);
  }
  return got;
}

// Is nothing but blanks left?
static bool
at_end(const struct input *in, const char *p)
{
  while (*p && strchr(" \t\n", *p))
    p++;
  return !in->more && *p == 0;
}

static void
run_parsed(struct input *in, struct parse *ps, struct list *l)
{
  jobs_begin();
  run_items(l, at_end(in, ps->lex.p) && job_first() == 0);
  if (!sh.interactive)
    jobs_reap(false);
}

void
run_source(struct input *in)
{
  struct parse ps;
  struct list *l;
  enum got got;

  while ((got = next_list(in, &ps, &l)) != GOT_END) {
    const char *to = in->text + strlen(in->text);

    if (got == GOT_LINE && ps.state == PARSED_OK) {
      to = ps.lex.p;
      run_parsed(in, &ps, l);
    } else if (got == GOT_LINE) {
      complain(in, &ps);
      if (!sh.interactive)
        return;
    }
    input_used(in, to);
  }
  leave_console();
}
