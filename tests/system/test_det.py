"""DET=1: the same output to the byte, whatever the host does meanwhile."""

import os
import shutil
import subprocess
import time

import pytest
from conftest import ROOT, RUN, build, environment, guest, load, make

SCHEDTEST = dict(cmd="schedtest -q", sched="lottery", DET=1, SEED=7, LIMIT=300)
FILES = dict(cmd="sh -c 'cp README r; cat r | wc; schedtest -q'",
             sched="lottery", DET=1, SEED=7, LIMIT=300)
# Every line of the console, some 200 KB.
LONG = dict(cmd="sh -c 'cat README README README README README README README "
                "README README README README README README README README; "
                "ls; ps'", DET=1, LIMIT=120)

def slowly(options):
    """Run, reading the output by and by; return all of it."""
    options = dict(options)
    env = environment(options.pop("cmd"), options.pop("sched", "rr"), "shared",
                      10, 0, options)
    run = subprocess.Popen([RUN], cwd=ROOT, env=env, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    text = b""
    while chunk := os.read(run.stdout.fileno(), 512):
        text += chunk
        time.sleep(0.002)   # this is the reader that is slow, not a wait
    assert run.wait() == 0
    return text


def test_twice_the_same():
    first, second = guest(**SCHEDTEST).ok(), guest(**SCHEDTEST).ok()
    assert first.raw == second.raw


def test_loaded_host():
    """With file work, pipes and schedtest."""
    with load():
        first = guest(**FILES).ok()
        assert first.raw == guest(**FILES).ok().raw


def test_loaded_and_idle():
    idle = guest(**LONG).ok()
    with load():
        assert guest(**LONG).ok().raw == idle.raw


def test_slow_reader():
    assert slowly(LONG) == guest(**LONG).ok().raw


def test_seed_matters():
    """Else nothing was drawn by it."""
    run = dict(SCHEDTEST)
    run["SEED"] = 8
    assert guest(**SCHEDTEST).ok().raw != guest(**run).ok().raw


def test_idle_time_is_skipped():
    began = time.monotonic()
    guest("sleep 6000", DET=1, LIMIT=60).ok()
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("mem", ["64M", "128M", "1G"])
def test_any_memory(mem):
    assert "README" in guest("ls", DET=1, MEM=mem).ok().out


def test_what_was_written_is_on_the_image(tmp_path):
    """With IMG=, under DET as otherwise."""
    build()
    image = tmp_path / "my.img"
    shutil.copy(f"{ROOT}/build/user/fs.img", image)
    make("-s", "run", "DET=1", f"IMG={image}", "CMD=sh -c 'echo kept > f'")
    assert guest("cat f", IMAGE=image).ok().out.endswith("kept\n")
