"""The console as a user sees it: keys, pipes, quotes, jobs."""

import pytest
from conftest import guest


@pytest.fixture
def shell(console):
    c = console(CPUS=2)
    c.prompt()
    return c


def test_pipes_and_redirection(shell):
    assert shell.line("echo one two three | wc") .split() == ["1", "3", "14"]
    assert shell.line("echo hello > f; cat < f; echo again >> f; cat f") == \
        "hello\nhello\nagain\n"
    assert shell.line("cat README | grep -v zzz | cat | wc").split()[0] != "0"


def test_lists_and_status(shell):
    assert shell.line("true && echo yes || echo no") == "yes\n"
    assert shell.line("false && echo yes || echo no") == "no\n"
    assert shell.line("false; echo $?; true; echo $?") == "1\n0\n"
    assert shell.line("sh -c 'exit 9'; echo $?") == "9\n"
    assert shell.line("echo a; echo b # echo c") == "a\nb\n"


def test_quotes(shell):
    assert shell.line("""echo 'a  b' "c  'd'" e\\ f '"'""") == \
        """a  b c  'd' e f "\n"""
    assert shell.line("echo 'a;b|c&d>e#f'") == "a;b|c&d>e#f\n"


def test_errors_are_told(shell):
    assert "nonesuch" in shell.line("nonesuch")
    assert "nofile" in shell.line("cat nofile")
    assert shell.line("echo | | cat") != ""
    shell.send("echo 'on two\n")
    shell.expect("> $")
    assert shell.line("lines'") == "on two\nlines\n"
    assert shell.line("echo fine") == "fine\n"


def test_script(shell):
    shell.line("echo 'echo from a script $1' > s")
    shell.line("echo 'exit 5' >> s")
    assert "from a script" in shell.line("sh s")
    assert shell.line("sh s; echo $?").endswith("5\n")


def test_script_by_name(shell):
    shell.line("echo 'echo script $1' > s; mkdir d; cd d")
    assert shell.line("s one; ../s two; /s three") == \
        "script one\nscript two\nscript three\n"


def test_pwd(shell):
    assert shell.line("pwd; mkdir a; mkdir a/b; cd a/b; pwd; cd ../..; pwd") \
        == "/\n/a/b\n/\n"
    assert "no path" in shell.line("mkdir c; cd c; rm ../c; pwd")


def test_kill_a_job(shell):
    shell.line("sleep 100000 | cat &")
    assert "no such job" in shell.line("kill %7")
    assert shell.line("kill %1; wait %1; echo $?") == "-1\n"
    assert "  sleep (" not in shell.line("ps")
    assert "not a process id" in shell.line("kill x")


def test_background(shell):
    shell.line("sleep 100 &")
    # The shell does not wait for it to have become sleep.
    seen = [shell.line("ps")]
    while "  sleep (" not in seen[-1] and len(seen) < 200:
        seen.append(shell.line("ps"))
    assert "  sleep (" in seen[-1], f"after {len(seen)} looks: {seen[-1]}"


def test_interrupt_kills_the_foreground_job(shell):
    shell.send("sleep 1000 | cat\n")
    shell.expect("cat\r*\n")
    # The job runs when the kernel says so: ^P lists it.
    for _ in range(100):
        shell.control("p")
        try:
            shell.expect(r"\d +sleep ", timeout=2)
            break
        except pytest.fail.Exception:
            pass
    shell.control("c")
    shell.prompt()
    assert "  sleep" not in shell.line("ps")     # as a name, not a state
    assert shell.line("echo alive") == "alive\n"


def test_interrupt_at_the_prompt(shell):
    shell.send("echo never")
    shell.control("c")
    shell.prompt()
    assert shell.line("echo alive") == "alive\n"


def test_interrupt_kills_a_hog(shell):
    shell.send("lat cpu 2000000000\n")
    shell.expect("\n")
    shell.control("c")
    shell.prompt()


def test_kill_line(shell):
    shell.send("garbage that is not run")
    shell.control("u")
    assert shell.line("echo clean").endswith("clean\n")


def test_end_of_input(shell):
    shell.send("cat\n")
    shell.expect("cat\r*\n")
    shell.send("line\n")
    shell.expect("line\r*\nline\r*\n")
    shell.control("d")
    shell.prompt()
    # At the prompt it ends the shell, and init starts another one.
    shell.control("d")
    shell.prompt()
    assert shell.line("echo alive") == "alive\n"


def test_process_list_key(shell):
    shell.control("p")
    shell.expect("sh")
    shell.prompt()
    assert shell.line("echo alive") == "alive\n"


def test_backspace(shell):
    shell.send("echo abx\x7fc\b\bbd\n")
    shell.expect("\nabd\r*\n")


def test_files_stay_until_power_off(shell):
    assert shell.line("mkdir d; echo x > d/f; mv d/f d/g; ls d") \
        .count("g") == 1
    shell.line("ln d/g h; rm d/g; cat h")
    assert shell.line("cat h") == "x\n"


def test_poweroff_keeps_what_was_written(console, tmp_path):
    import shutil
    from conftest import ROOT, build
    build()
    image = tmp_path / "my.img"
    shutil.copy(f"{ROOT}/build/user/fs.img", image)
    c = console(IMAGE=image, WRITE=1)
    c.prompt()
    c.line("echo kept > file")
    c.send("poweroff\n")
    c.expect_end()
    assert guest("cat file", IMAGE=image).ok().out.endswith("kept\n")
