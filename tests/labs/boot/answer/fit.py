"""Fits the reference answer to the call of a term.  A line that is there
already, as in a wrong answer, stays.
"""

import os
import re


def edit(path, has, old, new):
    """Unless there is `has`, replace what matches old by new."""
    if not os.path.exists(path):
        return
    with open(path) as f:
        text = f.read()
    if not re.search(has, text):
        text, n = re.subn(old, new, text, count=1, flags=re.M)
        assert n == 1, (path, old)
        with open(path, "w") as f:
            f.write(text)


def fit(folder, call, number):
    edit(f"{folder}/kernel/syscall.h", rf"SYS_{call}\b",
         r"^#define SYS_MAX .*$",
         f"#define SYS_{call} {number} // (pid)\n#define SYS_MAX {number}")
    table = f"{folder}/kernel/trap/syscall.c"
    edit(table, r"proc/mine\.h", r'^(#include "kernel/proc/proc\.h")$',
         r'#include "kernel/proc/mine.h"\n\1')
    edit(table, rf"SYS_{call}\b", r"^};$", f"  [SYS_{call}] = sys_{call},\n}};")
    edit(f"{folder}/user/lib/syscalls.S", rf" {call}\b", r"\Z",
         f"  extra {call}, SYS_{call}\n")
    for path in ("user/mine.h", "user/ask.c"):
        edit(f"{folder}/{path}", rf"\b{call}\(", r"\bthe_call\(", f"{call}(")
