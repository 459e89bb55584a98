"""What a term of lab sleep may plant into kernel/fs/pipe.c, and where."""

from frame import text

PIPE = "kernel/fs/pipe.c"

# Scene of the model, what its victim sleeps on, which call does not wake it,
# and the function with the mistake.
MISTAKES = {
    1: ("READERS", "pipe read", "write", "pipe_write"),
    2: ("WRITERS", "pipe write", "read", "wait_for_room"),
    3: ("CLOSE", "pipe read", "close", "pipe_close"),
}

CASES = {
    1: "two readers, of whom each wants one byte, and a writer who writes two",
    2: "a pipe that is full, a writer who needs little room and one who needs"
       " much, and a reader who takes little",
    3: "two readers, and a writer who closes",
}


def planted(mistake):
    """What goes into the cuts below, and into the page."""
    return {
        "write_wakes": "wake_one" if mistake == 1 else "wake_all",
        "want": "need" if mistake == 2 else "min(p->want, need)",
        "close_wakes": "wake_one" if mistake == 3 else "wake_all",
        "case": CASES[mistake],
    }


CUTS = [
    text(PIPE, """\
  else if (unlikely(!ring_empty(&p->readers.sleepers)))
    wake_all(&p->readers);
""", """\
  else if (unlikely(!ring_empty(&p->readers.sleepers)))
    {{write_wakes}}(&p->readers);
"""),
    text(PIPE, "    p->want = min(p->want, need);\n",
         "    p->want = {{want}};\n"),
    text(PIPE, """\
    p->writer = false;
    wake_all(&p->readers);
""", """\
    p->writer = false;
    {{close_wakes}}(&p->readers);
"""),
]
