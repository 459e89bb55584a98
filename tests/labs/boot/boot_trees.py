"""Flattened device trees, made from a description: what the probe of the lab
`boot` reads. Format: Devicetree Specification 0.4, chapter 5.
"""

import struct

BEGIN, END, PROP, NOP, DONE = 1, 2, 3, 4, 9


def spelt(key):
    """A property's name: riscv__isa is riscv,isa and reg_shift reg-shift."""
    if key == "device_type":
        return key
    return key.replace("__", ",").replace("_", "-")


class Node:
    """A node: its name, properties (in order) and children."""

    def __init__(self, name, *children, **props):
        self.name = name
        self.props = [(spelt(key), value) for key, value in props.items()]
        self.children = list(children)

    def prop(self, name, value):
        """Add a property by its exact name; return self."""
        self.props.append((name, value))
        return self

    def add(self, *children):
        self.children.extend(children)
        return self


def cells(*numbers, size=1):
    """Numbers of `size` cells each."""
    return b"".join(n.to_bytes(4 * size, "big") for n in numbers)


def strings(*texts):
    return b"".join(t.encode() + b"\0" for t in texts)


def with_cells(node, address, size):
    return node.prop("#address-cells", cells(address)).prop(
        "#size-cells", cells(size))


def padded(data, to=4):
    return data + bytes(-len(data) % to)


class Writer:
    def __init__(self, noise):
        self.noise = noise          # a Random that strews NOPs, or None
        self.names = b""
        self.offset = {}
        self.out = b""

    def token(self, number, *words):
        if self.noise and number != DONE:
            self.out += cells(NOP) * self.noise.choice([0, 0, 1, 3])
        self.out += cells(number, *words)

    def name_at(self, name):
        if name not in self.offset:
            self.offset[name] = len(self.names)
            self.names += strings(name)
        return self.offset[name]

    def node(self, node):
        self.token(BEGIN)
        self.out += padded(strings(node.name))
        for name, value in node.props:
            self.token(PROP, len(value), self.name_at(name))
            self.out += padded(value)
        for child in node.children:
            self.node(child)
        self.token(END)


def flat(root, reserve=(), noise=None, strings_first=False, gap=0,
         end=cells(DONE), magic=0xd00dfeed):
    """The tree as bytes. reserve: (start, size) of the header's list; gap:
    bytes between the blocks; end: what stands after the last node."""
    w = Writer(noise)
    w.node(root)
    w.out += end
    spans = b"".join(cells(a, n, size=2) for a, n in reserve) + bytes(16)
    blocks = [("reserve", spans), ("struct", w.out), ("strings", w.names)]
    if strings_first:
        blocks = [blocks[2], blocks[0], blocks[1]]
    at, body = {}, b""
    for name, data in blocks:
        body = padded(body, 8) + b"\xa5" * gap
        at[name] = 40 + len(body)
        body += data
    if not strings_first:
        body = padded(body, 8)
    head = struct.pack(">10I", magic, 40 + len(body), at["struct"],
                       at["strings"], at["reserve"], 17, 16, 0, len(w.names),
                       len(w.out))
    return head + body


# ---- a machine's parts ------------------------------------------------------

def memory(at, *spans, address=2, size=2, **props):
    """spans: (start, size)."""
    reg = b"".join(cells(a, size=address) + cells(n, size=size)
                   for a, n in spans)
    return Node(f"memory@{at:x}", device_type=strings("memory"), reg=reg,
                **props)


def cpu(ident, phandle, isa="rv64imafdc_zicsr_sstc", **props):
    intc = Node("interrupt-controller", phandle=cells(phandle),
                compatible=strings("riscv,cpu-intc"))
    return Node(f"cpu@{ident:x}", intc, device_type=strings("cpu"),
                reg=cells(ident), riscv__isa=strings(isa), **props)


def cpus(*nodes, timebase=10_000_000):
    return with_cells(Node("cpus", *nodes), 1, 0).prop(
        "timebase-frequency", cells(timebase))


def device(name, at, length, *compatible, irq=None, **props):
    node = Node(f"{name}@{at:x}", compatible=strings(*compatible),
                reg=cells(at, length, size=2), **props)
    return node if irq is None else node.prop("interrupts", cells(irq))


def soc(*devices):
    return with_cells(Node("soc", *devices, compatible=strings("simple-bus")),
                      2, 2)


def machine(*parts, address=2, size=2):
    """A root with these children."""
    return with_cells(Node("", *parts), address, size)
