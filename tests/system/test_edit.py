"""The shell's line editor, as the user sees it on the screen."""

import re
import time

import pexpect
import pytest

UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
HOME, END, DELETE = "\x1b[H", "\x1b[F", "\x1b[3~"


def ctrl(letter):
    """That key. QEMU takes ^A for itself, unless it is pressed twice."""
    return chr(ord(letter.upper()) - 64) * (2 if letter == "a" else 1)


class Screen:
    """As much of a terminal of 80 columns as the editor and the kernel use.
    An edited line may not leave its row."""

    WIDTH = 80

    def __init__(self):
        self.rows, self.x, self.y = [""], 0, 0
        self.pending = ""

    def write(self, text):
        text, self.pending = self.pending + text, ""
        while text:
            m = re.match(r"\x1b\[(\d*)([A-Z])|[^\x1b]", text)
            if m is None:
                assert len(text) < 8, f"what is {text!r}?"
                self.pending = text
                return
            text = text[m.end():]
            if m.group(2):
                self.command(m.group(2), int(m.group(1) or "1"))
            else:
                self.character(m.group(0))

    def command(self, c, n):
        row = self.rows[self.y]
        if c == "D":
            assert n <= self.x
            self.x -= n
        elif c == "C":
            self.x += n
            assert self.x < self.WIDTH
        elif c == "K":
            self.rows[self.y] = row[:self.x]
        elif c == "H":
            self.x = self.y = 0
        elif c == "J":
            self.rows = self.rows[:self.y] + [row[:self.x]]
        else:
            pytest.fail(f"ESC [ {n} {c} on the screen")

    def character(self, c):
        row = self.rows[self.y]
        if c == "\r":
            self.x = 0
        elif c == "\n":
            self.y += 1
            if self.y == len(self.rows):
                self.rows.append("")
        elif c == "\b":
            assert self.x > 0, "back over the edge"
            self.x -= 1
        elif c >= " ":
            assert self.x < self.WIDTH or row[:2] not in ("$ ", "> "), \
                f"over the edge: {row!r}"
            row = row.ljust(self.x)
            self.rows[self.y] = row[:self.x] + c + row[self.x + 1:]
            self.x += 1

    def flush(self):
        pass

    def row(self):
        """The row with the cursor, which is shown as |."""
        row = self.rows[self.y].ljust(self.x)
        return row[:self.x] + "|" + row[self.x:]


@pytest.fixture
def shell(console):
    c = console(CPUS=2)
    c.screen = Screen()
    c.pty.logfile_read = c.screen
    c.prompt()
    return c


def see(shell, want):
    """Wait until the cursor's row is this."""
    end = time.monotonic() + 60
    while shell.screen.row() != want:
        left = end - time.monotonic()
        try:
            shell.pty.read_nonblocking(4096, timeout=max(left, 0.01))
        except pexpect.TIMEOUT:
            pytest.fail(f"after 60 s the row is {shell.screen.row()!r}, "
                        f"not {want!r}")


def fresh(shell):
    shell.send(ctrl("c"))
    see(shell, "$ |")


@pytest.mark.parametrize("part", range(3))
def test_keys(shell, part):
    rows = [
        ("abc", "abc|"),
        ("abc\x7f\bd", "ad|"),
        ("abc" + LEFT, "ab|c"),
        ("abc" + LEFT * 2 + "X", "aX|bc"),
        ("abc" + LEFT * 9 + "X", "X|abc"),
        ("abc" + LEFT * 3 + RIGHT, "a|bc"),
        ("abc" + RIGHT, "abc|"),
        ("abc" + HOME + "X" + END + "Y", "XabcY|"),
        ("abc\x1b[1~X\x1b[4~Y\x1b[7~Z\x1b[8~", "ZXabcY|"),
        ("abc\x1bOHX\x1bOFY", "XabcY|"),
        ("abc" + ctrl("a") + "X" + ctrl("e") + "Y", "XabcY|"),
        ("abc" + ctrl("b") + "X" + ctrl("f") + "Y", "abXcY|"),
        ("abc" + LEFT + "\x7f", "a|c"),
        ("abc" + HOME + "\x7f", "|abc"),
        ("abc" + HOME + DELETE, "|bc"),
        ("abc" + DELETE, "abc|"),
        ("abc" + HOME + ctrl("d"), "|bc"),
        ("abc" + ctrl("d"), "abc|"),
        ("abcdef" + LEFT * 3 + ctrl("k"), "abc|"),
        ("abcdef" + LEFT * 3 + ctrl("u"), "|def"),
        ("one two  " + ctrl("w"), "one |"),
        ("one two" + ctrl("w") * 3, "|"),
        ("one two" + LEFT + ctrl("w"), "one |o"),
        ("one two" + "\x1b[1;5D" * 2 + "\x1b[1;5C", "one| two"),
        ("one two\x1bb\x1bb\x1bf", "one| two"),
        ("a\x1b[24~\x1b[Zb\x1b[200c\x02", "a|b"),   # unknown ones
        ("\xfc\xe4" + LEFT + "x", "\xfcx|\xe4"),
        ("\xfc\u20ac\x7fx", "\xfcx|"),
        ("\u20ac\xe4" + HOME + DELETE, "|\xe4"),
        ("ab" + LEFT + "\u20ac", "a\u20ac|b"),
        ("   \t", "   |"),                              # nothing to complete
    ]
    for keys, want in rows[part::3]:
        shell.send(keys)
        see(shell, "$ " + want)
        fresh(shell)


