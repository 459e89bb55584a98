// names.c - names and directories: links, renames, what is refused, and what
// becomes of a file without a name.

#include "kernel/fs.h"
#include "tests/guest/files.h"

#define DIR "t_names.dir"

static void
links(void)
{
  struct stat st;
  int fd;

  enter(DIR);
  close(make("a", "abc"));
  EXPECT_IS(link("a", "b"), 0);
  EXPECT_IS(stat("b", &st), 0);
  EXPECT_IS(st.nlink, 2);
  EXPECT_IS(unlink("a"), 0);
  content_is("b", "abc");
  EXPECT_IS(link("b", "b"), -1);
  EXPECT_IS(link("nofile", "c"), -1);
  EXPECT_IS(link("b", "no/c"), -1);
  EXPECT_IS(link(".", "c"), -1);
  EXPECT_IS(link("/" DIR, "c"), -1);
  fd = open("b", O_RDONLY);
  EXPECT_IS(fstat(fd, &st), 0);
  EXPECT_IS(st.nlink, 1);
  EXPECT_IS(unlink("b"), 0);
  EXPECT_IS(fstat(fd, &st), 0);
  EXPECT_IS(st.nlink, 0);
  leave(DIR);
}

// A file without a name lives as long as it is open.
static void
unlinked(void)
{
  int fd, other;

  enter(DIR);
  fd = make("a", "secret");
  EXPECT_IS(unlink("a"), 0);
  EXPECT_IS(unlink("a"), -1);
  other = make("a", "public");
  EXPECT_IS(write(fd, "!", 1), 1);
  content_is("a", "public");
  close(fd);
  close(other);
  EXPECT_IS(unlink("a"), 0);
  leave(DIR);
}

static void
directories(void)
{
  struct stat st, up;
  int fd;

  enter(DIR);
  EXPECT_IS(mkdir("d"), 0);
  EXPECT_IS(mkdir("d"), -1);
  EXPECT_IS(stat("d", &st), 0);
  EXPECT_IS(st.type, T_DIR);
  EXPECT_IS(open("d", O_RDWR), -1);
  EXPECT_IS(open("d", O_WRONLY), -1);
  EXPECT_IS(open("d", O_CREATE | O_RDWR), -1);
  EXPECT_IS(open("d", O_RDONLY | O_TRUNC), -1);
  fd = open("d", O_RDONLY);
  EXPECT(fd >= 0);
  EXPECT_IS(write(fd, "x", 1), -1);
  close(fd);
  close(make("d/f", "x"));
  EXPECT_IS(unlink("d"), -1);
  EXPECT_IS(chdir("d/f"), -1);
  EXPECT_IS(unlink("d/f"), 0);
  EXPECT_IS(chdir("d"), 0);
  EXPECT_IS(stat("..", &up), 0);
  EXPECT_IS(chdir(".."), 0);
  EXPECT_IS(stat(".", &st), 0);
  EXPECT_IS(st.ino, up.ino);
  EXPECT_IS(unlink("d/."), -1);
  EXPECT_IS(unlink("d/.."), -1);
  EXPECT_IS(unlink("."), -1);
  EXPECT_IS(unlink(".."), -1);
  EXPECT_IS(unlink("d"), 0);
  EXPECT_IS(chdir("d"), -1);
  leave(DIR);
}

static void
the_root(void)
{
  struct stat st, root;

  EXPECT_IS(stat("/", &root), 0);
  EXPECT_IS(root.ino, ROOTINO);
  EXPECT_IS(root.type, T_DIR);
  EXPECT_IS(stat("/..", &st), 0);
  EXPECT_IS(st.ino, ROOTINO);
  EXPECT_IS(stat("/../.././/", &st), 0);
  EXPECT_IS(st.ino, ROOTINO);
  EXPECT_IS(unlink("/"), -1);
  EXPECT_IS(unlink("/."), -1);
  EXPECT_IS(mkdir("/"), -1);
  EXPECT_IS(mkdir("/.."), -1);
}

