// look.c - list and extract what is in an image.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mkfs/image.h"

#define DEPTH 64 // of directories in each other

static bool seen[FS_MAXINODES]; // directories that get has met

static struct fs_inode *
lookup(struct image *img, const char *path)
{
  struct fs_inode *d = image_inode(img, image_path(img, path));
  if (d == 0 || d->type == FS_FREE)
    die("%s: not in the image", path);
  return d;
}

static void
name_of(const struct fs_dirent *e, char name[FS_NAME + 1])
{
  memcpy(name, e->name, FS_NAME);
  name[FS_NAME] = 0;
}

// ---- ls --------------------------------------------------------------------

static void
list_one(const char *name, uint32_t inum, const struct fs_inode *d)
{
  static const char kind[] = { '?', 'd', '-', 'c' };
  char k = d->type <= FS_DEVICE ? kind[d->type] : '?';
  printf("%c %5u %3u %10llu %s\n", k, inum, d->nlink,
         (unsigned long long)d->size, name);
}

int
cmd_ls(int argc, char **argv)
{
  struct image img;
  const char *path = argc > 1 ? argv[1] : "/";
  if (argc < 1 || argc > 2)
    die("ls IMAGE [PATH]");
  image_open(&img, argv[0]);
  struct fs_inode *d = lookup(&img, path);
  if (d->type != FS_DIR) {
    list_one(path, image_path(&img, path), d);
    return 0;
  }
  struct fs_dirent *e;
  for (uint64_t k = 0; (e = image_entry(&img, d, k)) != 0; k++) {
    char name[FS_NAME + 1];
    struct fs_inode *c = image_inode(&img, e->inum);
    name_of(e, name);
    if (c != 0)
      list_one(name, e->inum, c);
  }
  return 0;
}

// ---- cat, get --------------------------------------------------------------

static void
write_out(struct image *img, const struct fs_inode *d, const char *name,
          FILE *to)
{
  for (uint64_t off = 0; off < d->size; off += FS_BLOCK) {
    uint64_t len = d->size - off < FS_BLOCK ? d->size - off : FS_BLOCK;
    uint32_t no = image_find(img, d, off / FS_BLOCK);
    if (no == 0)
      die("%s: damaged", name);
    if (fwrite(image_block(img, no), 1, len, to) != len)
      die("cannot write");
  }
}

int
cmd_cat(int argc, char **argv)
{
  struct image img;
  if (argc < 2)
    die("cat IMAGE PATH...");
  image_open(&img, argv[0]);
  for (int i = 1; i < argc; i++) {
    struct fs_inode *d = lookup(&img, argv[i]);
    if (d->type != FS_FILE)
      die("%s: not a file", argv[i]);
    write_out(&img, d, argv[i], stdout);
  }
  if (fflush(stdout) != 0)
    die("cannot write");
  return 0;
}

static void get(struct image *img, uint32_t inum, const char *to, int depth);

static void
get_entry(struct image *img, const struct fs_dirent *e, const char *to,
          int depth)
{
  char name[FS_NAME + 1], path[4096];
  struct fs_inode *c = image_inode(img, e->inum);
  name_of(e, name);
  if (c == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
    return;
  if (name[0] == 0 || strchr(name, '/') != 0)
    die("%s: a name in it is damaged", to);
  if (snprintf(path, sizeof(path), "%s/%s", to, name) >= (int)sizeof(path))
    die("%s: too deep", to);
  get(img, e->inum, path, depth + 1);
}

// Write the file or directory to path `to` of this machine. A damaged image
// may have directories that go round in circles.
static void
get(struct image *img, uint32_t inum, const char *to, int depth)
{
  struct fs_inode *d = image_inode(img, inum);
  struct fs_dirent *e;
  if (depth > DEPTH)
    die("%s: too deep", to);
  if (d->type == FS_DIR) {
    if (seen[inum])
      die("%s: damaged: this directory has two names", to);
    seen[inum] = true;
    if (mkdir(to, 0777) < 0 && errno != EEXIST)
      die("cannot make %s", to);
    for (uint64_t k = 0; (e = image_entry(img, d, k)) != 0; k++)
      get_entry(img, e, to, depth);
  } else if (d->type == FS_FILE) {
    FILE *f = fopen(to, "wb");
    if (f == 0)
      die("cannot write %s", to);
    write_out(img, d, to, f);
    if (fclose(f) != 0)
      die("cannot write %s", to);
  }
}

int
cmd_get(int argc, char **argv)
{
  struct image img;
  if (argc < 2 || argc > 3)
    die("get IMAGE PATH [TO]");
  const char *slash = strrchr(argv[1], '/');
  const char *to = argc > 2 ? argv[2] : slash != 0 ? slash + 1 : argv[1];
  image_open(&img, argv[0]);
  lookup(&img, argv[1]);
  get(&img, image_path(&img, argv[1]), *to != 0 ? to : ".", 0);
  return 0;
}
