// redir.c - redirections.
//
// There is no dup2: dup() and open() take the lowest free descriptor, so the
// new file is opened first, and then put where a closed one was. Descriptors
// 0 to 2 are always open in the shell, so only that one is free below 3.

#include "kernel/fcntl.h"
#include "kernel/stat.h"
#include "user/sh/sh.h"

static const int flags[] = {
  [REDIR_IN] = O_RDONLY,
  [REDIR_OUT] = O_WRONLY | O_CREATE | O_TRUNC,
  [REDIR_APPEND] = O_WRONLY | O_CREATE | O_APPEND,
};

// Descriptor to becomes a copy of from.
static bool
put(int from, int to)
{
  if (from == to)
    return true;
  close(to);
  return dup(from) == to;
}

static const char *
reason(const char *path, enum redir_how how)
{
  struct stat st;

  if (how == REDIR_IN || *path == 0)
    return why_not(path);
  if (stat(path, &st) == 0 && st.type == T_DIR)
    return "is a directory";
  return "cannot be created or written";
}

static bool
redirect_dup(const struct redir *r, const char *target)
{
  if (strlen(target) == 1 && *target >= '0' && *target <= '2')
    return put(*target - '0', r->fd);
  warn("sh", "%s: not one of the descriptors 0, 1 and 2", target);
  return false;
}

static bool
redirect_one(const struct redir *r)
{
  const char *target = expand_word(r->target);
  int fd;
  bool done;

  if (r->how == REDIR_DUP)
    return redirect_dup(r, target);
  fd = open(target, flags[r->how]);
  if (fd < 0) {
    warn("sh", "%s: %s", target, reason(target, r->how));
    return false;
  }
  if (fd == r->fd)
    return true;
  done = put(fd, r->fd);
  close(fd);
  return done;
}

bool
redirect(struct redir *r)
{
  for (; r; r = r->next)
    if (!redirect_one(r))
      return false;
  return true;
}

bool
redirect_save(struct redir *r, int saved[NSAVED])
{
  for (int i = 0; i < NSAVED; i++)
    saved[i] = -1;
  for (struct redir *q = r; q; q = q->next)
    if (saved[q->fd] < 0)
      saved[q->fd] = dup(q->fd);
  return redirect(r);
}

void
redirect_restore(int saved[NSAVED])
{
  for (int i = 0; i < NSAVED; i++) {
    if (saved[i] < 0)
      continue;
    put(saved[i], i);
    close(saved[i]);
  }
}
