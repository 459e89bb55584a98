"""boot: from OpenSBI to the prompt."""

import os
import runpy
import sys

from frame import Lab, Lost, body

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import boot_reader  # noqa: E402  (lies beside this file)

# The calls of which a term has one: what it returns for a process.
CALLS = {
    "children": "how many children of process `pid` have not ended",
    "depth": "how many steps it is from process `pid` up to `init`, from "
             "child to\nparent: 0 for `init` itself",
    "age": "for how many milliseconds process `pid` has been there, rounded "
           "down",
}
FDT = "kernel/boot/fdt.c"
MAP = "kernel/boot/memmap.c"

lab = Lab(
    title="From OpenSBI to the prompt",
    files=[FDT, MAP, "kernel/syscall.h", "kernel/trap/syscall.c",
           "kernel/proc/mine.c", "kernel/proc/mine.h",
           "user/lib/syscalls.S", "user/mine.h", "user/ask.c",
           "user/memmap.c"],
    host={"probe": []},
    parts={FDT: "panic strlen strcmp strncmp"},
    kernels=[dict(sched="rr")],
    cuts=[
        body(FDT, "cells", """\
  // Your part (step 2).
  return 0;
"""),
        body(FDT, "reg_at", """\
  // Your part (step 2): true, and *out is the span, if there is an i-th one.
  return false;
"""),
        body(FDT, "lists", """\
  // Your part (step 2).
  return false;
"""),
        body(FDT, "add_spans", """\
  // Your part (step 4): for all spans of reg. More than MAXRANGES are a panic.
"""),
        body(FDT, "add_cpu", """\
  // Your part (step 4): fill machine.cpu[] and count it in machine.ncpu; one
  // too many is counted in machine.ncpu_left_out. Its reg is one number, its
  // id; sstc may stand in riscv,isa or in riscv,isa-extensions. A cpu may have
  // a timebase, too. Returns its index, or -1 if this kernel does not use it:
  // it is not enabled, or one too many.
  (void)isa_has;
  return -1;
"""),
        body(FDT, "add_virtio", """\
  // Your part (step 4).
  (void)first_cell;
"""),
        body(FDT, "add_device", """\
  if (lists(n->compatible, "riscv,plic0") ||
      lists(n->compatible, "sifive,plic-1.0.0"))
    add_plic(n, parent);
  // Your part (step 4): ns16550a, of which the first counts; virtio,mmio;
  // sifive,test0.
  (void)add_virtio;
"""),
        body(FDT, "walk", """\
  static struct node stack[MAXDEPTH];

  // Your part (step 3): go from token to token until FDT_DONE. At the
  // beginning of a node call open_child(), at its end finish() with it and its
  // parent (the root has none, and nothing to finish); give each property to
  // set_prop().
  (void)stack, (void)open_child, (void)set_prop, (void)finish;
  return "walk() of kernel/boot/fdt.c is not written yet";
"""),
        body(FDT, "read_reservations", """\
  // Your part (step 3). More than MAXRANGES are a panic.
"""),
        body(FDT, "fdt_read", """\
  machine.bootargs = "";
  // Your part (step 3): look at the header, and read both lists.
  (void)read_reservations;
  return walk(tree, tree, tree);
"""),
        body(MAP, "add", """\
  // Your part (step 6): keep regions[] in the order of before(). What has the
  // size 0 is not there. kernel/lib/string.h has what copies a string.
  (void)before, (void)regions;
"""),
        body(MAP, "memmap_init", """\
  // Your part (step 6): RAM, what the tree reserves, the kernel, the tree, the
  // disk image, and the devices, each under the name that the page gives.
  (void)add_device;
"""),
        body(MAP, "sys_memmap", """\
  // Your part (step 6).
  (void)nregion;
  return -1;
"""),
        body("user/memmap.c", "main", """\
  // Your part (step 6).
  (void)show;
  return 1;
"""),
    ],
)


@lab.term
def term(r):
    call = r.choice(sorted(CALLS))
    return {"call": call, "number": r.randint(60, 99), "does": CALLS[call],
            "cpus": r.choice([2, 3, 4]), "mem": r.choice([72, 96, 160, 192])}


@lab.reference
def reference(folder, values):
    fit = runpy.run_path(f"{lab.folder}/answer/fit.py")["fit"]
    fit(folder, values["call"], values["number"])


boot_reader.add(lab)


# ---- the guest --------------------------------------------------------------

def det(g):
    """One hart, the disk's image in memory."""
    return g.boot("lab_map", cpu=15)


def many(g):
    """As many harts and as much memory as the term says."""
    return g.boot("lab_map", det=False, cpus=g.term["cpus"],
                  mem=f"{g.term['mem']}M", cpu=15)


def call(g):
    name, number = g.term["call"], g.term["number"]
    return g.boot(f"lab_call {name} {number}", disk=True, cpu=15)


@lab.item("boots", 8, "the kernel comes up on other machines, too")
def boots(g):
    want = g.term["mem"] << 20
    for run, harts, ram in ((call(g), 1, 128 << 20),
                            (many(g), g.term["cpus"], want)):
        g.expect(harts, int(run.told("harts")), "harts")
        managed = int(run.told("memory"))
        if not ram - (16 << 20) < managed < ram:
            raise Lost(f"{ram >> 20} MiB of RAM, of which all but 16 are free",
                       f"{managed >> 20} MiB")
    return f"{g.term['cpus']} harts and {g.term['mem']} MiB"


