// build.c - make an image from files of this machine.
//
// The files become a tree first; so all sizes are known, and the image gets
// the blocks that they need plus what is to stay free. Nothing in it depends
// on anything but the arguments and the files' contents.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mkfs/image.h"

#define JOURNAL 512 // blocks
#define INODES  12288

struct node {
  char name[FS_NAME + 1];
  const char *source; // where its contents come from; 0: a directory
  uint64_t size;
  uint32_t inum;
  uint32_t ndirs; // directories in it
  struct node *parent;
  struct node *child, *last; // what is in it, in order
  struct node *next;         // in the same directory
};

static struct node root;

// ---- the tree --------------------------------------------------------------

static struct node *
find(struct node *dir, const char *name, size_t len)
{
  for (struct node *n = dir->child; n != 0; n = n->next)
    if (strlen(n->name) == len && memcmp(n->name, name, len) == 0)
      return n;
  return 0;
}

static struct node *
add(struct node *dir, const char *name, size_t len)
{
  struct node *n = calloc(1, sizeof(*n));
  if (n == 0)
    die("no memory");
  if (len > FS_NAME)
    die("name too long (%d characters at most): %.*s", FS_NAME, (int)len, name);
  memcpy(n->name, name, len);
  n->parent = dir;
  n->size = 32; // (a directory starts with . and ..)
  *(dir->child != 0 ? &dir->last->next : &dir->child) = n;
  dir->last = n;
  dir->size += sizeof(struct fs_dirent);
  return n;
}

// NAME=PATH: NAME in the image, with folders as needed; NAME/ is a folder.
static void
add_argument(char *arg)
{
  char *name = arg, *eq = strchr(arg, '=');
  struct node *at = &root;
  struct stat st;
  if (eq != 0)
    *eq = 0;
  for (;;) {
    name += strspn(name, "/");
    size_t len = strcspn(name, "/");
    if (len == 0)
      break;
    if (at->source != 0)
      die("%s: a file is in the way", arg);
    struct node *n = find(at, name, len);
    at = n != 0 ? n : add(at, name, len);
    name += len;
  }
  if (eq == 0)
    return;
  if (at == &root || at->child != 0 || at->source != 0)
    die("%s: given twice", arg);
  at->source = eq + 1;
  if (stat(at->source, &st) < 0 || !S_ISREG(st.st_mode))
    die("%s: no such file", at->source);
  at->size = st.st_size;
}

// Number the tree's nodes; returns how many blocks they need.
static uint64_t
count(struct node *n, uint32_t *inum)
{
  uint64_t blocks = image_file_blocks(n->size);
  n->inum = (*inum)++;
  if (n->source == 0 && n->parent != 0)
    n->parent->ndirs++;
  for (struct node *c = n->child; c != 0; c = c->next)
    blocks += count(c, inum);
  return blocks;
}

// ---- contents --------------------------------------------------------------

static uint32_t next_block; // all before it are in use

static uint32_t
new_block(struct image *img)
{
  if (next_block >= img->super.nblocks)
    die("the files changed while they were read");
  return next_block++;
}

static void
set_block(struct image *img, struct fs_inode *d, uint64_t index, uint32_t no)
{
  struct way w;
  if (!image_way(index, &w))
    die("a file is too large");
  uint32_t *entry = &d->addr[w.slot];
  for (uint32_t i = 0; i < w.depth; i++) {
    if (*entry == 0)
      *entry = new_block(img);
    entry = (uint32_t *)image_block(img, *entry) + w.at[i];
  }
  *entry = no;
}

static void
append(struct image *img, struct fs_inode *d, const void *data, size_t n)
{
  while (n > 0) {
    uint64_t at = d->size % FS_BLOCK, index = d->size / FS_BLOCK;
    size_t len = n < FS_BLOCK - at ? n : FS_BLOCK - at;
    if (at == 0)
      set_block(img, d, index, new_block(img));
    uint8_t *to = image_block(img, image_find(img, d, index));
    memcpy(to + at, data, len);
    d->size += len;
    data = (const uint8_t *)data + len;
    n -= len;
  }
}

static void
copy_file(struct image *img, struct node *n, struct fs_inode *d)
{
  static char buf[1 << 16];
  FILE *f = fopen(n->source, "rb");
  size_t got;
  if (f == 0)
    die("cannot open %s", n->source);
  while ((got = fread(buf, 1, sizeof(buf), f)) > 0)
    append(img, d, buf, got);
  if (ferror(f) || d->size != n->size)
    die("%s changed while it was read", n->source);
  fclose(f);
}

