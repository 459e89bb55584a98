// internal.h - what the files of kernel/fs/ know of each other. From the
// bottom up:
//
//     io.c       requests to the device
//     cache.c    disk blocks in memory
//     op.c       operations;  journal.c  commit;  log.c  the log;  recover.c
//     alloc.c    which blocks are free
//     inode.c    inodes in memory;  itable.c  and on the disk
//     map.c      their blocks;  rw.c  what is in them
//     dir.c      names in a directory;  path.c  names in a path
//     names.c    create, link, unlink, rename
//     file.c     open files;  pipe.c;  calls.c  the system calls
//
// Every change is made inside an operation, op_begin() to op_end(); what one
// operation changed is on the disk as a whole or not at all. An operation
// changes blocks in memory only and never waits for the disk to write.
//
// Locks, outermost first:
//
//     journal's commit mutex   who commits; never taken inside an operation
//     an operation             op_begin() may wait for a commit
//     fs_names                 a mutex: who changes directories
//     an inode's mutex         two at once only under fs_names
//     spinlocks: the bitmap's, the inode table's, the name table's
//     cache_lock               blocks, their lists, the journal's counters
//
// As every holder of two inodes holds fs_names, and no one else waits for a
// second inode, inodes need no order among each other, and a corrupt
// directory (a loop, a second parent) cannot make two processes wait for
// each other.

#ifndef KERNEL_FS_INTERNAL_H
#define KERNEL_FS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/dev/block.h"
#include "kernel/fs/format.h"
#include "kernel/lib/list.h"
#include "kernel/lib/lock.h"
#include "kernel/mm/mm.h"
#include "kernel/proc/wait.h"

#define unlikely(x) __builtin_expect(!!(x), 0)

// The mounted file system: constant after fs_mount.
extern struct fs_super fs_super;

// The file system is damaged here: says so on the console, the first few
// times. Returns -1.
int fs_damaged(const char *what, uint64_t number);

// ---- blocks in memory (cache.c) --------------------------------------------

enum block_state { BLOCK_EMPTY, BLOCK_READING, BLOCK_VALID };
enum block_join { JOIN_NONE, JOIN_META, JOIN_DATA };

// A disk block in memory. Fields marked (c) are guarded by the cache's lock.
//
// A block may be in three places at once, and each of them counts as one
// reserved page:
//   - joined:  changed by the running transaction, in `page`
//   - frozen:  part of the transaction that is being committed, and
//     logged:  committed, in the log, not yet in its place; in `snap`
// While snap == page, the first change makes a copy for page. A block of the
// bitmap always has a snap while it is joined (see alloc.c).
struct block {
  struct block *next; // (c) in its hash chain
  uint32_t no;        // constant
  uint32_t refs;      // users; up under (c), down by anybody
  uint8_t state;      // (c) enum block_state
  uint8_t join;       // (c) enum block_join; changes inside an operation
  bool used;          // hint: since the evictor last came by
  uint8_t frozen;     // (c) enum block_join: as what it was joined
  bool logged;        // (c)
  bool dead;          // (c) freed, but frozen or logged
  bool keep;          // constant: a block of the bitmap
  void *page;         // (c) its contents now
  void *snap;         // (c) as of the last commit, or 0
  struct link where;  // (c) on the list of clean ones, or the transaction's
  struct link log;    // commit's and checkpoint's list
};

// One lock for the cache and the counters of the journal.
extern struct spinlock cache_lock;

void cache_init(void);

// The block, read if need be, counted; 0 after a disk error or without
// memory. May sleep.
struct block *block_get(uint32_t no);

// The same without reading it: the caller is about to overwrite all of it.
struct block *block_new(uint32_t no);

static inline void
block_put(struct block *b)
{
  __atomic_sub_fetch(&b->refs, 1, __ATOMIC_RELEASE);
}

// With the cache's lock held, 0 means that nobody uses it, nor will.
static inline uint32_t
block_refs(const struct block *b)
{
  return __atomic_load_n(&b->refs, __ATOMIC_ACQUIRE);
}

// Start to read those of n blocks from no on that are not in memory, as far
// as memory allows; does not wait.
void block_prefetch(uint32_t no, uint32_t n);

// The block is to be freed: its contents do not matter any more. Inside an
// operation. False: it stays as it is, as somebody uses it. (Who frees a
// block is the only one who could: so a damaged image gave it to two.)
bool block_forget(uint32_t no);

// The block if it is in memory and valid, counted, or 0; does not sleep.
struct block *block_peek(uint32_t no);

// For io.c: a read of these has ended.
void block_read_ended(struct block **b, int n, bool ok);

// For the journal; the first three with the cache's lock held: find a block;
// take it off the clean list; b is on no list any more, put it where it
// belongs (true: nowhere, destroy it without the lock).
struct block *block_lookup(uint32_t no);
void block_unclean(struct block *b);
bool block_settle(struct block *b);
void block_destroy(struct block *b);

// ---- requests (io.c) -------------------------------------------------------

void io_init(void);

// Start to read n (at most BLOCK_SEGS) blocks from b[0]->no on, all READING.
// Returns -1 if there was no memory to start it.
int io_read(struct block **b, int n);

