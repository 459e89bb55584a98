// fs.h - the file system's door: names, open files, and what exec reads.
//
// Everything here may sleep unless it says otherwise, and is called with no
// spinlock held.

#ifndef KERNEL_FS_FS_H
#define KERNEL_FS_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inode;
struct files;

// Once, before harts start / in the first process: mount the root file
// system. Returns 0, or -1 after a line on the console that says why not.
void fs_init(void);
int fs_mount(void);

// Everything written so far is on the disk when this returns 0; -1: the disk
// failed.
int fs_sync(void);

// Memory is short: have written, and given back, what waits to be written.
// Returns whether trying again makes sense.
bool fs_release_memory(void);

// Pages that the journal holds: they wait to be written, or are at hand for
// the next change.
size_t fs_dirty_pages(void);

// The open files and the current directory of a process. files_fork returns a
// copy that shares the open files, or 0 if there is no memory; with 0, an
// empty set in the root directory. files_drop closes all and frees the set.
struct files *files_fork(struct files *from);
void files_drop(struct files *f);

// For exec: the inode of a regular file by path (relative to f's directory),
// counted, or 0. Read n bytes at off to kernel memory: how many were read
// (fewer at the end of the file), or -1.
struct inode *fs_open_exec(struct files *f, const char *path);
int64_t fs_read(struct inode *ip, void *dst, uint64_t off, size_t n);
void fs_close_exec(struct inode *ip);

// The page with the file's contents at off (a multiple of PGSIZE), counted
// once more for the caller (page_free), or 0: there is no whole page, or it
// cannot be read. For mapping text: what is written to the file later goes to
// another page.
void *fs_page(struct inode *ip, uint64_t off);

// The major number of the device that is open as fd, or -1.
int fs_device(int fd);

// System calls: a[0] to a[5] are the user's arguments.
int64_t sys_read(const uint64_t *a);
int64_t sys_write(const uint64_t *a);
int64_t sys_open(const uint64_t *a);
int64_t sys_close(const uint64_t *a);
int64_t sys_dup(const uint64_t *a);
int64_t sys_fstat(const uint64_t *a);
int64_t sys_pipe(const uint64_t *a);
int64_t sys_link(const uint64_t *a);
int64_t sys_unlink(const uint64_t *a);
int64_t sys_rename(const uint64_t *a);
int64_t sys_mkdir(const uint64_t *a);
int64_t sys_mknod(const uint64_t *a);
int64_t sys_chdir(const uint64_t *a);
int64_t sys_sync(const uint64_t *a);
int64_t sys_fsync(const uint64_t *a);

#endif
