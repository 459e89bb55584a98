// model_image.c - images for the tests, and the state of one.

#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/host/fs/fake.h"
#include "tests/host/fs/model.h"

uint64_t
model_hash(uint64_t h, const void *data, size_t n)
{
  const uint8_t *p = data;
  for (size_t i = 0; i < n; i++)
    h = (h ^ p[i]) * 0x100000001b3ull;
  return h ^ h >> 29;
}

uint64_t
image_file_state(struct image *img, const struct fs_inode *d)
{
  uint8_t *all = malloc(d->size + 1);
  for (uint64_t off = 0; off < d->size; off += 4096)
    memcpy(all + off, image_block(img, image_find(img, d, off / 4096)),
           d->size - off < 4096 ? d->size - off : 4096);
  uint64_t h = model_hash(1, all, d->size);
  free(all);
  return h;
}

static uint64_t
tree_state(struct image *img, const struct fs_inode *d, const char *path)
{
  uint64_t sum = 0;
  struct fs_dirent *e;
  for (uint64_t k = 2; (e = image_entry(img, d, k)) != 0; k++) {
    char below[512];
    if (e->inum == 0)
      continue;
    snprintf(below, sizeof(below), "%s/%.14s", path, e->name);
    struct fs_inode *c = image_inode(img, e->inum);
    uint64_t h = model_hash(1, below, strlen(below));
    if (c->type == FS_FILE)
      h = h * 31 + image_file_state(img, c);
    sum += h;
    if (c->type == FS_DIR)
      sum += tree_state(img, c, below);
  }
  return sum;
}

uint64_t
image_state(struct image *img)
{
  return tree_state(img, image_inode(img, FS_ROOT), "");
}

uint8_t *
fresh_image(const char *bytes, const char *inodes, const char *journal,
            size_t *size)
{
  char path[] = "/tmp/peachfs.XXXXXX";
  int fd = mkstemp(path);
  REQUIRE(fd >= 0);
  char *argv[] = { path,           "-s", (char *)bytes,  "-i",
                   (char *)inodes, "-j", (char *)journal };
  REQUIRE(cmd_build(7, argv) == 0);
  *size = lseek(fd, 0, SEEK_END);
  uint8_t *image = malloc(*size);
  REQUIRE(image != 0 && pread(fd, image, *size, 0) == (ssize_t)*size);
  close(fd);
  unlink(path);
  return image;
}

#define MOST_COPY ((size_t)64 << 20)
#define BEHIND    65536

// The same pages each time, as their first touch is dear; behind the copy they
// are poisoned.
void
image_of(struct image *img, const uint8_t *bytes, size_t n)
{
  static uint8_t *copy;
  if (copy == 0)
    copy = mmap(0, MOST_COPY, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  REQUIRE(copy != MAP_FAILED && n + BEHIND <= MOST_COPY);
  ASAN_UNPOISON_MEMORY_REGION(copy, n);
  ASAN_POISON_MEMORY_REGION(copy + n, BEHIND);
  memcpy(copy, bytes, n);
  REQUIRE(image_attach(img, copy, n) == 0);
}
