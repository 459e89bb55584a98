// check.c - is everything in an image as it must be?
//
// What the kernel would find at its next mount is checked, so the journal is
// replayed (in memory) first. Then every inode is visited, and every block
// gets its owner; the directories are walked from the root; and what was
// found must agree with the bitmap and the link counts. One line a finding.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mkfs/image.h"

static struct image *img;
static FILE *to;          // where findings are printed, or 0
static uint32_t *owner;   // of each block: an inode, or META, or 0
static uint32_t *names;   // of each inode: entries that lead to it
static uint32_t *subdirs; // of each directory
static uint32_t *parents; // of each directory: the first that has it
static uint32_t *queue;   // directories that are to be walked
static uint32_t nqueue;
static uint32_t findings;

#define META UINT32_MAX

static void
finding(const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  if (findings++ < 100 && to != 0) {
    vfprintf(to, fmt, ap);
    fputc('\n', to);
  }
  va_end(ap);
}

// ---- blocks ----------------------------------------------------------------

// Inode inum has block no. False: it cannot, so do not look into it.
static bool
claim(uint32_t inum, uint32_t no)
{
  if (!image_data_ok(img, no)) {
    finding("inode %u: block %u is no data block", inum, no);
    return false;
  }
  if (owner[no] != 0) {
    finding("inode %u: block %u belongs to inode %u", inum, no, owner[no]);
    return false;
  }
  owner[no] = inum;
  return true;
}

// The tree of this depth at block no, whose first leaf is the file's block
// `index`; the file has n.
static void
walk(uint32_t inum, uint32_t no, uint32_t depth, uint64_t index, uint64_t n)
{
  uint64_t span = 1;
  if (!claim(inum, no))
    return;
  if (depth == 0) {
    if (index >= n)
      finding("inode %u: block %u is behind its end", inum, no);
    return;
  }
  for (uint32_t i = 1; i < depth; i++)
    span *= FS_FANOUT;
  uint32_t *entry = image_block(img, no);
  for (uint32_t i = 0; i < FS_FANOUT; i++, index += span) {
    if (entry[i] != 0)
      walk(inum, entry[i], depth - 1, index, n);
    else if (index < n)
      finding("inode %u: no block for byte %llu", inum,
              (unsigned long long)index * FS_BLOCK);
  }
}

static void
check_blocks(uint32_t inum, const struct fs_inode *d)
{
  uint64_t n = (d->size + FS_BLOCK - 1) / FS_BLOCK, index = 0, span = 1;
  for (uint32_t i = 0; i < FS_NDIRECT + FS_NTREES; i++) {
    uint32_t depth = i < FS_NDIRECT ? 0 : i - FS_NDIRECT + 1;
    if (depth > 0)
      span *= FS_FANOUT;
    if (d->addr[i] != 0)
      walk(inum, d->addr[i], depth, index, n);
    else if (index < n)
      finding("inode %u: no block for byte %llu", inum,
              (unsigned long long)index * FS_BLOCK);
    index += span;
  }
}

static void
check_inode(uint32_t inum)
{
  struct fs_inode *d = image_inode(img, inum);
  if (d->type == FS_FREE)
    return;
  if (d->type > FS_DEVICE)
    finding("inode %u: no such type: %u", inum, d->type);
  else if (d->size > FS_MAXSIZE || (d->type == FS_DIR && d->size > FS_MAXDIR) ||
           (d->type == FS_DEVICE && d->size != 0))
    finding("inode %u: impossible size %llu", inum,
            (unsigned long long)d->size);
  else
    check_blocks(inum, d);
}

static void
check_bitmap(void)
{
  uint8_t *map = image_block(img, img->super.bitmap);
  uint64_t bits = (uint64_t)img->super.nbitmap * FS_BITS;
  for (uint64_t no = 0; no < bits; no++) {
    bool used = map[no / 8] >> no % 8 & 1;
    bool has =
      no < img->super.data || no >= img->super.nblocks || owner[no] != 0;
    if (has && !used)
      finding("block %llu is in use and marked as free",
              (unsigned long long)no);
    if (used && !has)
      finding("block %llu is free and marked as in use",
              (unsigned long long)no);
  }
}

// ---- names -----------------------------------------------------------------

static int
by_name(const void *a, const void *b)
{
  return memcmp(a, b, FS_NAME);
}

// No name twice.
static void
check_unique(uint32_t inum, const struct fs_inode *d)
{
  uint64_t n = d->size / sizeof(struct fs_dirent), used = 0;
  char(*all)[FS_NAME] = calloc(n + 1, FS_NAME);
  if (all == 0)
    die("no memory");
  for (uint64_t k = 0; k < n; k++) {
    struct fs_dirent *e = image_entry(img, d, k);
    if (e != 0 && e->inum != 0)
      memcpy(all[used++], e->name, FS_NAME);
  }
  qsort(all, used, FS_NAME, by_name);
  for (uint64_t k = 1; k < used; k++)
    if (memcmp(all[k - 1], all[k], FS_NAME) == 0)
      finding("directory %u: %.14s stands there twice", inum, all[k]);
  free(all);
}

