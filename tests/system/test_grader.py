"""Attacks on the grader: each has no points, with a reason, in bounded time."""

import json
import os
import subprocess
import tarfile
import xml.etree.ElementTree as xml

import pytest
from conftest import MATRIX, ROOT, make
from test_labs import labs, points, python

pytestmark = pytest.mark.xdist_group("grader")  # one tree, made once

RR = open(f"{ROOT}/sched/rr.c").read()
PUT = "  queue_put(queue(rq), t);\n"
assert RR.count(PUT) == 1


def submission(to, instead, head=""):
    """A folder with an rr.c that does something else when a task is ready."""
    os.makedirs(f"{to}/sched")
    with open(f"{to}/sched/rr.c", "w") as f:
        f.write(head + RR.replace(PUT, instead))
    return str(to)


def graded(tmp_path, item, instead, head=""):
    """What the one item says; it must have lost."""
    out = f"{tmp_path}/results.json"
    done = labs("grade", "rr-fifo", "--only", item, "--json", out, "--from",
                submission(f"{tmp_path}/sub", instead, head))
    assert done.returncode == 1, done.stdout
    test, = json.load(open(out))["tests"]
    assert test["score"] == 0 and test["status"] == "failed"
    return test["output"]


# ---- a policy on the host ---------------------------------------------------

# name: (what stands in the place of PUT, what stands before all, what is said)
ATTACKS = {
    "hangs": ("  for (;;)\n    ;\n", "", "hangs: used 10 s of CPU time"),
    "forks": ("  for (;;)\n    fork();\n", "int fork(void);\n", "calls fork"),
    "prints": (PUT + '  puts("end 0 ok");\n', "int puts(const char *);\n",
               "calls puts"),
    "asm": (PUT + '  __asm__ volatile("syscall");\n', "", "holds __asm__"),
    "crashes": ("  *(volatile int *)8 = 1;\n", "", "crashes: SIGSEGV"),
    "no-c": ("  nonsense;\n", "", "error:"),
    "absolute": (PUT, '#include "/etc/passwd"\n',
                 "must name a file of the tree"),
    "kernel": (PUT, '#include "kernel/lib/print.h"\n',
               "it includes kernel/lib/print.h"),
}
MORE = {
    "exits": ("  exit(0);\n", "void exit(int);\n", "calls exit"),
    "memory": ("  for (;;)\n    *(volatile char *)malloc(1 << 20) = 1;\n",
               "void *malloc(unsigned long);\n", "calls malloc"),
    "writes": (PUT + "  creat(\"/tmp/x\", 0644);\n",
               "int creat(const char *, int);\n", "calls creat"),
    "up": (PUT, '#include "../../../x.c"\n', "must name a file of the tree"),
}
if MATRIX:
    ATTACKS |= MORE


@pytest.mark.parametrize("name", ATTACKS)
def test_policy(tmp_path, name):
    instead, head, says = ATTACKS[name]
    assert says in graded(tmp_path, "rr-turns", instead, head)


ATTACK = r"""
#include <fcntl.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
void lab_tell(const char *key, const char *format, ...);
void
lab_main(int argc, char **argv)
{
  long got = 0;

  switch (argv[1][0]) {
  case 'f': got = fork(); break;
  case 'w': got = creat(argv[2], 0644); break;
  case 'u': got = unlink(argv[2]); break;
  case 'k': got = kill(getppid(), 9); break;
  case 's': got = socket(AF_INET, SOCK_STREAM, 0); break;
  case 'm':
    while (got < 256 && malloc(16 << 20))
      got++;
    lab_tell("got", "%d", got < 70);
    return;
  case 'v': // verdicts of one's own, everywhere
    for (int fd = 1; fd < 64; fd++)
      if (write(fd, "0 got all\n0 end 1\n", 18) < 0)
        continue;
    printf("got all\nend 1\n");
    fflush(stdout);
    exit(0);
  case 'p': for (;;) puts("prints for ever");
  }
  lab_tell("got", "%ld %d", got, errno == EPERM);
}
"""


@pytest.fixture(scope="module")
def attack(tmp_path_factory):
    """A function that runs what purity would not have let through."""
    at = tmp_path_factory.mktemp("attack")
    (at / "a.c").write_text(ATTACK)
    make("-s", "lab-jail")
    subprocess.run(["cc", "-w", f"-I{ROOT}/tests/labs/frame/shim", f"-I{ROOT}",
                    "-DPOLICIES=", "-o", at / "a", at / "a.c",
                    f"{ROOT}/tests/labs/frame/host.c"], check=True)

    def run(*words):
        return python(f"""
from types import SimpleNamespace as S
from frame import run
r = run.host(S(tree="/", jail={ROOT + '/build/host/lab/jail'!r}),
             {str(at / 'a')!r}, {list(words)!r}, 3, {str(at / 'log')!r})
print(r.all("got"), r.why, len(r.out))
""").strip()
    return run


