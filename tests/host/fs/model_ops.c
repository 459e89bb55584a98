// model_ops.c - the workloads: operations on the file system, and the same on
// the model.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/fcntl.h"
#include "kernel/fs/fs.h"
#include "tests/host/fs/model_private.h"

static struct {
  int fd, file;
} held[4]; // open, without a name
static uint8_t piece[PIECE];
static bool in_gone;          // in a directory without a name
static struct model_run *run; // that is being done

// A call ended well; or it did not, as there was no room. That is a failure
// of the test unless the workload is about a full disk.
static bool
done(bool ok)
{
  REQUIRE(ok || run->kind == FULL);
  run->full += !ok;
  return ok;
}

// ---- the operations: each is one operation of the file system --------------

static void
op_create(void)
{
  char name[16], path[256];
  int parent = place(name, path);
  if (child(parent, name) >= 0 || free_node() < 0)
    return;
  int fd = u_open(path, O_CREATE | O_RDWR), f = free_file();
  if (!done(fd >= 0))
    return;
  u_close(fd);
  file[f] = (struct mfile){ .names = 1 };
  add_node(parent, name, f);
}

static void
op_mkdir(void)
{
  char name[16], path[256];
  int parent = place(name, path);
  bool there = child(parent, name) >= 0;
  if (free_node() < 0 && !there)
    return;
  int r = u_mkdir(path);
  REQUIRE(!there || r == -1);
  if (!there && done(r == 0))
    add_node(parent, name, -1);
}

static void
fill_piece(int n)
{
  for (int i = 0; i < n; i++)
    piece[i] = machine_random(256);
}

// A full disk may take the first part only: that is all of it then.
static void
write_file(int f, int fd, int at, int n)
{
  fill_piece(n);
  int r = u_write(fd, piece, n);
  REQUIRE(r >= -1 && r <= n);
  done(r == n);
  n = r < 0 ? 0 : r;
  memcpy(file[f].data + at, piece, n);
  if (at + n > file[f].size)
    file[f].size = at + n;
}

static void
op_append(void)
{
  char path[256];
  int n = choose(0);
  if (n < 0)
    return;
  int f = node[n].file, len = 1 + machine_random(PIECE / 2);
  if (machine_random(2) == 0)
    len = 1 + machine_random(200);
  if (!fits(f, len))
    return;
  path_of(n, path);
  int fd = u_open(path, O_WRONLY | O_APPEND);
  REQUIRE(fd >= 0);
  write_file(f, fd, file[f].size, len);
  u_close(fd);
}

static void
op_overwrite(void)
{
  char path[256];
  int n = choose(0);
  if (n < 0)
    return;
  int f = node[n].file, at = machine_random(file[f].size + 1);
  int len = 1 + machine_random(PIECE - 1);
  if (at > 20000)
    at = 20000;
  if (!fits(f, at + len - file[f].size))
    return;
  path_of(n, path);
  int fd = u_open(path, O_RDWR);
  REQUIRE(fd >= 0);
  uint8_t *old = malloc(at + 1);
  REQUIRE(u_read(fd, old, at) == at);
  REQUIRE(memcmp(old, file[f].data, at) == 0);
  free(old);
  write_file(f, fd, at, len);
  u_close(fd);
}

static void
op_truncate(void)
{
  char path[256];
  int n = choose(0);
  if (n < 0)
    return;
  path_of(n, path);
  int fd = u_open(path, O_RDWR | O_TRUNC);
  REQUIRE(fd >= 0);
  u_close(fd);
  file[node[n].file].size = 0;
}

static void
op_read(void)
{
  char path[256];
  int n = choose(0);
  if (n < 0)
    return;
  struct mfile *f = &file[node[n].file];
  path_of(n, path);
  int fd = u_open(path, O_RDONLY);
  REQUIRE(fd >= 0);
  uint8_t *all = malloc(MOST);
  REQUIRE(u_read(fd, all, MOST) == f->size);
  REQUIRE(memcmp(all, f->data, f->size) == 0);
  free(all);
  u_close(fd);
}

static void
op_unlink(void)
{
  char path[256];
  int n = choose(machine_random(4) == 0);
  if (n < 0)
    return;
  path_of(n, path);
  bool ok = node[n].file >= 0 || empty(n);
  REQUIRE(u_unlink(path) == (ok ? 0 : -1));
  if (!ok)
    return;
  node[n].used = false;
  if (node[n].file >= 0)
    file[node[n].file].names--;
}

static void
op_link(void)
{
  char from[256], name[16], path[256];
  int n = choose(0);
  if (n < 0 || free_node() < 0)
    return;
  path_of(n, from);
  int parent = place(name, path);
  bool there = child(parent, name) >= 0;
  int r = u_link(from, path);
  REQUIRE(!there || r == -1);
  if (there || !done(r == 0))
    return;
  add_node(parent, name, node[n].file);
  file[node[n].file].names++;
}

