"""Any memory, any number of harts, with and without Sstc."""

import re

import pytest
from conftest import MATRIX, guest, load



def work(**options):
    """Boot and run something on every hart: more processes than harts, pipes,
    sleeps, and then each hart by its number."""
    harts = range(int(options.get("CPUS", 1)))
    each = "".join(f"taskset {1 << h:x} echo hart {h} runs; " for h in harts)
    done = guest(f"sh -c 'cat README | grep -v zzz | wc; sleep 1; t_fp 8 4; "
                 f"{each} echo done'", **options).ok()
    assert done.out.rstrip().endswith("done"), str(done)
    assert re.search(r"^ok 0\.5", done.out, re.M), str(done)
    for h in harts:
        assert f"hart {h} runs\n" in done.out, str(done)


@pytest.mark.parametrize("cpus", [1, 2, 3, 4, 8, 16])
def test_harts(cpus):
    work(CPUS=cpus)


def test_many_boots():
    """Harts of a loaded host arrive late, and in any order: OpenSBI 1.1 may
    let one of them into the kernel by the wrong door."""
    with load():
        for n in range(40 if MATRIX else 12):
            guest("true", CPUS=2 + n % 2, LIMIT=60).ok()


@pytest.mark.parametrize("cpus", [1, 4])
@pytest.mark.parametrize("runq", ["shared", "perhart"])
def test_without_sstc(cpus, runq):
    work(runq=runq, CPUS=cpus, CPU="rv64,sstc=off")


@pytest.mark.parametrize("mem", ["64M", "100M", "1G", "3G"])
def test_memory(mem):
    work(MEM=mem, CPUS=2)


@pytest.mark.parametrize("mem,kib,det", [("64M", 65536, 0), ("1G", 1048576, 0),
                                         ("64M", 65536, 1)])
def test_memory_map(mem, kib, det):
    """memmap shows the RAM that QEMU was told to have, and what lies in it."""
    out = guest("memmap", MEM=mem, DET=det).ok().out
    assert re.findall(r"^ +80000000 .* (\d+)  RAM$", out, re.M) == [str(kib)], out
    assert re.search(r"^ +80200000 .* {4}kernel$", out, re.M), out
    assert re.search(r"^ +10000000 .*  uart, interrupt 10$", out, re.M), out
    # The disk is an image in memory if the run must repeat.
    assert ("disk image" in out) == bool(det), out


def test_hz():
    """uptime counts ticks of 1/HZ s; a sleep takes its time, not its ticks."""
    for hz in (10, 100, 1000):
        done = guest("sh -c 'time sleep 1; echo done'", hz=hz).ok()
        assert "done" in done.out


def test_other_virtio_devices_do_no_harm():
    work(QEMUOPTS="-device virtio-rng-device")


def test_no_disk_says_so(tmp_path):
    """A disk without a file system gets a clear line, no panic, no hang."""
    empty = tmp_path / "empty.img"
    empty.write_bytes(bytes(1 << 20))
    done = guest("true", IMAGE=empty, LIMIT=30)
    assert done.status not in (0, 124), str(done)


def test_legacy_virtio_says_so():
    done = guest("true", LIMIT=30,
                 QEMUOPTS="-global virtio-mmio.force-legacy=true")
    assert done.status not in (0, 124), str(done)
    assert "legacy" in done.out, str(done)


def test_no_init_says_so():
    done = guest("true", PARAMS="init=/nonesuch", LIMIT=30)
    assert done.status not in (0, 124), str(done)
    assert "/nonesuch" in done.out, str(done)