def test_line_is_run_as_it_is_seen(shell):
    shell.send("echo wrld" + LEFT * 3 + "o" + HOME + DELETE + "e\n")
    shell.expect(r"\nworld\r*\n")
    shell.prompt()
    # Wherever the cursor stands.
    shell.send("echo abc" + HOME + "\n")
    shell.expect(r"\nabc\r*\n")
    shell.prompt()


def test_clear(shell):
    shell.line("echo abc")
    shell.send("def" + LEFT + ctrl("l"))
    shell.expect(r"\x1b\[J")
    see(shell, "$ de|f")
    assert shell.screen.y == 0 and len(shell.screen.rows) == 1


def test_process_table_keeps_the_line(shell):
    shell.send("echo abc" + LEFT)
    see(shell, "$ echo ab|c")
    shell.control("p")
    shell.expect("hart 1 ")
    see(shell, "$ echo ab|c")
    shell.send("X\n")
    shell.expect(r"\nabXc\r*\n")
    shell.prompt()


# ---- history ----------------------------------------------------------------


def test_history(shell):
    shell.send(UP)
    for text in ("echo one", "echo two", "echo two", "", "echo three"):
        shell.line(text)
    shell.send("new" + LEFT + UP)
    see(shell, "$ echo three|")
    shell.send(UP)
    see(shell, "$ echo two|")
    shell.send(UP)
    see(shell, "$ echo one|")
    shell.send(UP)                      # there is no more
    shell.send(DOWN)
    see(shell, "$ echo two|")
    shell.send(DOWN * 2)
    see(shell, "$ new|")
    shell.send(DOWN)
    shell.send("X")
    see(shell, "$ newX|")
    fresh(shell)
    # A line of the history can be changed; it stays what it was.
    shell.send(UP * 2 + "s\n")
    shell.expect(r"\ntwos\r*\n")
    shell.prompt()
    assert re.findall(r"\d+  (.*)", shell.line("history")) == \
        ["echo one", "echo two", "echo three", "echo twos", "history"]


def test_history_is_bounded(shell):
    shell.send("".join(f": {i}\n" for i in range(120)))
    shell.expect(r": 119\r*\n")
    shell.prompt()
    lines = re.findall(r"(\d+)  (.*)", shell.line("history"))
    assert len(lines) == 100
    assert lines[0] == ("22", ": 21") and lines[-1] == ("121", "history")
    shell.send(UP * 200)
    see(shell, "$ : 21|")


# ---- completion -------------------------------------------------------------


def test_complete_commands(shell):
    for keys, want in [("ech\t", "echo |"),
                       ("hist\t", "history |"),         # a builtin
                       ("po\t", "poweroff |"),
                       ("echo a; schedt\t", "echo a; schedtest |"),
                       ("echo a | schedt\t", "echo a | schedtest |"),
                       ("true && (schedt\t", "true && (schedtest |"),
                       ("! schedt\t", "! schedtest |"),
                       ("< README schedt\t", "< README schedtest |"),
                       ("schedt\t -l" + HOME, "|schedtest  -l"),
                       ("READ\t", "README |"),          # no program; a file
                       ("/schedt\t", "/schedtest |"),
                       ("nosuch\t", "nosuch|"),
                       ("ta\tX", "taskset X|")]:
        shell.send(keys)
        see(shell, "$ " + want)
        fresh(shell)


def test_complete_files(shell):
    shell.line("mkdir dir; mkdir dir/sub; mkdir dir/subway; echo x > dir/file")
    shell.line("echo x > 'dir/a b'; echo x > dir/alpha; echo x > 'dir/q$q'")
    shell.line("echo x > dir/.hidden")
    for keys, want in [("cat REA\t", "cat README |"),
                       ("cat di\t", "cat dir/|"),
                       ("cat dir/f\t", "cat dir/file |"),
                       ("cat /dir/f\t", "cat /dir/file |"),
                       ("cat dir/s\t", "cat dir/sub|"),
                       ("cat dir/../dir/fi\t", "cat dir/../dir/file |"),
                       ("cat < dir/fi\t", "cat < dir/file |"),
                       ("cat 2> dir/fi\t", "cat 2> dir/file |"),
                       ("dir/fi\t", "dir/file |"),
                       ("cat dir/a\\ \t", "cat dir/a\\ b |"),
                       ("cat 'dir/a \t", "cat 'dir/a b' |"),
                       ('cat "dir/a \t', 'cat "dir/a b" |'),
                       ("cat 'di\t", "cat 'dir/|"),
                       ("cat dir/q\t", "cat dir/q\\$q |"),
                       ("cat 'dir/q\t", "cat 'dir/q$q' |"),
                       ("cat dir/.\t", "cat dir/.hidden |"),
                       ("cat $x\t", "cat $x|"),
                       ("cat nodir/x\t", "cat nodir/x|"),
                       ("cat dir/fi" + LEFT + "\t", "cat dir/file |i")]:
        shell.send(keys)
        see(shell, "$ " + want)
        fresh(shell)
    shell.line("cd dir")
    shell.send("cat al\t")
    see(shell, "$ cat alpha |")
    shell.send("sub\t\t")
    shell.expect("subway/")
    see(shell, "$ cat alpha sub|")
    assert shell.screen.rows[-2].split() == ["sub/", "subway/"]
    fresh(shell)
    shell.send("cat \t\t")
    shell.expect("subway/")
    see(shell, "$ cat |")
    names = " ".join(shell.screen.rows[-3:-1])
    assert names.split() == ["a", "b", "alpha", "file", "q$q", "sub/",
                             "subway/"]


