// arena.c - memory that lives as long as a line of commands: taken piece by
// piece, dropped all at once.

#include "user/sh/sh.h"

#define BLOCK 4000

struct block {
  struct block *next;
  uint used, size;
  char data[] __attribute__((aligned(16)));
};

static struct block *blocks;    // newest first

void
no_memory(void)
{
  warn("sh", "out of memory");
  exit(1);
}

static void
add_block(uint size)
{
  struct block *b = malloc(sizeof(*b) + size);

  if (b == 0)
    no_memory();
  b->next = blocks;
  b->used = 0;
  b->size = size;
  blocks = b;
}

void *
arena_alloc(uint n)
{
  void *p;

  n = (n + 15) & ~15u;
  if (blocks == 0 || blocks->size - blocks->used < n)
    add_block(n > BLOCK ? n : BLOCK);
  p = blocks->data + blocks->used;
  blocks->used += n;
  return memset(p, 0, n);
}

char *
arena_text(const char *text, uint len)
{
  return memcpy(arena_alloc(len + 1), text, len);
}

// The oldest block is kept for the next line.
void
arena_reset(void)
{
  while (blocks && blocks->next) {
    struct block *b = blocks;

    blocks = b->next;
    free(b);
  }
  if (blocks)
    blocks->used = 0;
}
