// image.h - an image of the file system in this program's memory.
//
// The image is mapped as a whole; its blocks are reached by number, through
// a check, as nothing that stands in an image may be trusted.

#ifndef MKFS_IMAGE_H
#define MKFS_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "kernel/fs/format.h"

struct image {
  uint8_t *base;
  size_t bytes;
  struct fs_super super; // a copy, checked
  uint64_t orphans;      // may there be inodes without names?
};

// Print a message and end with status 2.
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

// An existing image, to look at: private memory, the journal replayed in it.
// Dies with a message if it is not one.
void image_open(struct image *img, const char *path);

// The same for bytes that are in memory already, which are changed by the
// replay. Returns 0, or why it is no image.
const char *image_attach(struct image *img, void *base, size_t bytes);

// Print what is wrong with it, a line each, to `out` (0: nowhere). Returns how
// many findings there are.
uint32_t image_check(struct image *img, FILE *out);

// A new image of super->nblocks blocks, all 0, which becomes the file.
void image_create(struct image *img, const char *path,
                  const struct fs_super *super);
void image_close(struct image *img);

// Replay the journal in memory. Returns 0, or why that cannot be.
const char *image_replay(struct image *img);

// Why this cannot be a super block of an image of so many bytes; 0: it can.
const char *image_super_fault(const struct fs_super *s, size_t bytes);

static inline void *
image_block(struct image *img, uint64_t no)
{
  return img->base + no * FS_BLOCK;
}

// The inode, or 0 if there is no such number.
struct fs_inode *image_inode(struct image *img, uint64_t inum);

// May a file have this block?
bool image_data_ok(const struct image *img, uint64_t no);

// The disk block with the index-th block of a file, or 0.
uint32_t image_find(struct image *img, const struct fs_inode *d,
                    uint64_t index);

// Where a block hangs: an entry of addr, then an entry in each of `depth`
// nodes.
struct way {
  uint32_t slot;
  uint32_t depth;
  uint32_t at[FS_NTREES];
};
bool image_way(uint64_t index, struct way *w);

// Blocks of a file of so many bytes, its nodes included.
uint64_t image_file_blocks(uint64_t size);

// The inode number at path, or 0.
uint32_t image_path(struct image *img, const char *path);

// The k-th entry of a directory, or 0 if it has none or it is unreadable.
struct fs_dirent *image_entry(struct image *img, const struct fs_inode *dir,
                              uint64_t k);

// The commands, each with what follows its name; they return the status.
int cmd_build(int argc, char **argv);
int cmd_ls(int argc, char **argv);
int cmd_cat(int argc, char **argv);
int cmd_get(int argc, char **argv);
int cmd_check(int argc, char **argv);

#endif