@pytest.mark.parametrize("what", ["fork", "write", "unlink", "kill", "socket"])
def test_jail(attack, tmp_path, what):
    kept = tmp_path / "kept"
    if what == "unlink":
        kept.write_text("here")
    assert attack(what, str(kept)).startswith("['-1 1'] ")
    assert kept.exists() == (what == "unlink")


def test_jail_memory(attack):
    assert attack("memory").startswith("['1'] ")


def test_own_verdicts_count_nothing(attack):
    assert attack("verdicts").startswith(
        "[] ends with status 0 before its time")


def test_prints_for_ever(attack):
    said = attack("prints")
    assert said.startswith("[] hangs: used 3 s of CPU time"), said
    assert int(said.split()[-1]) <= 1 << 20


# ---- a kernel ---------------------------------------------------------------

PRINT = "void kprintf(const char *, ...);\n"


# What stands in the place of PUT, what stands before all, what is said.
KERNEL_ATTACKS = {
    "panics": ("  __builtin_trap();\n", "", "panics: "),
    "prints": ('  for (;;)\n    kprintf("job 0 0 1\\n");\n', PRINT,
               "hangs: used 10 s of CPU time"),
    "powers-off": ("  sbi_shutdown(false);\n", "void sbi_shutdown(bool);\n",
                   "before all was told"),
    "idle": ('  __asm__("csrci sstatus, 2; csrw sie, 0");\n  for (;;)\n'
             '    __asm__("wfi");\n', "", "hangs: "),
}
if MATRIX:
    KERNEL_ATTACKS["hangs"] = ("  for (;;)\n    ;\n", "",
                               "hangs: used 10 s of CPU time")


@pytest.mark.parametrize("name", KERNEL_ATTACKS)
def test_kernel(tmp_path, name):
    instead, head, says = KERNEL_ATTACKS[name]
    assert says in graded(tmp_path, "kernel-rr", instead,
                          '#include <stdbool.h>\n' + head)


# ---- what is taken of a submission ------------------------------------------

def test_links_are_not_followed(tmp_path):
    os.makedirs(f"{tmp_path}/sub/sched")
    os.symlink(f"{ROOT}/sched/rr.c", f"{tmp_path}/sub/sched/rr.c")
    done = labs("grade", "rr-fifo", "--only", "rr-turns", "--from",
                f"{tmp_path}/sub")
    assert done.returncode == 1 and "is a link" in done.stdout, done.stdout
    os.makedirs(f"{tmp_path}/two")
    os.symlink(f"{ROOT}/sched", f"{tmp_path}/two/sched")
    done = labs("grade", "rr-fifo", "--only", "rr-turns", "--from",
                f"{tmp_path}/two")
    assert done.returncode == 1 and "is a link" in done.stdout, done.stdout


def test_only_named_files_of_a_tar(tmp_path):
    """A tar with a Makefile, a way up and an absolute path beside a good
    rr.c: only rr.c counts."""
    sub = submission(tmp_path / "sub", PUT)
    (tmp_path / "bad").write_text("all:\n\ttouch /tmp/owned\n")
    with tarfile.open(tmp_path / "s.tar.gz", "w:gz") as tar:
        tar.add(f"{sub}/sched/rr.c", "./sched/rr.c")
        for name in ("Makefile", "tests/labs/rr-fifo/lab.py", "../../up",
                     f"{tmp_path}/absolute"):
            tar.add(tmp_path / "bad", name)
    done = labs("grade", "rr-fifo", "--only", "rr-turns", "--from",
                str(tmp_path / "s.tar.gz"), "--junit", f"{tmp_path}/j.xml")
    assert done.returncode == 0, done.stdout
    assert points(done) == {"rr-turns": (15, 15)}
    assert not os.path.exists(tmp_path / "absolute")
    assert xml.parse(f"{tmp_path}/j.xml").getroot().get("failures") == "0"


def test_missing_file_loses_its_items_only(tmp_path):
    done = labs("grade", "rr-fifo", "--only", "rr-turns,fifo-order", "--from",
                submission(tmp_path / "sub", PUT))
    assert points(done) == {"rr-turns": (15, 15), "fifo-order": (0, 10)}
    assert "not handed in: sched/fifo.c" in done.stdout


def test_hidden_items(tmp_path):
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden/hidden.py").write_text("""
def add(lab):
    @lab.item("secret", 20, "more hogs than anybody tried")
    def secret(g):
        run = g.host("rr", "jobs", "", 50000, *["0,0,end"] * 3)
        g.expect(["0 -1", "0 0", "10000 1"], run.all("pick")[:3])
""")
    done = labs("grade", "rr-fifo", "--only", "secret", "-v", "--hidden",
                str(tmp_path / "hidden"))
    assert points(done) == {"secret": (20, 20)}, done.stdout
