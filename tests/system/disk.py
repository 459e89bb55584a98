"""Images of the file system, seen from the host, for the tests of files."""

import os
import random
import re
import subprocess
import tempfile

from conftest import MARK, ROOT, build

PEACHFS = f"{ROOT}/build/host/peachfs"
KEPT = 20       # of tests/guest/crash.c
BLOCK = 4096


def peachfs(*words, status=0):
    """Run peachfs; its output."""
    done = subprocess.run([PEACHFS, *map(str, words)], capture_output=True,
                          timeout=60)
    assert done.returncode == status, (words, done.stdout, done.stderr)
    return done.stdout


def new_image(path, *programs, free="8M", inodes=200):
    """A small image with init, sh and these programs."""
    build()
    names = ("init", "sh", *programs)
    peachfs("build", path, "-s", free, "-i", inodes,
            *(f"{n}={ROOT}/build/user/{n}.s" for n in names))
    return path


def contents_of(i):
    return b"file %d\n" % i + bytes([i % 256]) * (i * 7919 % 30000)


def check_rounds(image, synced):
    """Is the image what t_crash left after some operation, not before the
    sync of round `synced`?  Returns the last round that was done."""
    assert peachfs("check", image) == b""
    with tempfile.TemporaryDirectory() as folder:
        peachfs("get", image, "/", folder)
        files = {n: open(f"{folder}/{n}", "rb").read()
                 for n in os.listdir(folder) if re.match(r"f\d|new|log", n)}
    log = files.pop("log", b"")
    n = log.count(b"\n")
    assert log == b"".join(b"%d\n" % i for i in range(1, n + 1))
    assert n >= synced, f"round {synced} was synced, and {n} is the last"
    oldest = max(1, n - KEPT + 1)
    for i in range(oldest, n + 1):
        assert files.pop(f"f{i}") == contents_of(i), f"f{i}"
    # What the next step may have left, or not done yet.
    if n > KEPT and f"f{n - KEPT}" in files:
        assert files.pop(f"f{n - KEPT}") == contents_of(n - KEPT)
        assert files == {}, "a file of a later round"
    elif f"f{n + 1}" in files:
        assert files.pop(f"f{n + 1}") == contents_of(n + 1)
    elif f"new.{n + 1}" in files:
        assert files.pop(f"new.{n + 1}") in (b"", contents_of(n + 1))
    assert files == {}
    return n


def qemu_on(folder, cmd, *blockdevs, limit=120):
    """Boot with a disk of one's own making: the last block device is node
    x0.  Returns QEMU's status and the console."""
    console = f"{folder}/console"
    words = ["timeout", "-k", "5", str(limit), "qemu-system-riscv64",
             "-machine", "virt", "-bios", "default", "-kernel", build(),
             "-m", "128M", "-append", f"seed=1 -- {cmd}", "-no-reboot",
             "-global", "virtio-mmio.force-legacy=false", "-display", "none",
             "-serial", f"file:{console}", "-monitor", "none", "-name", MARK]
    for b in blockdevs:
        words += ["-blockdev", b]
    done = subprocess.run(words + ["-device", "virtio-blk-device,drive=x0"],
                          stdin=subprocess.DEVNULL, timeout=limit + 30)
    return done.returncode, open(console, errors="replace").read()


class Layout:
    """Where the parts of an image are; first and end block of each."""

    def __init__(self, data):
        w = [int.from_bytes(data[i:i + 4], "little") for i in range(8, 48, 4)]
        self.nblocks = w[0]
        self.parts = {"super": (0, 1), "head": (1, 2), "log": (2, 1 + w[3]),
                      "bitmap": (w[4], w[4] + w[5]),
                      "inodes": (w[6], w[6] + w[7])}
        self.data = w[8]


def damage(data, seed):
    """Flip some bytes of metadata; returns the damaged image."""
    rnd, data = random.Random(seed), bytearray(data)
    layout = Layout(data)
    part = rnd.choice("super head log bitmap inodes inodes dirs dirs".split())
    for _ in range(rnd.randint(1, 8)):
        if part == "dirs":  # the root's first blocks
            at = layout.data * BLOCK + rnd.randrange(1600)
        else:
            first, end = layout.parts[part]
            size = min((end - first) * BLOCK, 64 * 128)
            at = first * BLOCK + rnd.randrange(64 if part == "super" else size)
        data[at] ^= 1 << rnd.randrange(8)
    return data, part