static bool
name_ok(const struct fs_dirent *e)
{
  size_t len = strnlen(e->name, FS_NAME);
  for (size_t i = len; i < FS_NAME; i++)
    if (e->name[i] != 0)
      return false;
  return len > 0 && memchr(e->name, '/', len) == 0;
}

static bool
is(const struct fs_dirent *e, const char *name)
{
  return strncmp(e->name, name, FS_NAME) == 0;
}

// Directory inum has been found, in `parent`: walk it later.
static void
found_dir(uint32_t inum, uint32_t parent)
{
  parents[inum] = parent;
  queue[nqueue++] = inum;
}

static void
check_entry(uint32_t inum, uint64_t k, const struct fs_dirent *e)
{
  struct fs_inode *c = image_inode(img, e->inum);
  if (is(e, ".") || is(e, "..")) {
    uint32_t want = is(e, ".") ? inum : parents[inum];
    if (k > 1 || e->inum != want)
      finding("directory %u: %.14s leads to %u, not %u", inum, e->name, e->inum,
              want);
    return;
  }
  if (!name_ok(e))
    finding("directory %u: entry %llu has an impossible name", inum,
            (unsigned long long)k);
  if (c == 0 || c->type == FS_FREE) {
    finding("directory %u: %.14s leads to inode %u, which is free", inum,
            e->name, e->inum);
    return;
  }
  if (c->type == FS_DIR)
    subdirs[inum]++;
  if (names[e->inum]++ == 0 && c->type == FS_DIR)
    found_dir(e->inum, inum);
  else if (c->type == FS_DIR)
    finding("directory %u has a second name, in directory %u", e->inum, inum);
}

static void
check_dir(uint32_t inum)
{
  struct fs_inode *d = image_inode(img, inum);
  uint64_t n = d->size / sizeof(struct fs_dirent);
  struct fs_dirent *e;
  if (d->size > FS_MAXDIR)
    return; // (check_inode said so)
  if (d->size % sizeof(struct fs_dirent) != 0)
    finding("directory %u: half an entry at its end", inum);
  for (uint64_t k = 0; k < 2; k++) {
    e = image_entry(img, d, k);
    if (e == 0 || e->inum == 0 || !is(e, k == 0 ? "." : ".."))
      finding("directory %u does not begin with . and ..", inum);
  }
  for (uint64_t k = 0; k < n; k++) {
    e = image_entry(img, d, k);
    if (e != 0 && e->inum != 0)
      check_entry(inum, k, e);
  }
  check_unique(inum, d);
}

static void
check_links(uint32_t inum)
{
  struct fs_inode *d = image_inode(img, inum);
  uint32_t want = names[inum];
  if (d->type == FS_FREE || d->type > FS_DEVICE)
    return;
  if (want == 0 && d->nlink == 0) {
    if (!img->orphans)
      finding("inode %u has no name and was not removed", inum);
    return;
  }
  if (want == 0)
    finding("inode %u cannot be reached", inum);
  else if (d->type == FS_DIR && d->nlink != 1 + subdirs[inum])
    finding("directory %u has link count %u, not %u", inum, d->nlink,
            1 + subdirs[inum]);
  else if (d->type != FS_DIR && d->nlink != want)
    finding("inode %u has link count %u, not %u", inum, d->nlink, want);
}

static void
check_all(void)
{
  for (uint32_t i = 1; i < img->super.ninodes; i++)
    check_inode(i);
  check_bitmap();
  if (image_inode(img, FS_ROOT)->type == FS_DIR) {
    names[FS_ROOT] = 1;
    found_dir(FS_ROOT, FS_ROOT);
  } else {
    finding("the root is no directory");
  }
  for (uint32_t i = 0; i < nqueue; i++)
    check_dir(queue[i]);
  for (uint32_t i = 1; i < img->super.ninodes; i++)
    check_links(i);
}

uint32_t
image_check(struct image *which, FILE *out)
{
  img = which;
  to = out;
  findings = 0;
  owner = calloc(img->super.nblocks, sizeof(*owner));
  names = calloc(img->super.ninodes, sizeof(*names));
  subdirs = calloc(img->super.ninodes, sizeof(*subdirs));
  parents = calloc(img->super.ninodes, sizeof(*parents));
  queue = calloc(img->super.ninodes, sizeof(*queue));
  nqueue = 0;
  if (owner == 0 || names == 0 || subdirs == 0 || parents == 0 || queue == 0)
    die("no memory");
  check_all();
  free(parents);
  free(queue);
  free(owner);
  free(names);
  free(subdirs);
  return findings;
}

int
cmd_check(int argc, char **argv)
{
  struct image image;
  if (argc != 1)
    die("check IMAGE");
  image_open(&image, argv[0]);
  uint32_t n = image_check(&image, stdout);
  if (n > 0)
    printf("%s: %u findings\n", argv[0], n);
  return n > 0;
}