static void
op_rename(void)
{
  char from[256], name[16], path[256];
  int n = choose(machine_random(3) == 0);
  if (n < 0)
    return;
  path_of(n, from);
  int parent = place(name, path), v = child(parent, name);
  bool dir = node[n].file < 0;
  bool ok = !(dir && inside(parent, n));
  if (ok && v >= 0 && v != n) {
    bool vdir = node[v].file < 0;
    ok = dir == vdir && (!vdir || empty(v)) && !inside(node[n].parent, v);
  }
  int r = u_rename(from, path);
  REQUIRE(ok || r == -1);
  if (!ok || !done(r == 0) || v == n)
    return;
  if (v >= 0 && !dir && node[v].file == node[n].file)
    return; // two names of one file: both stay
  if (v >= 0) {
    node[v].used = false;
    if (node[v].file >= 0)
      file[node[v].file].names--;
  }
  node[n].parent = parent;
  strcpy(node[n].name, name);
}

// Open a file, unlink it, keep it; or write to such a one; or let go of it.
static void
op_orphan(void)
{
  char path[256];
  int k = machine_random(4), n = choose(0);
  if (held[k].fd > 0) {
    struct mfile *f = &file[held[k].file];
    if (machine_random(2) == 0 && fits(held[k].file, 9000)) {
      write_file(held[k].file, held[k].fd, f->size, 9000);
      return;
    }
    u_close(held[k].fd);
    f->names--;
    held[k].fd = 0;
    return;
  }
  if (n < 0)
    return;
  path_of(n, path);
  held[k].fd = u_open(path, O_RDWR | O_APPEND);
  REQUIRE(held[k].fd > 0);
  held[k].file = node[n].file;
  REQUIRE(u_unlink(path) == 0);
  node[n].used = false; // (its file keeps the count, for the hold)
}

// Go into a directory and remove it; or leave such a one.
static void
op_orphan_dir(void)
{
  char path[256];
  int n = choose(1);
  if (in_gone) {
    REQUIRE(u_open("x", O_CREATE | O_RDWR) == -1 && u_mkdir("y") == -1);
    REQUIRE(u_chdir("/") == 0);
    in_gone = false;
    return;
  }
  if (n < 0 || !empty(n))
    return;
  path_of(n, path);
  REQUIRE(u_chdir(path) == 0);
  REQUIRE(u_unlink(path) == 0);
  node[n].used = false;
  in_gone = true;
}

static void (*const op[])(void) = {
  op_create, op_mkdir, op_append, op_overwrite, op_truncate,   op_read,
  op_unlink, op_link,  op_rename, op_orphan,    op_orphan_dir,
};

#define OPS (sizeof(op) / sizeof(op[0]))

// How often each, by workload.
static const uint8_t weight[MODELS][OPS] = {
  [MIXED] = { 6, 2, 8, 4, 1, 4, 4, 2, 4, 2, 1 },
  [STORM] = { 10, 3, 2, 0, 0, 1, 12, 2, 0, 0, 0 },
  [RENAMES] = { 6, 3, 2, 0, 0, 1, 2, 2, 16, 0, 0 },
  [APPENDS] = { 3, 1, 20, 0, 1, 2, 2, 0, 0, 0, 0 },
  [OVERWRITES] = { 3, 1, 6, 16, 2, 4, 1, 0, 0, 0, 0 },
  [ORPHANS] = { 8, 5, 6, 1, 0, 1, 2, 1, 1, 14, 8 },
  [REUSE] = { 3, 12, 8, 0, 5, 1, 14, 0, 0, 0, 0 },
  [FULL] = { 8, 5, 16, 6, 1, 2, 4, 2, 2, 3, 1 },
};

static void
one_op(void)
{
  int total = 0, k = 0;
  for (uint32_t i = 0; i < OPS; i++)
    total += weight[run->kind][i];
  int r = machine_random(total);
  while (r >= weight[run->kind][k])
    r -= weight[run->kind][k++];
  op[k]();
}

void
model_workload(void *arg)
{
  run = arg;
  int zero = u_open("/", O_RDONLY); // (held uses 0 for none)
  REQUIRE(zero == 0);
  most = run->most;
  run->after[0] = model_state();
  for (int i = 0; i < run->ops; i++) {
    machine.issued = i + 1;
    one_op();
    run->after[i + 1] = model_state();
    if (machine_random(24) == 0) {
      REQUIRE(call(sys_sync, 0, 0, 0) == 0);
      machine.synced = i + 1;
    }
    if (machine_random(3) == 0)
      fiber_yield();
  }
}
