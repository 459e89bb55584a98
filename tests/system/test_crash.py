"""Crashes of whole systems. QEMU is killed while the guest works on files; and
what QEMU recorded of the disk's writes is cut off anywhere. What must be there
then, disk.py knows."""

import os
import random
import re
import signal
import subprocess
import time

import pytest
from conftest import MARK, ROOT, RUN, environment, guest, qemus
from disk import check_rounds, new_image, peachfs, qemu_on

BLOCK = 4096


# ---- killed -----------------------------------------------------------------

def kill_amid(image, first, lines, delay):
    """Boot, let t_crash work from round `first`; after so many lines of it and
    `delay` seconds kill QEMU. Returns the last round that it said is synced."""
    env = environment(f"t_crash {first}", "rr", "shared", 10, 0,
                      dict(IMAGE=image, WRITE=1))
    run = subprocess.Popen([RUN], cwd=ROOT, env=env, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           text=True, errors="replace")
    text = ""
    while text.count("synced") < lines:
        line = run.stdout.readline()
        assert line, f"it ended by itself: {text}"
        text += line
    time.sleep(delay)   # this chooses the moment; nothing is waited for
    for pid in qemus():
        os.kill(pid, signal.SIGKILL)
    text += run.stdout.read()
    assert run.wait() != 0
    # (Of a line that was cut off, nothing counts.)
    return max(map(int, re.findall(r"^synced (\d+)\r?$", text, re.M)))


def test_killed_at_any_moment(tmp_path):
    """Again and again on one image, each time checked, and booted."""
    rnd = random.Random(os.environ.get("SEED", "1"))
    image = new_image(tmp_path / "my.img", "t_crash", "ls")
    done = 0
    for _ in range(8):
        synced = kill_amid(image, done + 1, rnd.randint(1, 12),
                           rnd.random() * 0.3)
        before = check_rounds(image, synced)
        end = guest("ls", IMAGE=image, WRITE=1).ok()
        assert "log" in end.out
        assert check_rounds(image, synced) == before
        done = finish_round(image, before)


def finish_round(image, n):
    """Remove what the round after n has left, so that it can be done anew."""
    left = re.findall(rf" ((?:new\.|f){n + 1})$",
                      peachfs("ls", image).decode(), re.M)
    old = re.findall(rf" (f{n - 20})$", peachfs("ls", image).decode(), re.M)
    if left + old:
        guest(f"rm {' '.join(left + old)}", IMAGE=image, WRITE=1).ok()
    return n


def test_committed_within_seconds_unasked(tmp_path):
    """What was done some seconds ago is there, without a sync."""
    image = new_image(tmp_path / "my.img", "t_crash", "sleep", "echo")
    env = environment("sh -c 't_crash 1 4; echo done; sleep 30; echo waited; "
                      "sleep 1000'",
                      "rr", "shared", 10, 0, dict(IMAGE=image, WRITE=1))
    run = subprocess.Popen([RUN], cwd=ROOT, env=env, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, text=True, errors="replace")
    for line in run.stdout:
        if line.startswith("waited"):
            break
    for pid in qemus():
        os.kill(pid, signal.SIGKILL)
    run.stdout.read()
    run.wait()
    assert check_rounds(image, 4) == 4


# ---- cut --------------------------------------------------------------------

def log_entries(path):
    """(byte, data) of each write that QEMU logged; None for a flush."""
    data = open(path, "rb").read()
    count, size = (int.from_bytes(data[16:24], "little"),
                   int.from_bytes(data[24:28], "little"))
    at, entries = size, []
    for _ in range(count):
        sector, n, flags = (int.from_bytes(data[at + i:at + i + 8], "little")
                            for i in (0, 8, 16))
        at += size
        entries.append(None if flags & 1 else
                       (sector * 512, data[at:at + n * size]))
        at += n * size
    return entries


def cut(base, entries, end, rnd):
    """The disk after a crash before entry `end`: of what no flush has made
    durable, each sector is there or not."""
    disk = bytearray(base)
    durable = max((i for i in range(end) if entries[i] is None), default=0)
    torn = rnd.random() < 0.7
    for i, e in enumerate(entries[:end]):
        if e is None:
            continue
        at, data = e
        for k in range(0, len(data), 512):
            if i < durable or not torn or rnd.random() < 0.6:
                disk[at + k:at + k + 512] = data[k:k + 512]
    return disk


def rounds_begun(entries, end):
    """The last round whose contents were written before entry `end`."""
    last = 0
    for e in filter(None, entries[:end]):
        for k in range(0, len(e[1]), BLOCK):
            m = re.match(rb"file (\d+)\n", e[1][k:k + 20])
            last = max(last, int(m.group(1)) if m else 0)
    return last


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A disk, and what a guest that worked on it wrote."""
    folder = tmp_path_factory.mktemp("recorded")
    image = new_image(folder / "my.img", "t_crash", "ls", free="2M")
    base, log = image.read_bytes(), folder / "log"
    log.write_bytes(b"")
    status, console = qemu_on(
        folder, "t_crash 1 60", f"driver=file,filename={image},node-name=f",
        f"driver=file,filename={log},node-name=l",
        "driver=blklogwrites,file=f,log=l,node-name=x0")
    assert status == 0, console
    entries = log_entries(log)
    assert check_rounds(image, 60) == 60
    return base, entries


def test_recorded_writes_cut_anywhere(recorded, tmp_path):
    """A round's contents are written only after the syncs before it have
    ended: so these must be there."""
    base, entries = recorded
    rnd = random.Random(os.environ.get("SEED", "1"))
    path = tmp_path / "cut.img"
    seen = set()
    for k in range(60):
        end = rnd.randrange(len(entries))
        path.write_bytes(cut(base, entries, end, rnd))
        begun = rounds_begun(entries, end)
        synced = max(0, begun - 1) // 5 * 5
        n = check_rounds(path, synced)
        seen.add(n)
        if k % 15 == 0:
            guest("ls", IMAGE=path, WRITE=1).ok()
            assert check_rounds(path, synced) == n
    assert len(seen) > 5


def test_commits_are_flushed(recorded):
    """Each commit block of the journal stands alone between two flushes."""
    _, entries = recorded
    magic = (0x50656163684a636d).to_bytes(8, "little")
    commits = [i for i, e in enumerate(entries) if e and e[1][:8] == magic]
    assert len(commits) >= 12
    for i in commits:
        assert entries[i - 1] is None and entries[i + 1] is None, i
