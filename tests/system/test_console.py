"""The console's modes and groups, with keys: docs/console.md."""

import re
import time

import pytest


@pytest.fixture
def shell(console):
    c = console(CPUS=2)
    c.prompt()
    return c


def until_runs(shell, name, n=1, on=".*"):
    """Press ^P until the kernel says that n processes of that name sleep."""
    end = time.monotonic() + 60
    while True:
        shell.control("p")
        table = shell.expect(r"hart 1 [^\n]*\n")
        found = re.findall(rf"^ *\d+ sleeping +\d+ +\d+ +\d+ {name} +{on}\r*$", table, re.M)
        if len(found) == n:
            return
        if time.monotonic() > end:
            pytest.fail(f"after 60 s {len(found)} of {n} {name}: {table}")


def running(shell, name):
    """How many processes of that name there are."""
    return len(re.findall(rf"^.*\d  {name}( \(.*)?$", shell.line("ps"), re.M))


def keys(shell, *words):
    shell.send("t_keys " + " ".join(words) + "\n")
    shell.expect(r"ready\.\r*\n")


def got(shell, *codes):
    """Wait until these were read, in one read or several."""
    seen = []
    while len(seen) < len(codes):
        shell.expect(r"got \d+: ")
        seen += [int(x) for x in shell.expect(r"\.\r*\n").split()]
    assert seen == list(codes)


def leave(shell):
    shell.send("q")
    shell.prompt()
    assert shell.line("echo alive") == "alive\n"


# ---- keys mode --------------------------------------------------------------


def test_keys_come_as_they_are(shell):
    keys(shell, "keys")
    for text, codes in [("a", [97]), ("\r", [13]), ("\x7f", [127]),
                        ("\x04", [4]), ("\x15", [21]), ("\x1b[A", [27, 91, 65]),
                        ("\t", [9]), ("\xe4", [0xc3, 0xa4])]:
        shell.send(text)
        got(shell, *codes)
    leave(shell)


def test_poll_does_not_wait(shell):
    keys(shell, "poll")
    shell.expect("got 0:")
    shell.send("a")
    got(shell, 97)
    leave(shell)


def test_process_table_then_key(shell):
    keys(shell, "keys")
    shell.control("p")
    shell.expect("hart 1 ")
    got(shell, 16)
    leave(shell)


def test_crash_gives_the_console_back(shell):
    keys(shell, "keys")
    shell.send("x")
    shell.expect("store page fault")
    shell.prompt()
    assert shell.line("echo alive; cat /README | wc").startswith("alive\n")
    shell.send("cat\n")
    shell.expect("cat\r*\n")
    shell.send("linx\x7fe\n")          # lines again, with their echo
    shell.expect("linx\x08 \x08e\r*\nline\r*\n")
    shell.control("d")
    shell.prompt()


def test_interrupt_in_keys_mode(shell):
    keys(shell, "keys")
    shell.send("l")
    got(shell, 108)
    shell.control("c")
    shell.prompt()
    assert shell.line("echo $?") == "-1\n"


def test_holder_gets_interrupt_as_key(shell):
    keys(shell, "keys", "hold")
    shell.control("c")
    got(shell, 3)
    leave(shell)
    # And it is deadly again for what comes after.
    shell.send("sleep 100000\n")
    until_runs(shell, "sleep")
    shell.control("c")
    shell.prompt()


def test_holder_of_lines_gets_an_empty_one(shell):
    keys(shell, "lines", "hold")
    until_runs(shell, "t_keys")         # in its read
    shell.send("abc")
    shell.control("c")
    got(shell, 10)
    shell.send("q\n")
    shell.prompt()


def test_keys_that_were_not_read_are_lines(shell):
    """What is typed for a program that is about to end is not lost."""
    keys(shell, "keys")
    shell.send("q" + " " * 30 + "\recho typed ahead\r")
    shell.expect(r"\ntyped ahead\r*\n\$ $")
    assert shell.line("echo alive") == "alive\n"


def test_type_ahead_of_lines(shell):
    shell.send("sleep 2\necho first\necho second\n")
    shell.expect(r"\nfirst\r*\n")
    shell.expect(r"\nsecond\r*\n\$ $")


