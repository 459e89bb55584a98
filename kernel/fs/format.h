// format.h - what is on the disk. Shared by the kernel and mkfs/.
//
// The disk is an array of 4 KiB blocks:
//
//     0        super block
//     journal  its head, then the log
//     bitmap   a bit a block of the disk, set when in use
//     inodes   the inode table, 32 a block
//     data     file contents, directories, blocks of block numbers
//
// Numbers are little-endian, blocks are named by 32-bit numbers and 0 means
// none. A file's blocks hang on its inode in a tree: 20 directly, then a
// tree of depth 1, one of depth 2 and one of depth 3. Files have no holes. A
// directory is a file of 16-byte entries, as programs read them.
//
// The log holds transactions, one after the other from its first block on,
// with consecutive sequence numbers that never repeat in the life of an
// image. A transaction is: descriptor blocks that say where each block
// belongs, the blocks, and a commit block with a checksum over all of these.
// The head says which number the first one must have; the log ends before
// the first that is not whole.

#ifndef KERNEL_FS_FORMAT_H
#define KERNEL_FS_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define FS_MAGIC 0x3153464843414550ull // "PEACHFS1"
#define FS_BLOCK 4096
#define FS_BITS  (FS_BLOCK * 8) // blocks that a bitmap block covers
#define FS_ROOT  1              // inode number of the root

struct fs_super {
  uint64_t magic;
  uint32_t nblocks;  // of the whole disk
  uint32_t ninodes;  // numbers 1 to ninodes - 1; at most FS_MAXINODES
  uint32_t journal;  // first block of each part
  uint32_t njournal; // and how many blocks it has
  uint32_t bitmap;
  uint32_t nbitmap;
  uint32_t inodes;
  uint32_t ninodeblocks;
  uint32_t data;  // first block that a file may have
  uint32_t spare; // 0
  uint64_t check; // fs_hash of the words before it
};

#define FS_SUPER_WORDS (offsetof(struct fs_super, check) / 8)

// ---- inodes ----------------------------------------------------------------

#define FS_NDIRECT   20
#define FS_NTREES    3              // of depth 1, 2, 3
#define FS_FANOUT    (FS_BLOCK / 4) // block numbers in a block
#define FS_MAXINODES 65536          // as an entry's number has 16 bits
#define FS_PER_BLOCK (FS_BLOCK / sizeof(struct fs_inode))

enum fs_type { FS_FREE, FS_DIR, FS_FILE, FS_DEVICE }; // as T_* in stat.h

struct fs_inode {
  uint16_t type;  // enum fs_type
  uint16_t nlink; // names; 0 with a type: removed while it was open
  uint16_t major; // of a device
  uint16_t minor;
  uint64_t size; // bytes
  uint32_t addr[FS_NDIRECT + FS_NTREES];
  uint32_t spare[5]; // 0
};

_Static_assert(sizeof(struct fs_inode) == 128, "an inode fills its slot");

// Largest file, in blocks: all that the trees can hold.
#define FS_MAXBLOCKS                                                           \
  (FS_NDIRECT + (uint64_t)FS_FANOUT + (uint64_t)FS_FANOUT * FS_FANOUT +        \
   (uint64_t)FS_FANOUT * FS_FANOUT * FS_FANOUT)
#define FS_MAXSIZE (FS_MAXBLOCKS * FS_BLOCK)
#define FS_MAXDIR  (1u << 24) // bytes: a million entries
#define FS_MAXLINK 32767      // struct stat's nlink is a short

#define FS_NAME 14

struct fs_dirent {
  uint16_t inum;      // 0: the slot is free
  char name[FS_NAME]; // padded with 0
};

// The journal of an image with so many blocks of bitmap has at least so many:
// any operation fits into a transaction.
#define FS_MINJOURNAL(nbitmap) (128 + 8 * (nbitmap))

// ---- journal ---------------------------------------------------------------

#define FS_HEAD_MAGIC   0x50656163684a6864ull
#define FS_DESC_MAGIC   0x50656163684a6473ull
#define FS_COMMIT_MAGIC 0x50656163684a636dull

// First block of the journal.
struct fs_head {
  uint64_t magic;
  uint64_t seq;     // of the transaction in the log's first blocks
  uint64_t orphans; // not 0: there may be inodes with a type and no link
  uint64_t check;   // fs_hash of the words before it
};

#define FS_HEAD_WORDS 3

#define FS_DESC_MAX ((FS_BLOCK - 24) / 4)

// Descriptor block. A transaction has as many as its blocks need, all full
// but the last.
struct fs_desc {
  uint64_t magic;
  uint64_t seq;
  uint32_t nblocks; // of the whole transaction
  uint32_t spare;
  uint32_t home[FS_DESC_MAX];
};

struct fs_commit {
  uint64_t magic;
  uint64_t seq;
  uint64_t nblocks;
  uint64_t check; // fs_hash over descriptors and blocks, in order
};

// Words into a 64-bit checksum; start with 0 and pass the last result on.
// Each step is invertible, so that no single changed word goes unseen.
static inline uint64_t
fs_hash(uint64_t h, const void *data, size_t words)
{
  const uint64_t *w = data;
  for (size_t i = 0; i < words; i++) {
    h = (h ^ w[i]) * 0x9e3779b97f4a7c15ull;
    h ^= h >> 32;
  }
  return h;
}

#endif
