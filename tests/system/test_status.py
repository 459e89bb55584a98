"""What a command ends with is what the host sees."""

import subprocess

import pytest
from conftest import ROOT, guest, make_environment

ENDS = [("true", 0), ("false", 1), ("sh -c 'exit 7'", 7),
        ("sh -c 'exit 256'", 255), ("sh -c 'exit 255'", 255),
        ("sh -c 'false || true'", 0), ("sh -c 'true && false'", 1)]


@pytest.mark.parametrize("cmd,status", ENDS)
def test_status(cmd, status):
    done = guest(cmd)
    assert done.status == status, str(done)
    assert done.all.endswith(f"exit status {status}\n")


def test_killed_command_is_255():
    done = guest("sh -c 'kill $$; sleep 100'")
    assert done.status == 255, str(done)


def test_unknown_command_says_so():
    done = guest("nonesuch arg")
    assert done.status not in (0, 124, 254), str(done)
    assert "nonesuch" in done.out


def test_command_survives_every_quote():
    """No shell of the host and no option parser reads CMD."""
    done = guest("""echo 'a "b"; c, d' "e 'f'" ',=,' -- --x '$HOME' '#'""")
    assert done.ok().out.rstrip().endswith(
        """a "b"; c, d e 'f' ,=, -- --x $HOME #"""), str(done)


def test_make_run_fails_iff_the_command_did():
    for cmd, code in [("true", 0), ("false", 2), ("sh -c 'echo $?; exit 3'", 2)]:
        done = subprocess.run(["make", "-s", "run", f"CMD={cmd}"], cwd=ROOT,
                              capture_output=True, env=make_environment(),
                              timeout=300)
        assert done.returncode == code, str(done)


def test_a_guest_that_hangs_is_ended():
    done = guest("sleep 1000", LIMIT=5)
    assert done.status == 124, str(done)
    assert done.all.endswith("no end after 5 seconds\n")
    done = guest("sh -c 'while_is_not_needed; cat /dev/null; sleep 1000'",
                 LIMIT=5, CPUS=4)
    assert done.status == 124, str(done)


def test_reader_that_goes_ends_the_guest():
    """`make run | head` leaves no QEMU behind; conftest checks."""
    done = subprocess.run("tests/run/run | head -n 1", shell=True, cwd=ROOT,
                          timeout=60, stdout=subprocess.PIPE, env={
                              **make_environment(), "LIMIT": "30", "CMD":
                              "sh -c 'echo x; echo y; sleep 1000'",
                              "QEMUOPTS": "-name peach-reader-gone"})
    assert done.stdout
