"""Made-up kernel stacks, and the code of the functions on them: what the probe
of the lab `trap` has a backtrace of.

Encodings: The RISC-V Instruction Set Manual, Volume I, chapters 2 and 16.
"""

KERNEL_RETURN = 4096  # offset in the text, as in probe.c
TEXT = 8192
STACK = 16384
FRAME = 272  # bytes of a trap frame; in it:
FRAME_RA, FRAME_SP, FRAME_PC = 0, 8, 248


def half(x):
    return x.to_bytes(2, "little")


def word(x):
    return x.to_bytes(4, "little")


def addi_sp(n):
    """sp += n, in four bytes."""
    return word((n & 0xfff) << 20 | 2 << 15 | 2 << 7 | 0x13)


def short_addi_sp(n):
    """The same in two, where that can be said."""
    if -32 <= n < 0:
        return half(0x0101 | (n >> 5 & 1) << 12 | (n & 31) << 2)
    return half(0x6101 | (n >> 9 & 1) << 12 | (n >> 4 & 1) << 6 |
                (n >> 6 & 1) << 5 | (n >> 7 & 3) << 3 | (n >> 5 & 1) << 2)


def sd(reg, at):
    return word((at >> 5 & 127) << 25 | reg << 20 | 2 << 15 | 3 << 12 |
                (at & 31) << 7 | 0x23)


def short_sd(reg, at):
    return half(0xe002 | reg << 2 | (at >> 3 & 7) << 10 | (at >> 6 & 7) << 7)


RA, S0, S1 = 1, 8, 9
FILL = [half(0x0001), word(0x00150513), half(0x4501), word(0x02b50533),
        half(0x842a)]  # c.nop; addi a0,a0,1; c.li; mul; c.mv s0,a0
CALL = word(0x0ef)  # jal ra, .


class Function:
    """Code that lowers sp by `size` and saves ra at `at` (None: it does not).
    `calls`: offsets just behind the calls that it makes; `marks`: how large
    its frame is, and is ra saved, up to each offset."""

    def __init__(self, r, size, saves=True, room=None):
        self.size = size
        self.at = size - 8 if saves else None
        self.code, self.marks = b"", [(0, 0, False)]
        self.fill(r, 2)
        if size:
            short = r.random() < 0.5 and size <= 512
            self.put((short_addi_sp if short else addi_sp)(-size), size, False)
        if saves:
            for reg in r.sample([S0, S1], r.randint(0, 2)):
                self.put(self.store(r, reg, size - 24), size, False)
            self.fill(r, 2)
            self.put(self.store(r, RA, self.at), size, True)
        self.fill(r, 4)
        self.calls = []
        for _ in range(2):
            self.code += CALL
            self.calls.append(len(self.code))
            self.fill(r, 3)

    @staticmethod
    def store(r, reg, at):
        return short_sd(reg, at) if at < 512 and r.random() < 0.5 else \
            sd(reg, at)

    def put(self, code, size, saved):
        self.code += code
        self.marks.append((len(self.code), size, saved))

    def fill(self, r, most):
        for _ in range(r.randint(0, most)):
            self.code += r.choice(FILL)

    def state(self, offset):
        """(bytes that sp was lowered by, is ra saved?) before that offset."""
        return [m[1:] for m in self.marks if m[0] <= offset][-1]


def frame_size(r):
    return 16 * r.choice([1, 2, 3, 4, 7, 12, 31, 32, 40, 100])


class Scene:
    """A stack, and what a backtrace of it should say."""

    def __init__(self, what):
        self.what, self.want = what, []
        self.functions = []  # (name, offset, Function)
        self.words = {}      # offset below the stack's top: value
        self.next, self.low = 16, 64
        self.pc = self.sp = self.ra = "n0"

    def add(self, f):
        """Put a function into the text; its offset."""
        at = self.next
        self.functions.append((f"f{len(self.functions)}", at, f))
        self.next += (len(f.code) + 3) // 2 * 2
        assert self.next < KERNEL_RETURN
        return at

    def name(self, at, offset):
        return next(n for n, a, _ in self.functions if a == at) + \
            f"+{offset:#x}"

    def push(self, f, returns):
        """Its frame below what is there; `returns`: what it saves as ra."""
        self.low += f.size
        if f.at is not None:
            self.words[self.low - f.at] = returns

    def arguments(self):
        code = bytearray(TEXT)
        for _, at, f in self.functions:
            code[at:at + len(f.code)] = f.code
        names = [(at, n) for n, at, _ in self.functions]
        names.append((KERNEL_RETURN - 16, "vector"))
        return [code[:KERNEL_RETURN].hex(),
                ",".join(f"{n}@{a}" for a, n in sorted(names)),
                ",".join(f"{o}={v}" for o, v in self.words.items()) or "0=n0",
                self.pc, self.sp, self.ra]