KINDS = ["RAM", "reserved", "kernel", "tree", "disk", "device"]


def regions(run):
    """[(start, size, kind, irq, name)] as the call gave them."""
    rows = []
    for line in run.all("region"):
        start, size, kind, irq, name = line.split(" ", 4)
        rows.append((int(start, 16), int(size, 16), KINDS[int(kind)], int(irq),
                     name))
    return rows


def only(rows, *kinds):
    return sorted(row for row in rows if row[2] in kinds)


def shown(rows):
    return "; ".join(f"{a:#x} {n:#x} {k} {i} {name}"
                     for a, n, k, i, name in rows) or "no region"


def kernel_size(g):
    """Bytes from text_start to image_end, as the linker said."""
    with open(f"{g.tree}/build/rr-shared-hz10/nm1") as f:
        at = {w[2]: int(w[0], 16) for w in map(str.split, f) if len(w) == 3}
    return at["image_end"] - at["text_start"]


@lab.item("map-ram", 8, "memmap: RAM, and what lies in it")
def map_ram(g):
    for run, mib in ((det(g), 128), (many(g), g.term["mem"])):
        rows = regions(run)
        size = kernel_size(g)
        g.expect(shown([(0x80000000, mib << 20, "RAM", 0, "RAM")]),
                 shown(only(rows, "RAM")), "RAM")
        g.expect(shown([(0x80200000, size, "kernel", 0, "kernel")]),
                 shown(only(rows, "kernel")), "the kernel")
        firmware = only(rows, "reserved")
        g.expect((0x80000000, 0, "reserved"),
                 (firmware[0][0], firmware[0][3], firmware[0][4])
                 if firmware else None, "the firmware")
        tree = only(rows, "tree")
        g.expect(1, len(tree), "device trees")
        a, n, _, _, name = tree[0]
        g.expect("device tree", name, "the tree's name")
        if not 0x80200000 + size <= a < a + n <= 0x80000000 + (mib << 20) or \
                not 1000 < n <= 1 << 21:
            raise Lost("the tree in RAM", shown(tree))
    return shown(only(rows, "RAM", "kernel", "tree", "reserved"))


@lab.item("map-devices", 6, "memmap: the disk image, and the devices")
def map_devices(g):
    want = [(0x100000, 0x1000, "device", 0, "test"),
            (0xc000000, 0x600000, "device", 0, "plic"),
            (0x10000000, 0x100, "device", 10, "uart"),
            *((0x10000000 + 0x1000 * i, 0x1000, "device", i, "virtio")
              for i in range(1, 9))]
    for run in (det(g), many(g)):
        g.expect(shown(want), shown(only(regions(run), "device")), "devices")
    disk = only(regions(det(g)), "disk")
    g.expect(["disk image"], [d[4] for d in disk], "with DET=1, in memory")
    size = os.path.getsize(f"{g.tree}/build/user/fs.img")
    if not size <= disk[0][1] < size + (1 << 20):  # it has a file more
        raise Lost(f"the disk image: {size} bytes and a few", shown(disk))
    g.expect([], only(regions(many(g)), "disk"), "the disk image, without")
    return f"{len(want)} devices, and the image"


@lab.item("map-call", 5, "memmap: order, and what the call refuses")
def map_call(g):
    run = det(g)
    rows = [(a, -n) for a, n, _, _, _ in regions(run)]
    if not rows or rows != sorted(rows):
        raise Lost("regions by address, of two at one address the larger first",
                   shown(regions(run)))
    g.expect(len(rows), int(run.told("count")), "memmap(0, 0)")
    for name in ("part", "bad"):
        g.expect("ok", run.told(name), name)
    return f"{len(rows)} regions in order; bad arguments are refused"


@lab.item("map-program", 5, "the program memmap shows them all")
def map_program(g):
    run = det(g)
    want = [f"{a:x} {a + n:x} {n // 1024} {name}"
            + (f", interrupt {irq}" if irq else "")
            for a, n, _, irq, name in regions(run)]
    got = [" ".join(line.split()) for line in run.all("line")]
    g.expect("START END KiB WHAT", got[0] if got else "no line", "the title")
    for i, line in enumerate(want):
        g.expect(line, got[1 + i] if i + 1 < len(got) else "no more lines",
                 f"line {i + 2}")
    g.expect(len(want) + 1, len(got), "lines")
    g.expect("0", run.told("program-status"), "its status")
    return f"{len(got)} lines"


# ---- the call of the term ---------------------------------------------------

@lab.item("call-kernel", 10, "your system call, by its number")
def call_kernel(g):
    run = call(g)
    for case in ("own", "others", "nobody", "later"):
        g.expect("ok", run.told(case), case)
    return f"number {g.term['number']}: {g.term['call']}"


@lab.item("call-stub", 4, "your system call, by its name, from C")
def call_stub(g):
    g.expect("ok", call(g).told("stub"), g.term["call"])


@lab.item("call-program", 6, "the program ask, which prints what it returns")
def call_program(g):
    run = call(g)
    for case in ("ask-own", "ask-one", "ask-nobody", "ask-wrong"):
        g.expect("ok", run.told(case), case)
    run.good()
    return "ask, ask PID, and ask of who is not there"
