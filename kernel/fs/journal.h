// journal.h - the state that operations (op.c) and commits (journal.c) share.

#ifndef KERNEL_FS_JOURNAL_H
#define KERNEL_FS_JOURNAL_H

#include "kernel/fs/internal.h"

#define JOURNAL_LARGEST 64 // blocks of an operation, but for a removal
#define JOURNAL_SLACK   32 // pages kept reserved, for less calls

// All but the mutex: guarded by cache_lock.
struct journal {
  struct mutex commit; // who commits; before everything else
  bool started;
  bool failed;            // the disk did; no operation begins any more
  bool closing;           // a commit waits for operations to end
  uint32_t handles;       // open operations,
  uint32_t promised;      // and how many blocks they may change
  struct waitq entry;     // for closing to end, or promises to
  struct waitq drained;   // for handles == 0
  struct waitq work;      // the thread, for something to commit
  uint64_t seq;           // of the running transaction
  uint64_t done;          // of the last one that was committed
  struct link meta, data; // blocks joined, by block.where
  uint32_t nmeta;
  uint64_t orphans;      // now,
  uint64_t orphans_done; // and as of the last commit
  uint32_t doomed;       // of them, that nobody uses
  uint32_t most;         // metadata blocks in a transaction, at most
  uint32_t members;      // joined + frozen + logged
  uint32_t pool;         // pages reserved, for them and the stash
  uint32_t most_pool;
  uint32_t base;    // always reserved: one operation at a time goes on even
                    // when all memory is spoken for
  uint32_t largest; // blocks of an operation (constant)
  void *stash;      // pages at hand, linked by their first word
  uint32_t nstash;
  uint32_t filling; // pages about to go there
};

extern struct journal journal;

// Of the orphans, such as nobody uses: the journal's thread is to remove them.
// The inode table's lock is held.
void journal_doomed(int change);

// Has nothing been changed since the last commit?
static inline bool
journal_empty(void)
{
  return ring_empty(&journal.meta) && ring_empty(&journal.data);
}

#endif
