// model.c - the model and the workloads.

#include "tests/host/fs/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/fcntl.h"
#include "kernel/fs/fs.h"
#include "tests/host/fs/fake.h"

#define NODES 48
#define FILES 64
#define MOST  (96 << 10) // bytes in a file
#define PIECE (40 << 10) // bytes of one write: one operation

struct mfile {
  int names; // and open descriptors
  int size;
  uint8_t data[MOST];
};

struct mnode { // a name
  bool used;
  int parent; // node 0 is the root
  char name[16];
  int file; // or -1: a directory
};

static struct mnode node[NODES];
static struct mfile file[FILES];
static struct {
  int fd, file;
} held[4]; // open, without a name
static uint8_t piece[PIECE];
static int most; // bytes in all files together

// ---- state -----------------------------------------------------------------

static void
path_of(int n, char *path)
{
  if (n == 0) {
    path[0] = 0;
    return;
  }
  path_of(node[n].parent, path);
  strcat(strcat(path, "/"), node[n].name);
}

static uint64_t
model_state(void)
{
  uint64_t sum = 0;
  for (int n = 1; n < NODES; n++) {
    char path[256];
    if (!node[n].used)
      continue;
    path_of(n, path);
    uint64_t h = model_hash(1, path, strlen(path));
    if (node[n].file >= 0)
      h = model_hash(h + 1, file[node[n].file].data, file[node[n].file].size);
    sum += h;
  }
  return sum;
}

// ---- choosing --------------------------------------------------------------

// A random name of a file (dir 0), of a directory but the root (1), or of any
// directory (2); -1 if there is none.
static int
choose(int dir)
{
  int found[NODES], k = 0;
  for (int n = 0; n < NODES; n++) {
    bool is_dir = n == 0 || node[n].file < 0;
    if ((n == 0 || node[n].used) && is_dir == (dir > 0) && (n > 0 || dir == 2))
      found[k++] = n;
  }
  return k > 0 ? found[machine_random(k)] : -1;
}

static int
child(int parent, const char *name)
{
  for (int n = 1; n < NODES; n++)
    if (node[n].used && node[n].parent == parent &&
        strcmp(node[n].name, name) == 0)
      return n;
  return -1;
}

static bool
empty(int dir)
{
  for (int n = 1; n < NODES; n++)
    if (node[n].used && node[n].parent == dir)
      return false;
  return true;
}

static int
depth(int n)
{
  return n == 0 ? 0 : 1 + depth(node[n].parent);
}

static int
free_node(void)
{
  for (int n = 1; n < NODES; n++)
    if (!node[n].used)
      return n;
  return -1;
}

static int
free_file(void)
{
  for (int f = 0; f < FILES; f++)
    if (file[f].names == 0)
      return f;
  machine_fail(__FILE__, __LINE__, "model: no file left");
}

// Is there room for n bytes more in file f, and in all?
static bool
fits(int f, int n)
{
  int total = 0;
  for (int i = 0; i < FILES; i++)
    if (file[i].names > 0)
      total += file[i].size;
  return file[f].size + n <= MOST && total + n <= most;
}

// A place for a new name: a directory and a name; its path to `path`.
static int
place(char *name, char *path)
{
  int parent = choose(2);
  if (depth(parent) > 3)
    parent = 0;
  sprintf(name, "%c%d", "abc"[machine_random(3)], (int)machine_random(6));
  path_of(parent, path);
  strcat(strcat(path, "/"), name);
  return parent;
}

// ---- the operations: each is one operation of the file system --------------

static void
add_node(int parent, const char *name, int f)
{
  int n = free_node();
  node[n] = (struct mnode){ .used = true, .parent = parent, .file = f };
  strcpy(node[n].name, name);
}

static void
op_create(void)
{
  char name[16], path[256];
  int parent = place(name, path);
  if (child(parent, name) >= 0 || free_node() < 0)
    return;
  int fd = u_open(path, O_CREATE | O_RDWR), f = free_file();
  REQUIRE(fd >= 0);
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
  REQUIRE(u_mkdir(path) == (there ? -1 : 0));
  if (!there)
    add_node(parent, name, -1);
}

static void
fill_piece(int n)
{
  for (int i = 0; i < n; i++)
    piece[i] = machine_random(256);
}

static void
write_file(int f, int fd, int at, int n)
{
  fill_piece(n);
  REQUIRE(u_write(fd, piece, n) == n);
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
  REQUIRE(u_link(from, path) == (there ? -1 : 0));
  if (there)
    return;
  add_node(parent, name, node[n].file);
  file[node[n].file].names++;
}

static bool
inside(int n, int dir)
{
  while (n != 0 && n != dir)
    n = node[n].parent;
  return n == dir;
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
  REQUIRE(u_rename(from, path) == (ok ? 0 : -1));
  if (!ok || v == n)
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

static void (*const op[])(void) = {
  op_create, op_mkdir,  op_append, op_overwrite, op_truncate,
  op_read,   op_unlink, op_link,   op_rename,    op_orphan,
};

// How often each, by workload.
static const uint8_t weight[WORKLOADS][10] = {
  [MIXED] = { 6, 2, 8, 4, 1, 4, 4, 2, 4, 2 },
  [STORM] = { 10, 3, 2, 0, 0, 1, 12, 2, 0, 0 },
  [RENAMES] = { 6, 3, 2, 0, 0, 1, 2, 2, 16, 0 },
  [APPENDS] = { 3, 1, 20, 0, 1, 2, 2, 0, 0, 0 },
  [OVERWRITES] = { 3, 1, 6, 16, 2, 4, 1, 0, 0, 0 },
  [ORPHANS] = { 8, 1, 6, 1, 0, 1, 2, 1, 1, 14 },
  [REUSE] = { 3, 12, 8, 0, 5, 1, 14, 0, 0, 0 },
};

static void
one_op(enum workload kind)
{
  int total = 0, k = 0;
  for (int i = 0; i < 10; i++)
    total += weight[kind][i];
  int r = machine_random(total);
  while (r >= weight[kind][k])
    r -= weight[kind][k++];
  op[k]();
}

void
model_workload(void *arg)
{
  struct model_run *run = arg;
  int zero = u_open("/", O_RDONLY); // (held uses 0 for none)
  REQUIRE(zero == 0);
  most = run->most;
  run->after[0] = model_state();
  for (int i = 0; i < run->ops; i++) {
    machine.issued = i + 1;
    one_op(run->kind);
    run->after[i + 1] = model_state();
    if (machine_random(24) == 0) {
      REQUIRE(call(sys_sync, 0, 0, 0) == 0);
      machine.synced = i + 1;
    }
    if (machine_random(3) == 0)
      fiber_yield();
  }
}
