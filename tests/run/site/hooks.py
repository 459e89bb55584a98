"""Hooks of MkDocs: the order of pages is that of docs/README.md, and scripts
that the theme names but Debian's package has not are seen to.

A `##` heading of the index is a part of the book; each item of a list below it
that begins with a link is a page, under the link's words.
"""

import glob
import os
import re

ITEM = re.compile(r"^(?:\d+\.|-) +\[([^\]]+)\]\(([\w./-]+\.md)\)", re.M)
SCRIPT = re.compile(r'<script src="([^":]*js/)([^"/]+)"[^>]*></script>\n?')


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


def mend(html, config):
    """Debian 12 has jQuery under the name of an older version, and not the
    theme's small script for tables."""
    def one(m):
        folders = [os.path.join(d, "js") for d in config["theme"].dirs]
        if any(os.path.exists(os.path.join(d, m[2])) for d in folders):
            return m[0]
        for d in folders:
            for there in glob.glob(os.path.join(d, "jquery-*.min.js")):
                if m[2].startswith("jquery-"):
                    return m[0].replace(m[2], os.path.basename(there))
        return ""
    return SCRIPT.sub(one, html)


def on_post_page(output, config, **_):
    return mend(output, config)


def on_post_template(output_content, config, **_):
    return mend(output_content, config)