// Writes in bulk, several requests in flight, neighbours merged. One user at
// a time: who holds the commit mutex, or recovery. io_finish waits for all
// and returns 0, or -1 if any failed.
void io_write(uint32_t no, void *page);
int io_finish(void);
int io_flush(void);
int io_read_now(uint32_t no, void *page);
int io_write_now(uint32_t no, void *page);

// ---- operations (op.c, journal.c) ------------------------------------------

int journal_start(uint64_t seq, bool orphans); // at mount
void journal_thread(void);

// An operation that will change at most `blocks` blocks. Returns 0, or -1:
// no memory, or the disk failed. No lock is held. Must be ended with the
// same number.
int op_begin(uint32_t blocks);
void op_end(uint32_t blocks);

// Inside an operation, before b->page is changed: as metadata (goes through
// the log) or as a file's data (goes to its place before the commit).
void block_change(struct block *b);
void block_change_data(struct block *b);

// The same, afterwards: programs that were started since b was changed run
// what is in b->page; leave it to them.
void block_leave_page(struct block *b);

uint64_t op_seq(void); // number of the running transaction

// Commit everything so far; reclaim also empties the log, so that all free
// blocks can be had. 0, or -1 after a disk error. In no operation.
int journal_sync(void);
int journal_reclaim(void);
bool journal_failed(void);
size_t journal_pages(void); // that it holds, to be written or at hand

// Inodes with a type and no link, in use or not yet removed.
void journal_orphans(int change);

// b's snap is in its place on the disk. Without the lock, by the committer.
void block_written(struct block *b);

// ---- the log (log.c), under the commit mutex -------------------------------

int log_start(void);     // at mount; the log is empty
uint32_t log_most(void); // most blocks of a transaction

// Write a transaction: all of it is on the disk when this returns 0.
int log_write(struct link *blocks, uint32_t n, uint64_t seq);

// These blocks, frozen, are in the log now.
void log_keep(struct link *blocks);

// Write what is in the log to its place and empty the log: always, or only
// if the largest transaction would not fit. seq is the next transaction's.
int log_checkpoint(uint64_t seq, uint64_t orphans);
int log_make_room(uint64_t seq, uint64_t orphans);
int log_write_head(uint64_t seq, uint64_t orphans);

// Sort a list of blocks (linked by log) by number.
void blocks_sort(struct link *list);

// Bring the disk up to date from the log, at mount. Returns the number that
// the next transaction gets, or 0 if it cannot be done; *dirty: there may be
// orphans.
uint64_t recover(bool *dirty);

// ---- free blocks (alloc.c) -------------------------------------------------

int alloc_start(void); // at mount

// A free block, best at or after goal; 0 if there is none. Inside an
// operation; changes one block.
uint32_t alloc_block(uint32_t goal);
void free_block(uint32_t no);
bool alloc_used(uint32_t no);
bool alloc_any(void); // free blocks, even if not to be had
                      // before a journal_reclaim
// Inside an operation: might n blocks not be had now, but after a
// journal_reclaim?
bool alloc_wait(uint32_t n);
uint32_t alloc_groups(void);      // blocks that the bitmap has
uint32_t alloc_most_groups(void); // that there is room for

// May a file have this block?
static inline bool
block_ok(uint32_t no)
{
  return no >= fs_super.data && no < fs_super.nblocks;
}

// ---- inodes (inode.c, itable.c) --------------------------------------------

struct inode {
  struct inode *next; // (t) in its hash chain; (t): table lock
  uint32_t inum;      // constant
  uint32_t refs;      // up under (t) or by who has one; last down under (t)
  struct link idle;   // (t) on the list of those without refs, or doomed
  struct mutex lock;  // guards all below
  bool valid;         // d is what the disk says
  struct block *home; // block of the inode table, counted, while valid
  struct fs_inode d;
  uint64_t base; // size when transaction base_seq began
  uint64_t base_seq;
  uint32_t last;       // last block allocated
  uint64_t ahead_mark; // read-ahead: on reading this block, start more,
  uint64_t ahead_end;  // from this block on,
  uint32_t ahead_len;  // twice as many as the last time
  bool indexed;        // (directory) its names are in the name table
  struct link names;   // (directory) struct name: its entries
  struct link slots;   // (directory) and its free slots
  uint32_t nnames;
};

void inode_init(void);                  // at boot
struct inode *inode_get(uint32_t inum); // counted, not read; 0: no memory, or
                                        // no such number
struct inode *inode_dup(struct inode *ip);
void inode_put(struct inode *ip);     // may remove the file: in no operation
                                      // and with no lock
void inode_drop(struct inode *ip);    // does not: anywhere
void inode_remove_doomed(uint32_t n); // try again to remove n files

// Lock, and read if need be. -1 (and not locked): free, or unreadable.
int inode_lock(struct inode *ip);
void inode_unlock(struct inode *ip);
void inode_store(struct inode *ip); // ip->d changed; inside an operation

