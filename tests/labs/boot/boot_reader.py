"""The items of the lab `boot` about the reader of the device tree: trees that
QEMU does not make, read on this machine (probe.c).
"""

import random

from frame import Lost
from boot_trees import (Node, cells, cpu, cpus, device, flat, machine, memory,
                        soc, strings, with_cells)


def dice(g, item):
    return random.Random(f"{item} {g.seed}")


def read(g, tree):
    return g.host("probe", tree.hex(), cpu=2)


def spans(*pairs):
    return " ".join(f"{a:x}+{n:x}" for a, n in pairs)


def accept(g, tree, what, **want):
    """The reader takes the tree, and finds this in it."""
    run = read(g, tree)
    g.expect("", run.told("wrong"), f"{what}: what is wrong with the tree")
    for key, value in want.items():
        key = key.replace("_", "-")
        g.expect(value, run.told(key), f"{what}: {key}")
    run.good()


def refuse(g, tree, what):
    if read(g, tree).told("wrong") == "":
        raise Lost(f"{what}: the tree is refused", "it is accepted")


RAM = (0x80000000, 0x8000000)


def plain(*parts):
    """A machine of 128 MiB and one hart, and these parts."""
    return machine(memory(RAM[0], RAM), cpus(cpu(0, 1)), *parts)


def fdt_header(g):
    args = f"seed={g.seed}"
    tree = plain(Node("chosen", bootargs=strings(args)))
    for first in (False, True):
        for gap in (0, 16, 64):
            data = flat(tree, strings_first=first, gap=gap)
            what = f"strings {'before' if first else 'after'} the nodes, " \
                   f"{gap} bytes between the parts"
            accept(g, data, what, ram=spans(RAM), bootargs=args)
    accept(g, flat(plain()), "no command line", bootargs="")
    for magic in (0xd00dfeee, 0xedfe0dd0, 0):
        refuse(g, flat(plain(), magic=magic), f"magic number {magic:#x}")
    return "the parts are found in any order; a wrong magic number is refused"


def nest(depth):
    """A chain of nodes of that depth, the root included."""
    top = node = machine()
    for i in range(depth - 1):
        child = Node("n" * (1 + i % 9), odd=bytes(i % 5))
        node.add(child)
        node = child
    top.add(memory(RAM[0], RAM))
    return top


def fdt_tokens(g):
    r = dice(g, "tokens")
    for i in range(6):
        odd = [Node(r.choice("abcd") * r.randint(1, 12),
                    Node("deeper", also=bytes(r.randint(0, 9))),
                    odd=bytes(r.randint(0, 9))) for _ in range(3)]
        tree = plain(*odd, soc(device("serial", 0x10000000, 256, "ns16550a")))
        accept(g, flat(tree), f"odd lengths, tree {i}", ram=spans(RAM),
               harts="0:1:1", uart=spans((0x10000000, 256)))
        accept(g, flat(tree, noise=r), f"NOPs, tree {i}", ram=spans(RAM),
               harts="0:1:1", uart=spans((0x10000000, 256)))
    accept(g, flat(nest(16)), "16 nodes deep", ram=spans(RAM))
    refuse(g, flat(nest(17)), "17 nodes deep")
    refuse(g, flat(nest(60)), "60 nodes deep")
    refuse(g, flat(plain(), end=cells(7, 9)), "a token 7")
    refuse(g, flat(plain(), strings_first=True, end=b""), "no end")
    return "12 trees are read to their end; bad ones are refused"


def fdt_cells(g):
    r = dice(g, "cells")
    for address, size in ((1, 1), (2, 1), (1, 2), (2, 2)):
        low = 0x1000 * r.randint(0x80000, 0xfffff)
        start = low + (r.randint(1, 15) << 32) * (address - 1)
        length = 0x1000 * r.randint(1, 99) + \
            (r.randint(1, 7) << 32) * (size - 1)
        node = memory(start, (start, length), address=address, size=size)
        tree = machine(node, cpus(cpu(0, 1)), address=address, size=size)
        what = f"#address-cells {address}, #size-cells {size}"
        accept(g, flat(tree), what, ram=spans((start, length)))
    node = memory(start, (start, 0x7000), size=1)
    accept(g, flat(Node("", node)), "no #address-cells: 2, and 1 for sizes",
           ram=spans((start, 0x7000)))
    inner = with_cells(Node("bank", memory(0x1000, (0x1000, 0x2000), address=1,
                                           size=1)), 1, 1)
    accept(g, flat(machine(inner)), "other cells in a node within",
           ram=spans((0x1000, 0x2000)))
    node = memory(0x1000, (0x1000, 0x2000))
    node.props[1] = ("reg", node.props[1][1] + cells(0, 0x5000, 0))
    accept(g, flat(machine(node)), "a rest of reg that is too short",
           ram=spans((0x1000, 0x2000)))
    return "reg is read with the cells of the node above"


