// test_checker.c - does peachfs check find what is wrong?
//
// Each kind of damage is planted in a sound image, and must be found as what
// it is; and there is no finding in mkfs/check.c that none of them brings
// out. What makes the whole image worthless (a checksum, a layout that cannot
// be) is refused, by peachfs and by the kernel.
//
// To be run in the tree, as it reads mkfs/check.c.

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/host/fs/damage.h"
#include "tests/host/fs/stage.h"

static struct fs_super *super;
static uint8_t *good; // the image before

// ---- it is found, and as what it is ----------------------------------------

// The log is replayed, and emptied, so that the damage is not undone.
static void
empty_log(void)
{
  struct image img;
  assert_null(image_attach(&img, setup.disk, setup.size));
  struct fs_head *h = (void *)(setup.disk + 4096ul * img.super.journal);
  h->seq += 1000;
  h->orphans = 0;
  h->check = fs_hash(0, h, FS_HEAD_WORDS);
}

static void
good_image(void)
{
  new_disk("2M", "64");
  run(damage_files, 0);
  empty_log();
  assert_int_equal(findings(stderr), 0);
  super = (void *)setup.disk;
  damage_place(setup.disk);
  good = malloc(setup.size);
  memcpy(good, setup.disk, setup.size);
}

static void
end_image(void)
{
  free(good);
  end_disk();
}

// All that is found in the disk as it is; to be freed.
static char *
all_findings(void)
{
  char *text = 0;
  size_t len;
  FILE *f = open_memstream(&text, &len);
  uint32_t n = findings(f);
  fclose(f);
  assert_true((n > 0) == (len > 0));
  return text;
}

static void
test_planted(void **state)
{
  good_image();
  for (int i = 0; i < ndamages; i++) {
    memcpy(setup.disk, good, setup.size);
    damages[i].plant();
    char *text = all_findings();
    if (strstr(text, damages[i].finding) == 0)
      fail_msg("\"%s\" is not found, but: %s", damages[i].finding, text);
    free(text);
  }
  end_image();
}

// The longest piece of a format that is printed as it stands.
static void
longest_piece(const char *fmt, char *piece)
{
  size_t best = 0;
  while (*fmt != 0) {
    size_t len = strcspn(fmt, "%");
    if (len > best) {
      memcpy(piece, fmt, len);
      piece[best = len] = 0;
    }
    fmt += len;
    if (*fmt == '%')
      fmt += 1 + strcspn(fmt + 1, "us") + 1;
  }
}

// Is there a damage that brings out a finding with this in it?
static bool
brought_out(const char *piece)
{
  for (int i = 0; i < ndamages; i++) {
    memcpy(setup.disk, good, setup.size);
    damages[i].plant();
    char *text = all_findings();
    bool found = strstr(text, piece) != 0;
    free(text);
    if (found)
      return true;
  }
  return false;
}

static void
test_every_finding(void **state)
{
  char line[200], fmt[200], piece[200];
  int n = 0;
  FILE *f = fopen("mkfs/check.c", "r");
  assert_non_null(f);
  good_image();
  while (fgets(line, sizeof(line), f) != 0) {
    if (sscanf(line, " finding(\"%199[^\"]", fmt) != 1)
      continue;
    longest_piece(fmt, piece);
    if (!brought_out(piece))
      fail_msg("no damage brings out \"%s\"", fmt);
    n++;
  }
  fclose(f);
  print_message("%d findings, %d kinds of damage\n", n, ndamages);
  assert_true(n >= 20);
  end_image();
}

// ---- what is refused as a whole --------------------------------------------

static void
r_magic(void)
{
  super->magic++;
}
static void
r_check(void)
{
  super->check ^= 1ull << 40;
}
static void
r_nblocks(void)
{
  super->nblocks += 10;
}
static void
r_ninodes(void)
{
  super->ninodes = FS_MAXINODES + 1;
}
static void
r_journal(void)
{
  super->journal = 7;
}
static void
r_njournal(void)
{
  super->njournal -= 100;
  super->bitmap -= 100;
  super->inodes -= 100;
  super->data -= 100;
}
static void
r_bitmap(void)
{
  super->bitmap++;
}
static void
r_inodes(void)
{
  super->ninodeblocks++;
}
static void
r_data(void)
{
  super->data = super->nblocks;
}
static void
r_head(void)
{
  ((struct fs_head *)damage_block(super->journal))->seq++;
}
static void
r_head_magic(void)
{
  ((struct fs_head *)damage_block(super->journal))->magic = 0;
}

// With the checksum made right again, unless that is what is wrong.
static const struct refusal {
  void (*plant)(void);
  const char *why;
  bool sum;
} refusals[] = {
  { r_magic, "not a Peach file system", true },
  { r_check, "checksum is wrong", false },
  { r_nblocks, "shorter than its file system", true },
  { r_nblocks, "checksum is wrong", false },
  { r_ninodes, "number of inodes", true },
  { r_journal, "journal is in the wrong place", true },
  { r_njournal, "journal is too small", true },
  { r_bitmap, "bitmap is in the wrong place", true },
  { r_inodes, "inode table is in the wrong place", true },
  { r_data, "data is in the wrong place", true },
  { r_head, "head of the journal is damaged", true },
  { r_head_magic, "head of the journal is damaged", true },
};

static void
never(void *arg)
{
  REQUIRE(!"it was mounted");
}

static void
refused_child(void *arg)
{
  machine = (struct machine){
    .disk = setup.disk, .disk_bytes = setup.size, .pages = 600, .seed = 1
  };
  REQUIRE(machine_run(never, 0) < 0);
}

static void
test_refused(void **state)
{
  struct image img;
  good_image();
  for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
    const struct refusal *r = &refusals[i];
    memcpy(setup.disk, good, setup.size);
    r->plant();
    if (r->sum)
      super->check = fs_hash(0, super, FS_SUPER_WORDS);
    assert_int_equal(child_run(refused_child, 0, 20), 0);
    const char *why = image_attach(&img, setup.disk, setup.size);
    if (why == 0 || strstr(why, r->why) == 0)
      fail_msg("\"%s\" expected, not \"%s\"", r->why, why ? why : "");
  }
  end_image();
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_planted),
    cmocka_unit_test(test_every_finding),
    cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
