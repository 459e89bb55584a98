// damage.c - damage, one kind each, to an image with a few files; and the
// finding that it must lead to.

#include "tests/host/fs/damage.h"

#include <string.h>

#include "kernel/fcntl.h"
#include "kernel/fs/fs.h"
#include "tests/host/fs/stage.h"

static uint8_t *disk;
static struct fs_super *super;
static struct fs_inode *inodes;

void
damage_files(void *arg)
{
  REQUIRE(u_mkdir("/d") == 0);  // inode 2
  for (int i = 0; i < 3; i++) { // 3, 4, 5
    char name[] = "/d/f0";
    name[4] += i;
    int fd = u_open(name, O_CREATE | O_RDWR);
    REQUIRE(fd >= 0);
    write_pattern(fd, 0, 90000, i); // (22 blocks and a node)
    u_close(fd);
  }
  REQUIRE(u_mkdir("/d/e") == 0); // 6
  sync_all();
}

void *
damage_block(uint32_t no)
{
  return disk + (size_t)no * 4096;
}

void
damage_place(uint8_t *where)
{
  disk = where;
  super = (struct fs_super *)disk;
  inodes = damage_block(super->inodes);
}

static struct fs_dirent *
entry(int dir, int k)
{
  return (struct fs_dirent *)damage_block(inodes[dir].addr[0]) + k;
}

static void
d_bit_cleared(void)
{
  ((uint8_t *)damage_block(super->bitmap))[inodes[3].addr[0] / 8] = 0;
}
static void
d_bit_set(void)
{
  ((uint8_t *)damage_block(super->bitmap))[(super->nblocks - 9) / 8] |= 1;
}
static void
d_leak(void)
{
  inodes[3].addr[21] = 0; // (it has no second tree)
  inodes[3].size = 20 * 4096;
  inodes[3].addr[20] = 0;
}
static void
d_last_bits(void)
{
  ((uint8_t *)damage_block(super->bitmap))[4095] = 0;
}
static void
d_meta_bit(void)
{
  ((uint8_t *)damage_block(super->bitmap))[0] &= ~2;
}
static void
d_links(void)
{
  inodes[3].nlink++;
}
static void
d_dir_links(void)
{
  inodes[2].nlink--;
}
static void
d_shared(void)
{
  inodes[3].addr[1] = inodes[4].addr[1];
}
static void
d_wild(void)
{
  inodes[3].addr[2] = 0xfffffff0;
}
static void
d_low(void)
{
  inodes[3].addr[2] = super->bitmap;
}
static void
d_hole(void)
{
  inodes[3].addr[3] = 0;
}
static void
d_long(void)
{
  inodes[3].size += 8192;
}
static void
d_short(void)
{
  inodes[3].size -= 8192;
}
static void
d_node(void)
{
  ((uint32_t *)damage_block(inodes[4].addr[20]))[0] = 1;
}
static void
d_huge(void)
{
  inodes[3].size = FS_MAXSIZE + 1;
}
static void
d_dir_huge(void)
{
  inodes[2].size = 1ull << 40;
}
static void
d_device_size(void)
{
  inodes[4].type = FS_DEVICE;
}
static void
d_node_shared(void)
{
  inodes[3].addr[20] = inodes[4].addr[20];
}
static void
d_double_free(void)
{
  inodes[3].addr[1] = inodes[3].addr[0];
}
static void
d_type(void)
{
  inodes[4].type = 9;
}
static void
d_free(void)
{
  inodes[4].type = FS_FREE;
}
static void
d_lost(void)
{
  inodes[9] = inodes[0];
  inodes[9].type = FS_FILE;
  inodes[9].nlink = 1;
}
static void
d_orphan_dir(void)
{
  entry(2, 5)->inum = 0; // its name
  inodes[2].nlink--;
  inodes[6].nlink = 0;
}
static void
d_lost_dir(void)
{
  entry(2, 5)->inum = 0;
  inodes[2].nlink--;
}
static void
d_orphan(void)
{
  d_lost();
  inodes[9].nlink = 0;
}
static void
d_target(void)
{
  entry(2, 2)->inum = 40;
}
static void
d_far(void)
{
  entry(2, 2)->inum = 65000;
}
static void
d_twice(void)
{
  *entry(2, 2) = *entry(2, 3);
}
static void
d_dot(void)
{
  entry(2, 0)->inum = 1;
}
static void
d_dotdot(void)
{
  entry(6, 1)->inum = 1;
}
static void
d_no_dots(void)
{
  entry(6, 0)->inum = 0;
}
static void
d_slash(void)
{
  entry(2, 2)->name[1] = '/';
}
static void
d_junk(void)
{
  entry(2, 2)->name[13] = 'x';
}
static void
d_no_name(void)
{
  memset(entry(2, 2)->name, 0, 14);
}
static void
d_second(void)
{
  entry(2, 4)->inum = 6;
}
static void
d_circle(void)
{
  entry(2, 5)->inum = 1;
}
static void
d_dir_size(void)
{
  inodes[2].size += 8;
}
static void
d_root(void)
{
  inodes[1].type = FS_FILE;
}

const struct damage damages[] = {
  { d_bit_cleared, "is in use and marked as free" },
  { d_bit_set, "is free and marked as in use" },
  { d_leak, "is free and marked as in use" },
  { d_last_bits, "is in use and marked as free" },
  { d_meta_bit, "is in use and marked as free" },
  { d_links, "inode 3 has link count 2, not 1" },
  { d_dir_links, "directory 2 has link count 1, not 2" },
  { d_shared, "belongs to inode 3" },
  { d_node_shared, "belongs to inode 3" },
  { d_double_free, "belongs to inode 3" },
  { d_wild, "is no data block" },
  { d_low, "is no data block" },
  { d_hole, "no block for byte 12288" },
  { d_long, "no block for byte" },
  { d_short, "is behind its end" },
  { d_node, "is no data block" },
  { d_huge, "impossible size" },
  { d_dir_huge, "impossible size" },
  { d_device_size, "impossible size" },
  { d_type, "no such type: 9" },
  { d_free, "leads to inode 4, which is free" },
  { d_lost, "inode 9 cannot be reached" },
  { d_lost_dir, "inode 6 cannot be reached" },
  { d_orphan, "inode 9 has no name and was not removed" },
  { d_orphan_dir, "inode 6 has no name and was not removed" },
  { d_target, "leads to inode 40, which is free" },
  { d_far, "leads to inode 65000, which is free" },
  { d_twice, "f1 stands there twice" },
  { d_dot, ". leads to 1, not 2" },
  { d_dotdot, ".. leads to 1, not 2" },
  { d_no_dots, "does not begin with . and .." },
  { d_slash, "impossible name" },
  { d_junk, "impossible name" },
  { d_no_name, "impossible name" },
  { d_second, "directory 6 has a second name" },
  { d_circle, "directory 1 has a second name" },
  { d_dir_size, "half an entry" },
  { d_root, "the root is no directory" },
};

const int ndamages = sizeof(damages) / sizeof(damages[0]);