def fdt_memory(g):
    r = dice(g, "memory")
    banks = [((i + 1) << 28, 0x1000 * r.randint(1, 999)) for i in range(5)]
    tree = machine(
        memory(banks[0][0], *banks[:2]),
        memory(0x70000000, (0x70000000, 0x1000), status=strings("disabled")),
        memory(banks[2][0], *banks[2:], status=strings("okay")),
        with_cells(Node(
            "reserved-memory",
            Node("mmode@80000000", reg=cells(0x80000000, 0x80000, size=2)),
            Node("pool", reg=cells(0x20000000, 0x1000, 0x30000000, 0x2000,
                                   size=2))), 2, 2),
        Node("other", Node("reg@5", reg=cells(5, 5, size=2))))
    noted = [(0x9000 * i, 0x1000) for i in range(1, r.randint(3, 6))]
    accept(g, flat(tree, reserve=noted), "three memory nodes",
           ram=spans(*banks),
           reserved=spans(*noted, (0x80000000, 0x80000), (0x20000000, 0x1000),
                          (0x30000000, 0x2000)))
    accept(g, flat(plain()), "nothing reserved", reserved="")
    many = [(0x1000000 * i, 0x1000) for i in range(1, 18)]
    accept(g, flat(plain(), reserve=many[:16]), "16 ranges reserved",
           reserved=spans(*many[:16]))
    too_many(g, flat(plain(), reserve=many), "17 ranges reserved")
    too_many(g, flat(machine(memory(0, *many))), "17 ranges of RAM")
    return "5 ranges of RAM of two nodes; both lists of what is reserved"


def too_many(g, tree, what):
    why = read(g, tree).why
    if "panic" not in why:
        raise Lost(f"{what}: a panic", why or "a tree that is accepted")


def fdt_harts(g):
    r = dice(g, "harts")
    first = r.randint(1, 9)
    nodes = [
        cpu(first, 0x11, isa="rv64imafdc"),
        cpu(first + 1, 0x12, status=strings("disabled")),
        cpu(first + 2, 0x13, status=strings("okay")),
        cpu(first + 5, 0x14, isa="rv64imac_zicsr_sstc_svinval"),
        Node("cpu-map", Node("cluster0", Node("core0", cpu=cells(0x11)))),
        cpu(first + 6, 0x15, isa="rv64imac_sstcx").prop(
            "riscv,isa-extensions", strings("i", "sstc", "m")),
    ]
    speed = r.randint(1, 9) * 1_000_000
    base = memory(RAM[0], RAM)
    accept(g, flat(machine(base, cpus(*nodes, timebase=speed))),
           "4 harts and a disabled one", timebase=str(speed), left_out="0",
           harts=f"{first}:0:17 {first + 2}:1:19 {first + 5}:1:20 "
                 f"{first + 6}:1:21")
    own = cpu(0, 1).prop("timebase-frequency", cells(speed))
    alone = with_cells(Node("cpus", own), 1, 0)
    accept(g, flat(machine(base, alone)), "a timebase in the cpu's node",
           timebase=str(speed))
    for n in (16, 17, 16 + r.randint(2, 9)):
        tree = machine(base, cpus(*(cpu(i, 100 + i) for i in range(n))))
        accept(g, flat(tree), f"{n} harts", left_out=str(max(0, n - 16)),
               harts=" ".join(f"{i}:1:{100 + i}" for i in range(min(n, 16))))
    return "disabled harts are passed over, those above 16 counted"


def fdt_devices(g):
    r = dice(g, "devices")
    at = 0x10000000 + 0x1000 * r.randint(0, 99)
    off = strings("disabled")
    disks = [(at + 0x100000 + 0x1000 * i, r.randint(1, 60)) for i in range(3)]
    tree = plain(soc(
        device("serial", at + 0x9000, 0x100, "ns16550a", irq=9, status=off),
        device("serial", at, 0x100, "acme,uart", "ns16550a", irq=10),
        device("serial", at + 0x3000, 0x100, "ns16550a", irq=11),
        device("plic", 0xc000000, 0x600000, "sifive,plic-1.0.0"),
        device("rtc", 0x101000, 0x1000, "google,goldfish-rtc", irq=12),
        device("test", 0x100000, 0x1000, "sifive,test1", "sifive,test0",
               "syscon"),
        device("virtio_mmio", 0x20000000, 0x1000, "virtio,mmio", irq=1,
               status=off),
        *(device("virtio_mmio", a, 0x1000, "virtio,mmio", irq=i)
          for a, i in disks)))
    accept(g, flat(tree), "a machine with all devices",
           uart=spans((at, 0x100)), uart_irq="10",
           plic=spans((0xc000000, 0x600000)), test=spans((0x100000, 0x1000)),
           virtio=" ".join(f"{a:x}+1000:{i}" for a, i in disks))
    many = [device("virtio_mmio", 0x30000000 + 0x1000 * i, 0x1000,
                   "virtio,mmio", irq=i + 1) for i in range(40)]
    accept(g, flat(plain(soc(*many))), "40 virtio devices, of which 32 count",
           virtio=" ".join(f"{0x30000000 + 0x1000 * i:x}+1000:{i + 1}"
                           for i in range(32)))
    return "uart, plic, test and virtio devices, the disabled ones left out"


def add(lab):
    for name, points, run, what in (
            ("fdt-header", 6, fdt_header,
             "the header says where the parts of the tree are"),
            ("fdt-tokens", 10, fdt_tokens,
             "nodes, properties and NOPs, one after the other"),
            ("fdt-cells", 8, fdt_cells,
             "numbers of one and two cells, in reg"),
            ("fdt-memory", 8, fdt_memory,
             "all of RAM, and all that is reserved"),
            ("fdt-harts", 8, fdt_harts,
             "the harts, which of them count, what they can"),
            ("fdt-devices", 8, fdt_devices,
             "the devices, by what they are compatible with")):
        lab.item(name, points, what)(run)
