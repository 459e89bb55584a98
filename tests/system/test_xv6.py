"""Programs as they are written for xv6-riscv: other headers, other habits.

They are written for this test, in the style of each generation; they compile
unchanged, from wherever they are, and what they find is what they expect.
"""

import subprocess

import pytest
from conftest import Ended, copy_tree, run_in

# As of 2022: sleep and sbrk, main that calls exit, every header there is.
OLD = r"""
#include "kernel/param.h"
#include "kernel/types.h"
#include "kernel/stat.h"
#include "user/user.h"
#include "kernel/fs.h"
#include "kernel/fcntl.h"
#include "kernel/syscall.h"
#include "kernel/memlayout.h"
#include "kernel/riscv.h"
#include "kernel/spinlock.h"
#include "kernel/sleeplock.h"
#include "kernel/file.h"
#include "kernel/elf.h"

char buf[(MAXOPBLOCKS + 2) * BSIZE];
int sizes[NPROC + NOFILE + MAXARG + DIRSIZ];

void
check(int ok, char *what)
{
  if (!ok) {
    fprintf(2, "old: %s\n", what);
    exit(1);
  }
}

int
main(int argc, char *argv[])
{
  struct stat st;
  struct dirent de;
  int fds[2], pid, status, t = uptime();
  char *a = sbrk(PGSIZE);

  check(argc == 3 && strcmp(argv[2], "two") == 0, "arguments");
  check(a != (char *)0xffffffffffffffffL && sbrk(0) == a + PGSIZE, "sbrk");
  check((uint64)sbrk(-PGSIZE) == (uint64)a + PGSIZE, "sbrk down");
  check(sleep(2) == 0 && uptime() >= t + 2, "sleep");
  check(mknod("null", CONSOLE + 5, 0) == 0 && unlink("null") == 0, "mknod");
  check(stat(".", &st) == 0 && st.ino == ROOTINO && st.type == T_DIR, "stat");
  check(read(open(".", 0), &de, sizeof(de)) == sizeof(de), "dirent");
  check(de.inum == ROOTINO && strcmp(de.name, ".") == 0, "dot");
  check(pipe(fds) == 0 && write(fds[1], "xyz", 3) == 3, "pipe");
  check(read(fds[0], buf, sizeof(buf)) == 3, "read");
  if ((pid = fork()) == 0)
    *(volatile int *)(KERNBASE + 8) = 1;
  check(wait(&status) == pid && status == -1, "killed");
  printf("%d %l %x %p %s %c%%\n", 7, 123456789012L, 255, a, "old", '!');
  exit(0);
}
"""

# As of 2025: pause, lazy memory, main's result.
NEW = r"""
#include "kernel/types.h"
#include "kernel/stat.h"
#include "kernel/fcntl.h"
#include "kernel/vm.h"
#include "kernel/riscv.h"
#include "user/user.h"

int
main(int argc, char *argv[])
{
  char *a = sbrklazy(1 << 30);

  if (a == SBRK_ERROR || sys_sbrk(PGSIZE, SBRK_EAGER) != a + (1 << 30) ||
      sys_sbrk(PGSIZE, SBRK_LAZY) == SBRK_ERROR)
    return 1;
  a[12345678] = 'n';
  printf("%c%s %lu %p\n", a[12345678], "ew", (uint64)1 << 40, (void *)16);
  return pause(1) == 0 ? 7 : 2;
}
"""

# As in a fork of xv6, where all is beside user.h.
BESIDE = r"""
#include "../kernel/types.h"
#include "../kernel/stat.h"
#include "user.h"

int
main()
{
  char line[100];

  gets(line, sizeof(line));
  printf("beside %d\n", atoi(line) + strlen(line));
  exit(0);
}
"""

# The alarm of xv6's labs: () for the handler's type, sigreturn as its end.
ALARM = r"""
#include "kernel/param.h"
#include "kernel/types.h"
#include "kernel/stat.h"
#include "kernel/riscv.h"
#include "user/user.h"

volatile static int count;

void
periodic()
{
  count = count + 1;
  sigreturn();
}

void __attribute__((noinline))
work(int i, int *j)
{
  *j += 1;
}

int
main(int argc, char *argv[])
{
  int i, j = 0;

  sigalarm(2, periodic);
  for (i = 0; i < 2000000000 && count < 3; i++)
    work(i, &j);
  sigalarm(0, 0);
  printf("alarms %d, %s\n", count, i == j ? "the same" : "another");
  exit(0);
}
"""

# As in schedulertest of many courses: a loop of nothing takes time. Its first
# line is not ours.
BUSY = r"""
#include "kernel/types.h"
#include "kernel/stat.h"
#include "user/user.h"

int
main(void)
{
  int wtime, rtime;

  if (fork() == 0) {
    for (int i = 0; i < 100000000; i++) {}; // CPU bound process
    exit(0);
  }
  waitx(0, &wtime, &rtime);
  printf("ran %s\n", rtime > 0 ? "some time" : "no time");
  exit(0);
}
"""

SWITCH = ".globl seven\nseven: li a0, 7\n  ret\n"
CALLER = r"""
#include "kernel/types.h"
#include "user/user.h"

extern int seven(void);

int
main(void)
{
  return seven() == 7 ? 0 : 1;
}
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return copy_tree(str(tmp_path_factory.mktemp("xv6") / "tree"))


def run(tree, cmd, *words):
    return Ended(run_in(tree, f"CMD={cmd}", "LIMIT=60", *words))


def test_from_elsewhere(tree, tmp_path):
    """UPROGS names files anywhere; one of them replaces a program of ours."""
    for name, text in {"old": OLD, "new": NEW, "echo": BESIDE,
                       "alarmed": ALARM, "busy": BUSY}.items():
        (tmp_path / f"{name}.c").write_text(text)
    files = " ".join(str(tmp_path / f"{n}.c") for n in ("old", "new", "echo",
                                                     "alarmed", "busy"))
    done = run(tree, "cat README > f; grep zzzz f; echo < README; "
               "alarmed; busy; old one two && new; exit $?", f"UPROGS={files}")
    assert "exit status 7\n" in done.all, str(done)
    assert "7 123456789012 ff 0x" in done.out, str(done)
    assert " old !%\n" in done.out, str(done)
    assert "new 1099511627776 0x" in done.out, str(done)
    assert "beside " in done.out, str(done)
    assert "alarms 3, the same\n" in done.out, str(done)
    assert "ran some time\n" in done.out, str(done)


def test_dropped_into_user(tree):
    """A file, and a folder with a part in assembly."""
    subprocess.run(["mkdir", f"{tree}/user/parts"], check=True)
    for name, text in {"new.c": NEW, "beside.c": BESIDE, "busy.c": BUSY,
                       "parts/main.c": CALLER, "parts/switch.S": SWITCH}.items():
        with open(f"{tree}/user/{name}", "w") as f:
            f.write(text)
    done = run(tree, "echo 40 | beside; busy; parts && new")
    assert "beside 43\n" in done.out, str(done)
    assert "ran some time\n" in done.out, str(done)
    assert "exit status 7\n" in done.all, str(done)