static void
add_entry(struct image *img, struct fs_inode *d, const char *name,
          uint32_t inum)
{
  struct fs_dirent e = { .inum = inum };
  memcpy(e.name, name, strlen(name));
  append(img, d, &e, sizeof(e));
}

static void
emit(struct image *img, struct node *n)
{
  struct fs_inode *d = image_inode(img, n->inum);
  d->type = n->source != 0 ? FS_FILE : FS_DIR;
  d->nlink = 1 + n->ndirs;
  if (n->source != 0) {
    copy_file(img, n, d);
    return;
  }
  add_entry(img, d, ".", n->inum);
  add_entry(img, d, "..", n->parent != 0 ? n->parent->inum : n->inum);
  for (struct node *c = n->child; c != 0; c = c->next)
    add_entry(img, d, c->name, c->inum);
  for (struct node *c = n->child; c != 0; c = c->next)
    emit(img, c);
}

// ---- the image -------------------------------------------------------------

static uint64_t
max(uint64_t a, uint64_t b)
{
  return a > b ? a : b;
}

// The larger the disk, the more blocks its bitmap and its journal have; the
// second round knows how many.
static void
lay_out(struct fs_super *s, uint64_t need, uint64_t journal)
{
  uint64_t total = 0;
  s->magic = FS_MAGIC;
  s->ninodeblocks = (s->ninodes + FS_PER_BLOCK - 1) / FS_PER_BLOCK;
  for (int round = 0; round < 4; round++) {
    s->nbitmap = (total + FS_BITS - 1) / FS_BITS;
    s->njournal = max(journal, FS_MINJOURNAL(s->nbitmap));
    s->journal = 1;
    s->bitmap = s->journal + s->njournal;
    s->inodes = s->bitmap + s->nbitmap;
    s->data = s->inodes + s->ninodeblocks;
    total = s->data + need;
  }
  if (total > UINT32_MAX)
    die("the image would be too large");
  s->nblocks = total;
  if (s->nbitmap != (total + FS_BITS - 1) / FS_BITS)
    die("no layout for this size; take a slightly different one");
  s->check = fs_hash(0, s, FS_SUPER_WORDS);
}

static void
write_bitmap(struct image *img)
{
  uint8_t *map = image_block(img, img->super.bitmap);
  uint64_t bits = (uint64_t)img->super.nbitmap * FS_BITS;
  for (uint64_t i = 0; i < next_block; i++)
    map[i / 8] |= 1 << i % 8;
  for (uint64_t i = img->super.nblocks; i < bits; i++)
    map[i / 8] |= 1 << i % 8;
}

static void
write_journal(struct image *img)
{
  struct fs_head *h = image_block(img, img->super.journal);
  h->magic = FS_HEAD_MAGIC;
  h->seq = 1;
  h->check = fs_hash(0, h, FS_HEAD_WORDS);
}

// 8M, 512K, 100000.
static uint64_t
parse_size(const char *s)
{
  char *end;
  uint64_t n = strtoull(s, &end, 10);
  int shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
  if (end == s || *s == '-' || end[shift != 0] != 0 || n > 1ull << 44 >> shift)
    die("not a size: %s", s);
  return n << shift;
}

static uint64_t
option(int argc, char **argv, int i)
{
  if (i + 1 >= argc)
    die("%s wants a value", argv[i]);
  return parse_size(argv[i + 1]);
}

int
cmd_build(int argc, char **argv)
{
  struct fs_super s = { 0 };
  struct image img;
  uint64_t free_bytes = 16 << 20, inodes = INODES, journal = JOURNAL;
  uint32_t inum = FS_ROOT;
  if (argc < 1)
    die("build wants the name of the image");
  root = (struct node){ .inum = FS_ROOT, .size = 32 };
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "-s") == 0)
      free_bytes = option(argc, argv, i++);
    else if (strcmp(argv[i], "-i") == 0)
      inodes = option(argc, argv, i++);
    else if (strcmp(argv[i], "-j") == 0)
      journal = option(argc, argv, i++);
    else
      add_argument(argv[i]);
  }
  uint64_t need = count(&root, &inum);
  if (inodes < inum || inodes > FS_MAXINODES)
    die("%u to %u inodes, please", inum, FS_MAXINODES);
  if (journal < FS_MINJOURNAL(1) || journal > 1 << 20)
    die("%d to %d blocks of journal, please", FS_MINJOURNAL(1), 1 << 20);
  s.ninodes = inodes;
  lay_out(&s, need + (free_bytes + FS_BLOCK - 1) / FS_BLOCK, journal);
  image_create(&img, argv[0], &s);
  next_block = s.data;
  emit(&img, &root);
  write_bitmap(&img);
  write_journal(&img);
  image_close(&img);
  return 0;
}