def chain(r, scene, n, returns="n0"):
    """n functions, the outermost first. What the last one's callee gets as ra,
    and what a backtrace says of them, the innermost first."""
    said = []
    for _ in range(n):
        f = Function(r, frame_size(r))
        at = scene.add(f)
        scene.push(f, returns)
        offset = r.choice(f.calls)
        returns = f"t{at + offset}"
        said.insert(0, scene.name(at, offset))
    return returns, said


def calls(r, n):
    """The innermost, too, has called somebody: the function panic()."""
    scene = Scene(f"{n} functions")
    scene.pc, scene.want = chain(r, scene, n)
    scene.sp = f"s{scene.low}"
    return scene


INNER = ["its first instruction", "sp lowered, ra not saved",
         "a leaf with a frame", "a leaf without one"]


def inner(r, how):
    scene = Scene(how)
    returns, said = chain(r, scene, 2)
    leaf = "leaf" in how
    size = 0 if how == INNER[3] else frame_size(r)
    f = Function(r, size, saves=not leaf)
    at = scene.add(f)
    if how == INNER[0]:
        offset = 0
    elif how == INNER[1]:
        offset = f.marks[1][0]
    else:
        offset = f.calls[0]
    scene.low += f.state(offset)[0]
    scene.pc, scene.sp, scene.ra = f"t{at + offset}", f"s{scene.low}", returns
    scene.want = [scene.name(at, offset), *said]
    return scene


def trapped(r, traps):
    """Traps in the kernel, one in the work of the other."""
    scene = Scene(f"{traps} traps in the kernel")
    returns, said = chain(r, scene, 3)
    for _ in range(traps):
        f = Function(r, frame_size(r))  # that was interrupted
        at = scene.add(f)
        offset = r.choice([0, *(m[0] for m in f.marks), *f.calls])
        size, saved = f.state(offset)
        scene.low += size
        if saved:
            scene.words[scene.low - f.at] = returns
        interrupted = scene.low
        scene.low += FRAME
        scene.words[scene.low - FRAME_SP] = f"s{interrupted}"
        scene.words[scene.low - FRAME_PC] = f"t{at + offset}"
        scene.words[scene.low - FRAME_RA] = "n1" if saved else returns
        said = ["trap", scene.name(at, offset), *said]
        returns, more = chain(r, scene, 2, f"t{KERNEL_RETURN}")
        said = more + said
    scene.pc, scene.sp, scene.want = returns, f"s{scene.low}", said
    return scene


UNSOUND = ["a return address outside the kernel", "sp is not aligned",
           "sp is in the guard", "a frame that ends above the stack",
           "a function that returns to itself for ever"]


def unsound(r, how):
    scene = Scene(how)
    if how == UNSOUND[0]:
        scene.pc, scene.want = chain(r, scene, 2, "n1193046")
    elif how == UNSOUND[4]:
        f = Function(r, 0, saves=False)
        f.code = sd(RA, 0) + f.code
        f.calls = [c + 4 for c in f.calls]
        at = scene.add(f)
        scene.words[scene.low] = scene.pc = f"t{at + f.calls[0]}"
        scene.want = [scene.name(at, f.calls[0])] * 32
    else:
        scene.pc, scene.want = chain(r, scene, 3)
        scene.want = scene.want[:1]
    scene.sp = {UNSOUND[1]: f"s{scene.low - 4}",
                UNSOUND[2]: f"s{STACK + 64}",
                UNSOUND[3]: "s8"}.get(how, f"s{scene.low}")
    return scene
