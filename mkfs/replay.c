// replay.c - the journal, as the kernel would replay it at the next mount.

#include <string.h>

#include "mkfs/image.h"

static uint32_t
descs(uint32_t n)
{
  return (n + FS_DESC_MAX - 1) / FS_DESC_MAX;
}

static struct fs_desc *
desc_at(struct image *img, uint64_t at, uint32_t i)
{
  return image_block(img, at + i);
}

// The number of blocks of transaction seq at block `at`, or 0 if it is not
// whole.
static uint32_t
whole(struct image *img, uint64_t at, uint64_t seq)
{
  uint64_t end = img->super.journal + img->super.njournal, sum = 0;
  if (at >= end)
    return 0;
  struct fs_desc *d = desc_at(img, at, 0);
  uint64_t n = d->nblocks;
  if (d->magic != FS_DESC_MAGIC || d->seq != seq || n == 0 || n > end - at ||
      n + descs(n) + 1 > end - at)
    return 0;
  for (uint32_t i = 0; i < n + descs(n); i++)
    sum = fs_hash(sum, image_block(img, at + i), FS_BLOCK / 8);
  for (uint32_t i = 0; i < n; i++) {
    d = desc_at(img, at, i / FS_DESC_MAX);
    uint32_t home = d->home[i % FS_DESC_MAX];
    if (d->magic != FS_DESC_MAGIC || d->seq != seq ||
        home < img->super.bitmap || home >= img->super.nblocks)
      return 0;
  }
  struct fs_commit *c = image_block(img, at + descs(n) + n);
  bool ok = c->magic == FS_COMMIT_MAGIC && c->seq == seq && c->nblocks == n &&
            c->check == sum;
  return ok ? n : 0;
}

const char *
image_replay(struct image *img)
{
  struct fs_head *h = image_block(img, img->super.journal);
  if (h->magic != FS_HEAD_MAGIC || h->seq == 0 ||
      h->check != fs_hash(0, h, FS_HEAD_WORDS))
    return "the head of the journal is damaged";
  uint64_t at = img->super.journal + 1, seq = h->seq;
  uint32_t n;
  while ((n = whole(img, at, seq)) != 0) {
    for (uint32_t i = 0; i < n; i++) {
      struct fs_desc *d = desc_at(img, at, i / FS_DESC_MAX);
      memcpy(image_block(img, d->home[i % FS_DESC_MAX]),
             image_block(img, at + descs(n) + i), FS_BLOCK);
    }
    at += descs(n) + n + 1;
    seq++;
  }
  img->orphans = h->orphans != 0 || seq != h->seq;
  return 0;
}
