"""What goes wrong in a program kills that program only; what goes wrong in
the kernel is told with a backtrace, and fails."""

import re

import pytest
from conftest import guest

KINDS = ("null_write heap kernel kernel_write physical high maxva last "
         "jump_kernel text illegal csr sret breakpoint heap_code "
         "stack_code stack").split()


@pytest.fixture(scope="module")
def faults():
    """One boot does every forbidden thing; {kind: what was printed}."""
    script = "; ".join(f"echo == {k}; t_fault {k}; echo status $?"
                       for k in KINDS)
    out = guest(f"sh -c '{script}'").ok().out
    return dict(re.findall(r"^== (\w+)\n(.*?)(?=^== |\Z)", out, re.S | re.M))


@pytest.mark.parametrize("kind", KINDS)
def test_fault_kills_that_process_only(faults, kind):
    text = faults[kind]
    assert "status 255" in text or "status -1" in text, text
    # Which, where and why.
    assert "t_fault" in text, text
    assert re.search(r"pid \d+", text), text
    assert re.search(r"0x[0-9a-f]+", text), text
