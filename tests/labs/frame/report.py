"""What a grading shows: lines for a reader, JSON for Gradescope, JUnit XML."""

import json
import re
import xml.etree.ElementTree as xml

LONG = 300  # characters of a value that are shown without -v


def short(words, all_of_it):
    words = re.sub(r"\s+", " ", str(words)).strip()
    if all_of_it or len(words) <= LONG:
        return words
    return words[:LONG] + "..."


def line(result, verbose):
    item = result.item
    head = f"{result.points:3d} of {item.points:3d}  {item.name:20} {item.what}"
    if result.full:
        return head + (f"\n            {short(result.got, True)}"
                       if verbose and result.got else "")
    return (f"{head}\n            expected {short(result.expected, verbose)}"
            f"\n            got {short(result.got, verbose)}")


def total(results):
    return (sum(r.points for r in results),
            sum(r.item.points for r in results))


def clean(words):
    """Without what XML cannot hold."""
    return re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd]", "?", words)


def details(result):
    if result.full:
        return result.got
    return f"expected {result.expected}\ngot {result.got}"


def write_json(path, results):
    """Gradescope's results.json."""
    tests = [{
        "name": f"{r.item.name}: {r.item.what}",
        "score": r.points, "max_score": r.item.points,
        "status": "passed" if r.full else "failed",
        "output": details(r),
        "visibility": "after_published" if r.item.hidden else "visible",
    } for r in results]
    with open(path, "w") as f:
        json.dump({"score": total(results)[0], "tests": tests}, f, indent=1)
        f.write("\n")


def write_junit(path, lab, results):
    suite = xml.Element("testsuite", name=lab.name, tests=str(len(results)),
                        failures=str(sum(not r.full for r in results)))
    for r in results:
        case = xml.SubElement(suite, "testcase", classname=lab.name,
                              name=r.item.name)
        if not r.full:
            xml.SubElement(case, "failure", message=clean(
                short(details(r), False))).text = clean(details(r))
    xml.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)
