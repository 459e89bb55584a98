// model_private.h - the model's parts: what names and files there are
// (model.c), and the operations on them (model_ops.c).

#ifndef TESTS_HOST_FS_MODEL_PRIVATE_H
#define TESTS_HOST_FS_MODEL_PRIVATE_H

#include "tests/host/fs/fake.h"
#include "tests/host/fs/model.h"

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

extern struct mnode node[NODES];
extern struct mfile file[FILES];
extern int most; // bytes in all files together

// The number of the state; the path of a name.
uint64_t model_state(void);
void path_of(int n, char *path);

// A random name of a file (dir 0), of a directory but the root (1), or of any
// directory (2); -1 if there is none.
int choose(int dir);

int child(int parent, const char *name); // or -1
bool empty(int dir);
bool inside(int n, int dir);
int free_node(void); // or -1
int free_file(void);
void add_node(int parent, const char *name, int f);

// Is there room for n bytes more in file f, and in all?
bool fits(int f, int n);

// A place for a new name: a directory and a name; its path to `path`.
int place(char *name, char *path);

#endif
