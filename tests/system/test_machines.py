"""What editors and other systems get (docs/machines.md): files that can be read,
commands that make knows, a database of how files are compiled."""

import glob
import json
import os
import re
import subprocess

import pytest
from conftest import ROOT, copy_tree, make


@pytest.mark.parametrize("path", [
    ".vscode/tasks.json", ".vscode/launch.json", ".vscode/settings.json",
    ".devcontainer/devcontainer.json"])
def test_json(path):
    with open(f"{ROOT}/{path}", encoding="utf-8") as f:
        assert json.load(f)


def goals():
    """What make help lists."""
    text = make("-s", "help").stdout
    return set(re.findall(r"^  ([a-z][a-z-]+) +\S", text, re.M))


def test_commands_are_known():
    known = goals()
    assert {"test", "qemu", "check"} <= known
    with open(f"{ROOT}/.vscode/tasks.json", encoding="utf-8") as f:
        commands = [t["command"] for t in json.load(f)["tasks"]]
    with open(f"{ROOT}/.devcontainer/devcontainer.json", encoding="utf-8") as f:
        commands.append(json.load(f)["postCreateCommand"])
    for command in commands:
        words = command.split()
        assert words[0] == "make"
        assert {w for w in words[1:] if re.fullmatch(r"[a-z-]+", w)} <= known


def test_debugger_finds_what_it_needs():
    with open(f"{ROOT}/.vscode/launch.json", encoding="utf-8") as f:
        launch = json.load(f)["configurations"][0]
    with open(f"{ROOT}/.vscode/tasks.json", encoding="utf-8") as f:
        task = next(t for t in json.load(f)["tasks"]
                    if t["label"] == launch["preLaunchTask"])
    port = launch["target"].split(":")[1]
    assert f"GDBPORT={port}" in task["command"]
    assert os.path.exists(f"{ROOT}/{launch['executable']}")
    assert all(os.path.exists(f"{ROOT}/{c.split()[1]}")
               for c in launch["autorun"] if c.startswith("source"))


def test_compile_commands():
    """Each C file of the kernel that is built is there, and some of each kind
    compile as it says."""
    make("-s", "compile-commands")
    with open(f"{ROOT}/build/compile_commands.json", encoding="utf-8") as f:
        entries = {e["file"]: e for e in json.load(f)}
    kernel = {os.path.relpath(p, ROOT) for p in glob.glob(f"{ROOT}/kernel/*/*.c")}
    there = {p for p in kernel if "/debug/" not in p and "/runq_" not in p}
    assert there <= set(entries), there - set(entries)
    for name in ("kernel/proc/dispatch.c", "sched/rr.c", "user/ps.c",
                 "user/sh/main.c", "mkfs/build.c", "tests/host/test_rr.c",
                 "tests/host/check/world.c"):
        words = entries[name]["arguments"]
        out = words.index("-o")
        done = subprocess.run(words[:out] + words[out + 2:] + ["-fsyntax-only"],
                              cwd=entries[name]["directory"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout


def test_an_old_make_is_told():
    done = make("MAKE_VERSION=3.81", "help", check=False)
    assert done.returncode == 2 and "use gmake" in done.stdout


def test_a_folder_with_a_space(tmp_path):
    tree = copy_tree(tmp_path / "my peach")
    for part in "kernel/boot/main.c user/echo.c user/lib/gets.c mkfs/build.c " \
            "sched/rr.c kernel/boot/entry.S".split():
        (tree / part).touch()
    done = make("-j2", "run", "CMD=echo fine", cwd=tree)
    assert "fine" in done.stdout and "CC    kernel/boot/main.c" in done.stdout


def test_setup_knows_what_the_container_has():
    """No package that setup would install is missing from the Dockerfile."""
    with open(f"{ROOT}/.devcontainer/Dockerfile", encoding="utf-8") as f:
        has = set(f.read().split())
    with open(f"{ROOT}/tests/run/setup", encoding="utf-8") as f:
        wanted = re.findall(r"^    [\w-]+\) echo ([\w -]+) ;;$", f.read(), re.M)
    assert len(wanted) > 8
    for package in " ".join(wanted).split():
        assert package in has or package == "opensbi", package