// A directory's own links, and its entries as read() gives them.
static void
entries(void)
{
  struct dirent de;
  int fd, n = 0, dots = 0;

  enter(DIR);
  close(make("one", ""));
  close(make("12345678901234", "14"));
  fd = open(".", O_RDONLY);
  while (read(fd, &de, sizeof(de)) == sizeof(de)) {
    if (de.inum == 0)
      continue;
    if (strcmp(de.name, ".") == 0 || strcmp(de.name, "..") == 0)
      dots++;
    else
      n++;
    if (de.name[0] == '1')
      EXPECT_IS(memcmp(de.name, "12345678901234", DIRSIZ), 0);
  }
  close(fd);
  EXPECT_IS(dots, 2);
  EXPECT_IS(n, 2);
  EXPECT_IS(unlink("one"), 0);
  EXPECT_IS(unlink("12345678901234"), 0);
  leave(DIR);
}

// A name has 14 characters; what is longer is cut.
static void
names_of_14(void)
{
  enter(DIR);
  EXPECT_IS(mkdir("12345678901234"), 0);
  close(make("12345678901234/123456789012345", "cut"));
  content_is("12345678901234/12345678901234", "cut");
  content_is("123456789012345/123456789012345678", "cut");
  EXPECT_IS(mkdir("123456789012345"), -1);
  EXPECT_IS(open("1234567890123", O_RDONLY), -1);
  EXPECT_IS(unlink("12345678901234/12345678901234"), 0);
  EXPECT_IS(unlink("12345678901234"), 0);
  leave(DIR);
}

static void
renames(void)
{
  struct stat a, b;

  enter(DIR);
  close(make("a", "A"));
  close(make("b", "B"));
  EXPECT_IS(mkdir("d"), 0);
  EXPECT_IS(mkdir("e"), 0);
  EXPECT_IS(rename("a", "c"), 0);
  EXPECT_IS(open("a", O_RDONLY), -1);
  content_is("c", "A");
  EXPECT_IS(rename("c", "b"), 0);       // takes the place of b
  content_is("b", "A");
  EXPECT_IS(rename("b", "d/x"), 0);
  content_is("d/x", "A");
  EXPECT_IS(rename("nofile", "y"), -1);
  EXPECT_IS(rename("d", "d/inside"), -1);
  EXPECT_IS(rename(".", "z"), -1);
  EXPECT_IS(rename("d/x", "e"), -1);    // a file over a directory
  EXPECT_IS(rename("d", "e/moved"), 0);
  content_is("e/moved/x", "A");
  EXPECT_IS(stat("e/moved/..", &a), 0);
  EXPECT_IS(stat("e", &b), 0);
  EXPECT_IS(a.ino, b.ino);
  EXPECT_IS(unlink("e/moved/x"), 0);
  EXPECT_IS(unlink("e/moved"), 0);
  EXPECT_IS(unlink("e"), 0);
  leave(DIR);
}

// One name that several make and unlink: each of them succeeds or fails, and
// the directory stays sound.
static void
one_name(void)
{
  enter(DIR);
  for (int p = 0; p < 4; p++) {
    if (fork() == 0) {
      for (int i = 0; i < 50; i++) {
        int fd = open("x", O_CREATE | O_RDWR);

        EXPECT(fd >= 0);
        write(fd, "x", 1);
        close(fd);
        if (i % 2)
          link("x", "y");
        unlink("y");
        unlink("x");
      }
      exit(0);
    }
  }
  for (int p = 0; p < 4; p++) {
    int status;

    EXPECT(wait(&status) > 0);
    EXPECT_IS(status, 0);
  }
  unlink("x");
  unlink("y");
  leave(DIR);
}

static const struct guest_case cases[] = {
  { "links", links },
  { "unlinked", unlinked },
  { "directories", directories },
  { "the_root", the_root },
  { "entries", entries },
  { "names_of_14", names_of_14 },
  { "renames", renames },
  { "one_name", one_name },
};

int
main(int argc, char **argv)
{
  return guest_main(cases, COUNT(cases), argc, argv);
}