def test_second_tab_lists(shell):
    shell.send("t_f\t")
    see(shell, "$ t_f|")
    shell.send("X\x7f\t")               # not the second in a row
    see(shell, "$ t_f|")
    rows = len(shell.screen.rows)
    shell.send("\t")
    shell.expect("t_fault")
    see(shell, "$ t_f|")
    listed = " ".join(shell.screen.rows[rows:-1]).split()
    assert listed == sorted(listed) and {"t_fault", "t_fp"} <= set(listed)
    shell.send("u\t")
    see(shell, "$ t_fu|")


def test_many_names(shell):
    """More than are listed: the first ones are, and how many there are."""
    shell.line("mkdir m; cd m")
    names = [f"common{i:03}" for i in range(240)]
    for i in range(0, 240, 60):
        shell.line("; ".join(f"echo > {n}" for n in names[::-1][i:i + 60]))
    shell.send("cat c\t")
    see(shell, "$ cat common|")
    rows = len(shell.screen.rows)
    shell.send("\t")
    shell.expect(r"\.\.\. and 40 more")
    see(shell, "$ cat common|")
    assert " ".join(shell.screen.rows[rows:-2]).split() == names[:200]


# ---- long lines, several lines, the end -------------------------------------


def test_long_line(shell):
    text = "echo " + "".join(f"{i:04}" for i in range(100))
    shell.send(text)
    # It is scrolled; Screen says if the cursor leaves the row.
    shell.send(HOME)
    see(shell, "$ |" + text[:77])
    shell.send(RIGHT * 5 + "X")
    see(shell, "$ echo X|" + text[5:76])
    shell.send("\x7f" + END + "Y")
    end = time.monotonic() + 60
    while not shell.screen.row().endswith("0099Y|"):
        assert time.monotonic() < end, shell.screen.row()
        shell.pty.read_nonblocking(4096, timeout=60)
    assert shell.screen.row().startswith("$ <")
    shell.send("\n")
    shell.expect(r"\n" + text[5:] + r"Y\r*\n")
    shell.prompt()


def test_width_is_a_variable(shell):
    shell.line("COLUMNS=40")
    shell.send("x" * 60 + HOME)
    see(shell, "$ |" + "x" * 37)
    fresh(shell)


def test_too_long_a_line(shell):
    for _ in range(50):
        shell.send("x" * 100)
    shell.send(HOME + "y")              # does not fit, and harms nothing
    see(shell, "$ |" + "x" * 77)
    shell.send(DELETE + "echo ")
    shell.expect("\x07")
    fresh(shell)
    assert shell.line("echo alive") == "alive\n"


def test_interrupt_drops_all_of_a_command(shell):
    shell.send("echo 'one\n")
    see(shell, "> |")
    shell.send("two" + ctrl("c"))
    see(shell, "$ |")
    assert shell.line("echo three") == "three\n"


def test_end_key(shell):
    shell.send("echo 'one\n")
    see(shell, "> |")
    shell.send(ctrl("d"))               # ends the command, not the shell
    shell.expect("the end came too early")
    shell.prompt()
    assert shell.line("x=1; sh -c 'exit 3'; echo $? $x") == "3 1\n"
    shell.send("sh\n")
    see(shell, "$ |")
    shell.prompt()
    assert shell.line("echo $x") == "\n"
    shell.send(ctrl("d"))
    shell.prompt()
    assert shell.line("echo $x") == "1\n"


def test_paste(shell):
    """Much at once, of several lines, one of them for a program."""
    shell.send("cat > f\n" + "".join(f"line {i}\n" for i in range(40)) +
               ctrl("d") + "cat f | wc\n")
    shell.expect(r"\n40 80 310 *\r*\n")
    shell.prompt()


def test_after_output_without_newline(shell):
    shell.line("cat > f\nabc" + ctrl("d") * 2)
    shell.send("cat f\n")
    see(shell, "abc$ |")
    shell.send("ech bc" + LEFT * 3 + "o" + END + "\x7f")
    see(shell, "abc$ echo b|")
