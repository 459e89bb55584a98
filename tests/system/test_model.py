"""The models of sleep, wake-up and switch hold, and changes of them do not."""

import re
import subprocess

from conftest import MATRIX, ROOT, copy_tree


def test_models():
    """MATRIX=1, as make test-model: that of the switch, too."""
    done = subprocess.run(
        ["tests/run/model"] + ["tests/model/idle.pml"] * (not MATRIX),
        cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    runs = re.search(r"^(\d+) runs, 0 not as they should be$", done.stdout,
                     re.M)
    assert runs and int(runs[1]) > (10 if MATRIX else 5), done.stdout
    for model in ["idle"] + ["switch"] * MATRIX:
        for verdict in "holds", "wrong":
            assert re.search(rf"^ok +{model}\.pml .*: {verdict}, \d+ states",
                             done.stdout, re.M), done.stdout


def test_model_can_fail(tmp_path):
    """A protocol that is broken, or not broken, against what is said."""
    tree = copy_tree(tmp_path / "peach")
    model = tree / "tests/model/idle.pml"
    lines = model.read_text().splitlines()
    runs = [n for n, line in enumerate(lines)
            if re.match(r"// (holds|wrong): ", line)]
    # Of all runs these two are left, each said to be what it is not.
    for old, new in [("// wrong: -DTASKS=1 -DNO_LOOK", "// wrong: -DTASKS=1"),
                     ("// holds: -DTASKS=1",
                      "// holds: -DTASKS=1 -DNO_INTERRUPT")]:
        assert old in lines
        lines[lines.index(old)] = new
    model.write_text("\n".join(
        line for n, line in enumerate(lines)
        if n not in runs or line.endswith(("TASKS=1", "NO_INTERRUPT"))) + "\n")
    done = subprocess.run(["tests/run/model", str(model)[len(str(tree)) + 1:]],
                          cwd=tree, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1, done.stdout + done.stderr
    for said in "-DTASKS=1: holds, should be wrong", \
            "-DNO_INTERRUPT: wrong, should be holds":
        assert re.search(rf"^FAILED idle.pml .*{said}", done.stdout, re.M), \
            done.stdout + done.stderr