# ---- whose input it is ------------------------------------------------------


def test_background_does_not_read(shell):
    shell.send("cat &\n")
    shell.send("cat < /console > got 2> err &\n")
    shell.send("wait; echo a'li've\n")
    shell.expect("alive")
    shell.prompt()
    assert shell.line("cat got; cat err") == \
        "cat: standard input: read error\n"


def test_background_shell_is_refused(shell):
    shell.line("sh < /console &")
    end = time.monotonic() + 60
    while "running" in shell.line("jobs"):
        assert time.monotonic() < end
    assert shell.line("echo alive") == "alive\n"


def test_whole_pipeline_with_grandchildren(shell):
    shell.line("echo 'sleep 100001 & sleep 100002; echo never' > script")
    shell.send("sh script | (sleep 100003; cat) | sleep 100004\n")
    until_runs(shell, "sleep", 4)
    shell.control("c")
    shell.prompt()
    assert running(shell, "sleep") == 0
    assert "never" not in shell.line("jobs")


@pytest.mark.parametrize("text", [
    "sleep 100000; echo never", "sleep 100000 && echo never",
    "sleep 100000 || echo never", "(sleep 100000; echo never); echo never",
    "! sleep 100000; echo never", "true; sleep 100000 | cat; echo never"])
def test_interrupt_ends_a_list(shell, text):
    shell.send(text + "\n")
    until_runs(shell, "sleep")
    shell.control("c")
    assert "never" not in shell.prompt()
    assert running(shell, "sleep") == 0
    assert shell.line("echo $?") == "0\n"       # ps's


def test_interrupt_just_behind_enter(shell):
    """It ends the job, whatever of it there is already."""
    for _ in range(30):
        shell.send("sleep 100000 | sleep 100000; echo n'eve'r\r\x03")
        assert "never" not in shell.prompt()
    assert running(shell, "sleep") == 0


def test_background_survives_interrupt(shell):
    shell.line("sleep 100000 &")
    shell.send("sleep 100001\n")
    until_runs(shell, "sleep", 2)
    shell.control("c")
    shell.prompt()
    assert running(shell, "sleep") == 1
    shell.send("fg\n")
    until_runs(shell, "sleep")
    shell.control("c")
    shell.prompt()
    assert running(shell, "sleep") == 0


def test_interrupt_ends_a_wait(shell):
    """And not the job that is waited for."""
    shell.line("sleep 100000 &")
    for text in "wait", "wait 1", "wait %1 && echo never; echo never":
        shell.send(text + "\n")
        shell.expect(text[-5:] + r"\r*\n")
        until_runs(shell, "sh", on="sleep")
        shell.control("c")
        assert "never" not in shell.prompt()
        assert running(shell, "sleep") == 1
    shell.send("sleep 1 &\n")
    shell.send("wait $!; echo a'li've\n")
    shell.expect("alive")
    shell.prompt()


def test_shell_in_a_shell(shell):
    shell.line("sh")
    shell.send("sleep 100000\n")
    until_runs(shell, "sleep")
    shell.control("c")
    shell.prompt()
    assert running(shell, "sh") == 2
    shell.control("c")                  # at the inner prompt: nobody dies
    shell.prompt()
    assert running(shell, "sh") == 2
    shell.line("kill $$")
    assert running(shell, "sh") == 1
    assert shell.line("echo alive") == "alive\n"


def test_shell_in_a_job(shell):
    """When the inner shell has ended, ^C is for the rest of the job."""
    shell.line("(sh; sleep 100000)")
    shell.send("exit\n")
    until_runs(shell, "sleep")
    shell.control("c")
    shell.prompt()
    assert running(shell, "sleep") == 0
    assert running(shell, "sh") == 1


def test_exec_gives_the_console_to_the_program(shell):
    shell.send("exec sleep 100000\n")
    until_runs(shell, "sleep")
    shell.control("c")
    shell.prompt()                      # init has started a new shell
    assert running(shell, "sleep") == 0
    assert shell.line("echo alive") == "alive\n"
