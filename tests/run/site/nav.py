"""A hook of MkDocs: the order of pages is that of docs/README.md.

A `##` heading there is a part of the book; each item of a list below it that
begins with a link is a page, under the link's words.
"""

import os
import re

ITEM = re.compile(r"^(?:\d+\.|-) +\[([^\]]+)\]\(([\w./-]+\.md)\)", re.M)


def parts(text):
    """[(heading, [(title, file)])] of the index."""
    pieces = re.split(r"^## +(.*)$", text, flags=re.M)
    return [(heading, ITEM.findall(body))
            for heading, body in zip(pieces[1::2], pieces[2::2])]


def on_config(config, **_):
    with open(os.path.join(config["docs_dir"], "README.md"),
              encoding="utf-8") as f:
        found = parts(f.read())
    config["nav"] = [{"Contents": "README.md"}] + [
        {heading: [{title: path} for title, path in items]}
        for heading, items in found if items]
    return config
