// image.c - open and create images, and find one's way in them.

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mkfs/image.h"

void
die(const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  fputs("peachfs: ", stderr);
  vfprintf(stderr, fmt, ap);
  fputc('\n', stderr);
  va_end(ap);
  exit(2);
}

const char *
image_super_fault(const struct fs_super *s, size_t bytes)
{
  uint64_t at = 1;
  if (s->magic != FS_MAGIC)
    return "not a Peach file system";
  if (s->check != fs_hash(0, s, FS_SUPER_WORDS))
    return "the super block's checksum is wrong";
  if (s->ninodes < 2 || s->ninodes > FS_MAXINODES)
    return "impossible number of inodes";
  if (s->journal != at)
    return "the journal is in the wrong place";
  at += s->njournal;
  if (s->bitmap != at || s->nbitmap != (s->nblocks + FS_BITS - 1ull) / FS_BITS)
    return "the bitmap is in the wrong place";
  at += s->nbitmap;
  if (s->inodes != at ||
      s->ninodeblocks != (s->ninodes + FS_PER_BLOCK - 1) / FS_PER_BLOCK)
    return "the inode table is in the wrong place";
  at += s->ninodeblocks;
  if (s->data != at || at >= s->nblocks)
    return "the data is in the wrong place";
  if (s->njournal < FS_MINJOURNAL(s->nbitmap))
    return "the journal is too small";
  if ((uint64_t)s->nblocks * FS_BLOCK > bytes)
    return "the image is shorter than its file system";
  return 0;
}

const char *
image_attach(struct image *img, void *base, size_t bytes)
{
  img->base = base;
  img->bytes = bytes;
  memcpy(&img->super, base, sizeof(img->super));
  const char *why = image_super_fault(&img->super, bytes);
  return why != 0 ? why : image_replay(img);
}

void
image_open(struct image *img, const char *path)
{
  struct stat st;
  int fd = open(path, O_RDONLY);
  if (fd < 0 || fstat(fd, &st) < 0)
    die("cannot open %s", path);
  if (st.st_size < FS_BLOCK)
    die("%s: not a Peach file system", path);
  img->bytes = st.st_size;
  img->base = mmap(0, img->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  close(fd);
  if (img->base == MAP_FAILED)
    die("cannot map %s", path);
  const char *why = image_attach(img, img->base, img->bytes);
  if (why != 0)
    die("%s: %s", path, why);
}

void
image_create(struct image *img, const char *path, const struct fs_super *super)
{
  int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0666);
  img->bytes = (size_t)super->nblocks * FS_BLOCK;
  if (fd < 0 || ftruncate(fd, img->bytes) < 0)
    die("cannot write %s", path);
  img->base = mmap(0, img->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (img->base == MAP_FAILED)
    die("cannot map %s", path);
  img->super = *super;
  memcpy(img->base, super, sizeof(*super));
}

void
image_close(struct image *img)
{
  if (munmap(img->base, img->bytes) < 0)
    die("cannot unmap the image");
}

struct fs_inode *
image_inode(struct image *img, uint64_t inum)
{
  if (inum == 0 || inum >= img->super.ninodes)
    return 0;
  struct fs_inode *d =
    image_block(img, img->super.inodes + inum / FS_PER_BLOCK);
  return d + inum % FS_PER_BLOCK;
}

bool
image_data_ok(const struct image *img, uint64_t no)
{
  return no >= img->super.data && no < img->super.nblocks;
}

bool
image_way(uint64_t index, struct way *w)
{
  uint64_t span = 1;
  if (index < FS_NDIRECT) {
    *w = (struct way){ .slot = index };
    return true;
  }
  index -= FS_NDIRECT;
  for (uint32_t d = 1; d <= FS_NTREES; d++) {
    span *= FS_FANOUT;
    if (index < span) {
      *w = (struct way){ .slot = FS_NDIRECT + d - 1, .depth = d };
      for (uint32_t i = d; i-- > 0; index /= FS_FANOUT)
        w->at[i] = index % FS_FANOUT;
      return true;
    }
    index -= span;
  }
  return false;
}

uint32_t
image_find(struct image *img, const struct fs_inode *d, uint64_t index)
{
  struct way w;
  if (!image_way(index, &w))
    return 0;
  uint32_t no = d->addr[w.slot];
  for (uint32_t i = 0; i < w.depth && image_data_ok(img, no); i++)
    no = ((uint32_t *)image_block(img, no))[w.at[i]];
  return image_data_ok(img, no) ? no : 0;
}

uint64_t
image_file_blocks(uint64_t size)
{
  uint64_t n = (size + FS_BLOCK - 1) / FS_BLOCK, all = n, left = n, span = 1;
  left = left > FS_NDIRECT ? left - FS_NDIRECT : 0;
  for (uint32_t d = 1; d <= FS_NTREES && left > 0; d++) {
    span *= FS_FANOUT;
    uint64_t here = left < span ? left : span;
    for (uint64_t leaves = here, i = 0; i < d; i++) {
      leaves = (leaves + FS_FANOUT - 1) / FS_FANOUT;
      all += leaves;
    }
    left -= here;
  }
  return all;
}

struct fs_dirent *
image_entry(struct image *img, const struct fs_inode *dir, uint64_t k)
{
  uint64_t off = k * sizeof(struct fs_dirent);
  if (dir->type != FS_DIR || off >= dir->size || dir->size > FS_MAXDIR)
    return 0;
  uint32_t no = image_find(img, dir, off / FS_BLOCK);
  if (no == 0)
    return 0;
  return (void *)((uint8_t *)image_block(img, no) + off % FS_BLOCK);
}

static uint32_t
find_name(struct image *img, const struct fs_inode *dir, const char *name,
          size_t len)
{
  if (len > FS_NAME)
    return 0;
  for (uint64_t k = 0;; k++) {
    struct fs_dirent *e = image_entry(img, dir, k);
    if (e == 0)
      return 0;
    if (e->inum != 0 && strncmp(e->name, name, len) == 0 &&
        (len == FS_NAME || e->name[len] == 0))
      return e->inum;
  }
}

uint32_t
image_path(struct image *img, const char *path)
{
  uint32_t inum = FS_ROOT;
  for (;;) {
    path += strspn(path, "/");
    size_t len = strcspn(path, "/");
    struct fs_inode *d = image_inode(img, inum);
    if (len == 0 || d == 0)
      return d != 0 ? inum : 0;
    inum = find_name(img, d, path, len);
    path += len;
  }
}
