"""Files in whole systems: peachfs on what a guest wrote, large files and
directories, disks that fail or that have no cache, damaged images."""

import os
import re
import shutil
import subprocess

import pytest
from conftest import ROOT, build, guest
from disk import PEACHFS, Layout, damage, new_image, peachfs, qemu_on


@pytest.fixture
def image(tmp_path):
    build()
    return shutil.copy(f"{ROOT}/build/user/fs.img", tmp_path / "my.img")


# ---- peachfs ----------------------------------------------------------------

def test_what_a_guest_wrote_leaves_it(image, tmp_path):
    guest("sh -c 'mkdir d; mkdir d/e; echo one > d/1; echo two > d/e/2; "
          "cp README d/e/copy; ln d/1 d/one; schedtest > d/table'",
          IMAGE=image, WRITE=1)
    assert peachfs("check", image) == b""
    names = peachfs("ls", image, "/d").decode()
    assert re.search(r"^d +\d+ +1 +\d+ e$", names, re.M), names
    assert re.search(r"^- +\d+ +2 +4 1$", names, re.M), names
    assert peachfs("cat", image, "/d/1", "/d/e/2") == b"one\ntwo\n"
    peachfs("get", image, "/d", tmp_path / "out")
    readme = open(f"{ROOT}/README.md", "rb").read()
    assert (tmp_path / "out/e/copy").read_bytes() == readme
    assert (tmp_path / "out/one").read_bytes() == b"one\n"
    assert b"rows" in (tmp_path / "out/table").read_bytes()
    peachfs("get", image, "/d/e/2", tmp_path / "two")
    assert (tmp_path / "two").read_bytes() == b"two\n"


def test_peachfs_statuses(image, tmp_path):
    """0, 1 for findings, 2 for what cannot be done."""
    data = bytearray(open(image, "rb").read())
    bitmap = int.from_bytes(data[24:28], "little")
    data[bitmap * 4096 + 200] ^= 0xff
    bad, none = tmp_path / "bad.img", tmp_path / "none.img"
    bad.write_bytes(data)
    none.write_bytes(b"x" * 100000)
    assert b"findings" in peachfs("check", bad, status=1)
    for words in (["check", none], ["ls", none], ["check", "no such file"],
                  ["cat", image, "/nofile"], ["cat", image, "/"],
                  ["get", image, "/nofile"], ["what"], []):
        peachfs(*words, status=2)


def test_get_from_a_circle(tmp_path):
    """Two names in a directory lead to itself: that is an error, not a tree
    without an end."""
    build()
    path = tmp_path / "round.img"
    peachfs("build", path, "a/b/", "a/c/")
    data = bytearray(path.read_bytes())
    a = (Layout(data).data + 1) * 4096  # behind the root's
    for entry in (2, 3):
        assert data[a + 16 * entry + 2] == ord("b") + entry - 2
        data[a + 16 * entry] = data[a]
    path.write_bytes(data)
    peachfs("get", path, "/a", tmp_path / "out", status=2)
    assert b"second name" in peachfs("check", path, status=1)


# ---- large ------------------------------------------------------------------

def test_large_directory():
    """Counted in instructions, so it is the same everywhere."""
    out = guest("t_bigdir", DET=1, ICOUNT=0).ok().out
    assert re.search(r"create: \d+ for the 100th file, \d+ for the last of "
                     r"10000", out), out


def test_file_beyond_1_gib(tmp_path):
    big = new_image(tmp_path / "big.img", "t_bigfile", free="1060M")
    out = guest("t_bigfile 1040", IMAGE=big, WRITE=1, LIMIT=300).ok().out
    assert "1040 MiB written and read" in out
    assert peachfs("check", big) == b""
    os.unlink(big)


# ---- the device -------------------------------------------------------------

def test_device_without_a_cache(image):
    """It offers no flush; then none is needed."""
    guest("sh -c 'echo kept > f; sync; cat f'", IMAGE=image, WRITE=1,
          QEMUOPTS="-global virtio-blk-device.write-cache=off "
          "-global virtio-blk-device.config-wce=off").ok()
    assert peachfs("cat", image, "/f") == b"kept\n"


def test_disk_that_cannot_be_written(image, tmp_path):
    """Reading goes on; sync fails, and so does power-off."""
    status, console = qemu_on(
        tmp_path, "sh -c 'echo x > f; sync; echo sync ended with $?; cat f; "
        "wc README; mkdir d; true'",
        f"driver=file,filename={image},node-name=f",
        "driver=blkdebug,image=f,node-name=x0,inject-error.0.event=none,"
        "inject-error.0.iotype=write")
    assert "the disk failed" in console, console
    assert "sync ended with 1" in console, console
    assert re.search(r"^x\r?$", console, re.M), console
    assert re.search(r"\d+ README", console), console
    assert "cannot" in console and "panic" not in console, console
    assert status == 1, console
    assert peachfs("check", image) == b""


# ---- damage -----------------------------------------------------------------

WORK = ("sh -c 'ls; cat README | wc; echo x > new; mkdir nd; mkdir nd/e; "
        "cp README nd/r; mv nd/r nd/s; rm README; ln ls l2; rm cat; "
        "rm nd/s; sync; ls'")


@pytest.mark.parametrize("part", range(4))
def test_damaged_image(part, tmp_path):
    """Refused, or used with errors; no panic, no hang."""
    build()
    data = open(f"{ROOT}/build/user/fs.img", "rb").read()
    path = tmp_path / "bad.img"
    refused = used = told = 0
    for seed in range(part * 12, part * 12 + 12):
        bad, where = damage(data, seed)
        path.write_bytes(bad)
        end = guest(WORK, IMAGE=path, WRITE=1, LIMIT=60)
        assert end.status != 124 and "panic" not in end.all, (seed, where, end)
        assert path.stat().st_size == len(data)
        refused += "cannot mount" in end.all
        told += "damaged" in end.all
        used += end.status == 0
        # And peachfs ends by itself.
        done = subprocess.run([PEACHFS, "check", path], capture_output=True,
                              timeout=60)
        assert done.returncode in (0, 1, 2), (seed, where, done)
    assert refused > 0 and used > 0, (refused, told, used)
