// model.c - the model: what names and files there should be.

#include "tests/host/fs/model_private.h"

#include <stdio.h>
#include <string.h>

struct mnode node[NODES];
struct mfile file[FILES];
int most;

// ---- state -----------------------------------------------------------------

void
path_of(int n, char *path)
{
  if (n == 0) {
    path[0] = 0;
    return;
  }
  path_of(node[n].parent, path);
  strcat(strcat(path, "/"), node[n].name);
}

uint64_t
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
      h = h * 31 +
          model_hash(1, file[node[n].file].data, file[node[n].file].size);
    sum += h;
  }
  return sum;
}

// ---- choosing --------------------------------------------------------------

int
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

int
child(int parent, const char *name)
{
  for (int n = 1; n < NODES; n++)
    if (node[n].used && node[n].parent == parent &&
        strcmp(node[n].name, name) == 0)
      return n;
  return -1;
}

bool
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

int
free_node(void)
{
  for (int n = 1; n < NODES; n++)
    if (!node[n].used)
      return n;
  return -1;
}

int
free_file(void)
{
  for (int f = 0; f < FILES; f++)
    if (file[f].names == 0)
      return f;
  machine_fail(__FILE__, __LINE__, "model: no file left");
}

bool
fits(int f, int n)
{
  int total = 0;
  for (int i = 0; i < FILES; i++)
    if (file[i].names > 0)
      total += file[i].size;
  return file[f].size + n <= MOST && total + n <= most;
}

int
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

void
add_node(int parent, const char *name, int f)
{
  int n = free_node();
  node[n] = (struct mnode){ .used = true, .parent = parent, .file = f };
  strcpy(node[n].name, name);
}

bool
inside(int n, int dir)
{
  while (n != 0 && n != dir)
    n = node[n].parent;
  return n == dir;
}
