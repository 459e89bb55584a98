"""What make builds follows from what files exist and what they say."""

import os
import re
import shutil
import subprocess

import pexpect
import pytest
from conftest import MARK, ROOT, Ended, copy_tree, make, make_environment, run_in

pytestmark = pytest.mark.xdist_group("build")  # one tree, made once


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the sources, to be changed."""
    to = copy_tree(tmp_path_factory.mktemp("tree") / "peach")
    make("-s", "-j2", "all", cwd=to)
    return to


def test_help_names_every_variable():
    text = make("help").stdout
    for name in ("SCHED RUNQ HZ DEBUG LLVM CPUS MEM CPU CMD LIMIT PARAMS SEED "
                 "DET ICOUNT IMG FSSIZE UPROGS QEMU QEMUOPTS V").split():
        assert re.search(rf"^  {name}\b", text, re.M), name
    for goal in "setup all qemu run test bench qemu-gdb gdb clean".split():
        assert re.search(rf"^  {goal} ", text, re.M), goal


@pytest.mark.parametrize("name", ["SCHED", "RUNQ"])
def test_unknown_choice_lists_the_known(name):
    done = make(f"{name}=nonesuch", check=False)
    assert done.returncode != 0
    assert f"{name}=nonesuch" in done.stdout
    assert {"SCHED": "rr", "RUNQ": "perhart"}[name] in done.stdout


def test_det_with_several_harts_is_refused():
    done = make("run", "DET=1", "CPUS=2", "CMD=true", check=False)
    assert done.returncode != 0
    assert "DET=1 needs CPUS=1" in done.stdout


def test_second_make_does_nothing(tree):
    assert make("all", cwd=tree).stdout == ""


def test_each_configuration_has_its_own_folder(tree):
    make("-s", "-j2", "SCHED=mlfq", "RUNQ=perhart", "HZ=100", "kernel",
         cwd=tree)
    assert os.path.exists(tree / "build/mlfq-perhart-hz100/kernel.elf")
    assert make("all", cwd=tree).stdout == ""


def test_a_header_rebuilds_what_includes_it(tree):
    (tree / "kernel/trace/ring.h").touch()
    text = make("all", cwd=tree).stdout
    assert "kernel/trace/" in text and "LD    build/rr-shared" in text
    assert "mkfs/" not in text
    (tree / "user/thread.h").touch()
    text = make("all", cwd=tree).stdout
    assert "user/lib/thread.c" in text and "MKFS" in text


def test_flags_rebuild(tree):
    one = "build/objects/kernel/proc/tick.c.o"
    make(one, cwd=tree)
    # An error or a warning: the object is the same.
    for same in "WERROR=1", "WERROR=0":
        assert "CC " not in make(same, one, cwd=tree).stdout
    assert "CC    kernel/proc/tick.c" in make("WARN=-Wall", one, cwd=tree).stdout


def test_a_policy_is_one_file(tree):
    """sched/foo.c makes SCHED=foo work, and no other file is touched."""
    text = (tree / "sched/rr.c").read_text()
    (tree / "sched/foo.c").write_text(text.replace("rr", "foo"))
    try:
        assert "foo" in make("SCHED=nonesuch", cwd=tree, check=False).stdout
        done = Ended(run_in(tree, "SCHED=foo", "CMD=echo hello", "LIMIT=60"))
        assert done.status == 0 and "hello" in done.out, str(done)
    finally:
        (tree / "sched/foo.c").unlink()


def test_a_policy_is_held_to_its_promises_not_its_name(tree):
    """A copy of mlfq under another name gets the same rows."""
    text = (tree / "sched/mlfq.c").read_text()
    (tree / "sched/mine.c").write_text(text.replace("mlfq", "mine"))
    try:
        rows = [re.findall(r"^(\S+) .* ok ", Ended(run_in(
            tree, f"SCHED={name}", "CMD=schedtest -q", "DET=1")).ok().out, re.M)
            for name in ("mlfq", "mine")]
        assert rows[0] == rows[1] and len(rows[0]) > 8, rows
    finally:
        (tree / "sched/mine.c").unlink()


def test_a_users_program(tree, tmp_path):
    """UPROGS puts a program on the image that is not in the tree."""
    (tmp_path / "mine.c").write_text(
        '#include "kernel/types.h"\n#include "user/user.h"\n'
        'int main(int argc, char *argv[])\n'
        '{ printf("mine got %s\\n", argv[1]); exit(3); }\n')
    done = Ended(run_in(tree, f"UPROGS={tmp_path}/mine.c", "CMD=mine it"))
    assert done.status == 2 and "mine got it" in done.out, str(done)
    assert "exit status 3" in done.all


def test_broken_policy_fails_the_build(tree):
    (tree / "sched/broken.c").write_text("int x = ;\n")
    try:
        done = make("SCHED=broken", "kernel", cwd=tree, check=False)
        assert done.returncode != 0 and "sched/broken.c" in done.stdout
        assert not os.path.exists(tree / "build/broken-shared-hz10/kernel.elf")
        make("SCHED=rr", "kernel", cwd=tree)
    finally:
        (tree / "sched/broken.c").unlink()


def test_missing_tools_are_named(tree):
    """One clear sentence, not a hang and not a page of errors."""
    done = make("CROSS=", "kernel", cwd=tree, check=False)
    assert "make setup" in done.stdout and done.returncode != 0
    done = make("run", "QEMU=/nonesuch/qemu", "CMD=true", cwd=tree,
                check=False)
    assert "/nonesuch/qemu not found" in done.stdout and done.returncode != 0


def test_old_qemu_is_refused(tree, tmp_path):
    old = tmp_path / "qemu"
    old.write_text("#!/bin/sh\necho QEMU emulator version 6.2.0\n")
    old.chmod(0o755)
    done = make("run", f"QEMU={old}", "CMD=true", cwd=tree, check=False)
    assert "6.2" in done.stdout and "7.2" in done.stdout
    assert done.returncode != 0


def test_setup_does_nothing_the_second_time():
    assert make("setup", "help").stdout.startswith("setup: nothing to do\n")


def test_setup_explains_on_other_systems(tmp_path):
    """Without apt it says what to install, and fails."""
    for tool in "sh awk grep sed cat id cut tr".split():
        (tmp_path / tool).symlink_to(shutil.which(tool))
    done = subprocess.run(["/bin/sh", "tests/run/setup", "test"], cwd=ROOT,
                          env={"PATH": str(tmp_path)}, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60)
    assert done.returncode != 0
    for name in ("Fedora", "Arch", "Homebrew", "riscv-gcc", "qemu", "pytest"):
        assert name in done.stdout, done.stdout


def test_make_qemu_keeps_files(tree):
    """The interactive goal: two sessions on one image, left by poweroff."""
    for type_, expect in [("echo kept > mine", ""), ("cat mine", "kept")]:
        pty = pexpect.spawn("make", ["-s", "qemu", f"QEMUOPTS=-name {MARK}"],
                            cwd=str(tree), env=make_environment(), timeout=120,
                            encoding="utf-8", codec_errors="replace")
        try:
            pty.expect(r"\$ $")
            pty.send(type_ + "\n")
            pty.expect(rf"{expect}[\r\n]+\$ $")
            pty.send("poweroff\n")
            pty.expect(pexpect.EOF)
            pty.close()
            assert pty.exitstatus == 0
        finally:
            pty.close(force=True)