// A new inode of this type with no links, locked and counted, or 0. Under
// fs_names, inside an operation; changes one block.
struct inode *inode_alloc(enum fs_type type);
void inode_table_freed(uint32_t inum); // that its slot is free now
void inode_scan_orphans(void);

// ---- their blocks (map.c), under the inode's lock --------------------------

// The disk block with the file's index-th block; 0 if there is none or it
// cannot be known.
uint32_t map_find(struct inode *ip, uint64_t index);
int map_set(struct inode *ip, uint64_t index, uint32_t no);
int map_truncate(struct inode *ip); // to nothing
uint32_t map_truncate_cost(void);   // blocks that this changes, at most

// How many blocks change when n new ones are added to a file in a row: these,
// nodes (at worst two new ones of depth 1 and 2 each and one of depth 3), the
// bitmap's blocks for all of them, and the inode.
static inline uint32_t
map_cost(uint32_t n)
{
  uint32_t all = n + 5, groups = alloc_groups();
  return all + (groups < all ? groups : all) + 1;
}

// ---- contents (rw.c), under the inode's lock -------------------------------

// Where bytes come from or go to: user memory, or the kernel's.
enum side { USER, KERNEL };

int64_t inode_read(struct inode *ip, enum side s, uint64_t addr, uint64_t off,
                   uint64_t n);

// The page with the file's contents at off (a multiple of FS_BLOCK), counted
// in mm, or 0: there is no whole page, or it cannot be read. It does not change
// any more; what is written to the file later goes to another page.
void *inode_page(struct inode *ip, uint64_t off);

// Inside an operation of map_cost(number of blocks touched). Returns how
// many bytes were written; or -1; or NOSPACE if none was because the disk is
// full; or BADADDR if not all can be read, with those before written.
enum { NOSPACE = -2, BADADDR = -3 };
int64_t inode_write(struct inode *ip, uint64_t uva, uint64_t off, uint64_t n);

// ---- directories (dir.c), under the directory's lock -----------------------

// A name as it is looked up: at most FS_NAME characters, padded with 0.
struct key {
  union {
    char c[16];
    uint64_t w[2];
  };
};

// Where an entry is; holds its block, so that changing it cannot fail.
struct spot {
  struct block *b; // counted
  uint32_t slot;
};

void dir_init(void);
// The inode number under this name; 0: none, or unreadable.
uint32_t dir_find(struct inode *dp, const struct key *k);

// The same, and where; spot->b is 0 if there is none.
uint32_t dir_spot(struct inode *dp, const struct key *k, struct spot *spot);
void spot_put(struct spot *spot);

// Inside an operation: add an entry (0, -1, or NOSPACE; changes at most
// map_cost(1) blocks); change the number in an entry, or remove it with 0.
int dir_add(struct inode *dp, const struct key *k, uint32_t inum);
void dir_change(struct inode *dp, const struct key *k, struct spot *spot,
                uint32_t inum);
bool dir_empty(struct inode *dp);  // but for . and ..
void dir_forget(struct inode *dp); // its index
bool key_is(const struct key *k, const char *name);

// ---- paths (path.c) --------------------------------------------------------

struct inode *path_find(struct inode *cwd, const char *path);
// The directory that holds the last name, which goes to *k.
struct inode *path_parent(struct inode *cwd, const char *path, struct key *k);

// ---- names (names.c) -------------------------------------------------------

extern struct mutex fs_names;

// The inode at path, counted and not locked: the one that is there already
// (only if it is a file or a device, and `type` a file), or a new one.
struct inode *name_create(struct inode *cwd, const char *path,
                          enum fs_type type, uint16_t major, uint16_t minor);
int name_link(struct inode *cwd, const char *from, const char *to);
int name_unlink(struct inode *cwd, const char *path);
int name_rename(struct inode *cwd, const char *from, const char *to);
int inode_truncate(struct inode *ip); // as an operation of its own

// For rename.c.
uint32_t names_cost(uint32_t adds); // of an operation with so many dir_add
int dir_lock(struct inode *dp);     // if it is a directory with a name
void inode_link(struct inode *ip, int n); // one name more or less
bool key_is_dot(const struct key *k);     // . or ..

// ---- open files (file.c, pipe.c) -------------------------------------------

struct file;
struct file_ops {
  int64_t (*read)(struct file *f, uint64_t uva, uint64_t n);
  int64_t (*write)(struct file *f, uint64_t uva, uint64_t n);
  void (*close)(struct file *f);
};

struct file {
  const struct file_ops *ops;
  uint32_t refs; // descriptors; atomic
  bool readable;
  bool writable;
  bool append;   // each write goes to the end
  int16_t major; // of a device
  int16_t minor;
  struct inode *ip; // of a file or a device
  struct pipe *pipe;
  uint64_t off; // (inode's lock)
};

void file_init(void);
void calls_init(void);
void pipe_init(void);
struct file *file_alloc(void);  // with one reference, or 0
void file_free(struct file *f); // one that was never set up
void file_put(struct file *f);
int pipe_open(struct file *ends[2]); // to read from, to write to

extern const struct file_ops inode_ops;
extern const struct file_ops device_ops;

#endif
