"""What is taken of a submission: the files that the lab names, and no others.

A submission is a folder or a tar file.  Links, folders in the place of files,
and what is too large are refused; nothing of it is ever run from where it
lies.
"""

import os
import re
import stat
import tarfile

from frame.lab import Wrong

MOST = 256 * 1024  # bytes of one file
MOST_MEMBERS = 10000  # of a tar file


class Refused(Exception):
    """The submission is not taken, and why."""


def from_folder(folder, path):
    """The bytes of a file, or None if it is not there."""
    at = folder
    for part in path.split("/"):
        at = os.path.join(at, part)
        try:
            mode = os.lstat(at).st_mode
        except OSError:
            return None
        if stat.S_ISLNK(mode):
            raise Refused(f"{path}: is a link, or lies behind one")
    if not stat.S_ISREG(mode):
        raise Refused(f"{path}: is not a file")
    if os.path.getsize(at) > MOST:
        raise Refused(f"{path}: larger than {MOST} bytes")
    with open(at, "rb") as f:
        return f.read(MOST)


def from_tar(tar, wanted):
    """{path: bytes} of the wanted members."""
    taken = {}
    for n, member in enumerate(tar):
        name = member.name[2:] if member.name.startswith("./") else member.name
        if n >= MOST_MEMBERS:
            raise Refused(f"more than {MOST_MEMBERS} members")
        if name not in wanted:
            continue
        if not member.isreg():
            raise Refused(f"{name}: is not a file")
        if member.size > MOST:
            raise Refused(f"{name}: larger than {MOST} bytes")
        if name in taken:
            raise Refused(f"{name}: is there twice")
        taken[name] = tar.extractfile(member).read(MOST)
    return taken


def check_includes(path, data):
    """A file may include what lies in the tree only: by a plain name."""
    words = data.decode(errors="replace").replace("\\\n", "")
    for line in words.splitlines():
        if re.search(r"\.\s*incbin|#\s*embed", line):
            raise Refused(f"{path}: takes in a file that is no source: {line}")
        m = re.match(r"\s*(?:#|%:|\?\?=)\s*include(?:_next)?\b\s*(.*)", line)
        if m and not re.match(r'["<](?!/)(?!.*\.\.)[^">]*[">]', m[1]):
            raise Refused(f"{path}: an include must name a file of the tree: "
                          f"{line.strip()}")
    return data


def take(lab, source):
    """{path: bytes} of the files handed in; those missing are left out."""
    if os.path.isdir(source):
        got = {p: from_folder(source, p) for p in lab.files}
        got = {p: d for p, d in got.items() if d is not None}
    elif os.path.isfile(source):
        try:
            with tarfile.open(source) as tar:
                got = from_tar(tar, set(lab.files))
        except (tarfile.TarError, EOFError, OSError) as e:
            raise Refused(f"not a tar file: {e}") from e
    else:
        raise Wrong(f"FROM={source}: no such folder or tar file")
    if not got:
        raise Wrong(f"FROM={source}: holds none of this lab's files: "
                    f"{' '.join(lab.files)}")
    for path, data in got.items():
        check_includes(path, data)
    return got
