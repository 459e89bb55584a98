"""memory: copy-on-write and a lazy heap."""

from frame import Lab, Lost, body, lines

FAULT, SPACE, DOC = "kernel/mm/fault.c", "kernel/mm/space.c", "docs/memory.md"

EAGER = """\
  size_t present = 0, owned = 0;

  // Part 3: share what the parent owns, instead of a copy of each page.
  for (uint64_t *end = pe + n; pe < end; pe++, ce++) {
    uint64_t pte = *pe;
    void *page;

    if (pte == 0)
      continue;
    if (pte & PTE_OWNED) {
      page = page_alloc();
      CHECK(page != 0); // space_fork has reserved it
      page_copy(page, pte_page(pte));
      pte = pte_make(page, pte & 0x3ff);
      owned++;
    } else {
      page_map(pte_page(pte)); // text and constants: nobody writes there
    }
    present++;
    *ce = pte;
  }
  to->present += present;
  to->owned += owned;
"""

FORK = """\
  struct space *to = space_new();
  size_t promised = s->owned;

  if (to == 0)
    return 0;
  to->stale = to->stale_text = s->stale_text;
  if (mm_reserve(promised) < 0) {
    space_free(to);
    return 0;
  }
  for (int i = 0; i < s->nregion; i++) {
    struct region *r = &s->region[i];

    to->region[to->nregion++] = *r;
    if (!share_range(to, s, r->start, ROUND_UP(r->end, PGSIZE))) {
      mm_unreserve(promised - to->owned);
      space_free(to);
      return 0;
    }
  }
  return to;
"""

lab = Lab(
    title="Copy-on-write and a lazy heap",
    files=[FAULT, SPACE],
    kernels=[dict(sched="rr")],
    cuts=[
        body(SPACE, "share_entries", EAGER),
        body(SPACE, "space_fork", FORK),
        lines(DOC, r"^A page fault \(`kernel", r"^program\.$",
              "A page fault (`kernel/mm/fault.c:/^space_fault/`) is your"
              " part.\n"),
        lines(DOC, r"^The child gets the parent's regions", r"^proportion to",
              "The child gets the parent's regions. What becomes of the pages"
              " is your part\n(`kernel/mm/space.c:/^share_entries/`). Done"
              " well, the work is in proportion to the\npages that are"
              " there:\n"),
    ],
)


@lab.term
def term(r):
    pages = 8 * r.randint(20, 44)
    return {
        "pages": pages,
        "writes": r.randint(pages // 8, pages // 2),
        "forks": r.randint(20, 50),
    }


def boot(g):
    t = g.term
    return g.boot(f"lab_memory {t['pages']} {t['writes']} {t['forks']}",
                  sched="rr", mem="64M", disk=True, cpu=120)


def ok(g, case):
    g.expect("ok", boot(g).told(case))


def shared(g):
    """Without sharing, that nobody sees another's writes is no news."""
    used = int(boot(g).told("fork-pages"))
    if used > g.term["pages"] // 8:
        raise Lost(f"a fork with {g.term['pages']} pages of heap that uses"
                   f" {g.term['pages'] // 8} pages or fewer", used)
    return used


@lab.item("fork-shares", 10, "a fork takes next to no memory")
def fork_shares(g):
    used = shared(g)
    ok(g, "shares")
    return f"{used} pages a fork"


@lab.item("child-writes", 8, "what a child writes is its own, a page each")
def child_writes(g):
    ok(g, "child-writes")
    copies, writes = int(boot(g).told("child-copies")), g.term["writes"]
    g.expect(writes, copies, f"pages used by writes to {writes}")


@lab.item("parent-writes", 10, "what a parent writes is its own, at once")
def parent_writes(g):
    shared(g)
    ok(g, "parent-writes")


@lab.item("last-sharer", 10, "the last who has a page writes in place")
def last_sharer(g):
    ok(g, "last-sharer")


@lab.item("kernel-writes", 10, "the kernel's writes for a program: the same")
def kernel_writes(g):
    shared(g)
    ok(g, "kernel-writes")


@lab.item("protect", 6, "a fault where nothing may be ends the program")
def protect(g):
    ok(g, "protect")


@lab.item("one-fault", 6, "a page faults once, and not to be read")
def one_fault(g):
    ok(g, "one-fault")


@lab.item("lazy", 10, "lazy memory costs what is touched, and is zero")
def lazy(g):
    ok(g, "lazy")


@lab.item("kernel-touches", 6, "the kernel may be the first to touch it")
def kernel_touches(g):
    ok(g, "kernel-touches")


@lab.item("promised", 8, "sbrk promises what there is, and it is there")
def promised(g):
    ok(g, "promised")


@lab.item("sbrk-down", 8, "what is given back is free, and gone")
def sbrk_down(g):
    ok(g, "sbrk-down")


@lab.item("no-leak", 4, "many forks lose no page and no promise")
def no_leak(g):
    shared(g)
    ok(g, "no-leak")


@lab.item("no-memory", 4, "out of memory: one dies, or a fork fails cleanly")
def no_memory(g):
    ok(g, "no-memory")
