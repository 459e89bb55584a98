// list.h - doubly linked rings, linked through their members.
//
// A ring has a head, which is itself a link; an empty ring's head points to
// itself, and so does a link that is on no ring. So removing a link twice
// does no harm, and asking whether something is on a ring costs a load.

#ifndef KERNEL_LIB_LIST_H
#define KERNEL_LIB_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct link {
  struct link *next;
  struct link *prev;
};

#define RING_INIT(name)                                                        \
  {                                                                            \
    &(name), &(name)                                                           \
  }

// The struct that holds the given link as its member.
#define container_of(l, type, member)                                          \
  ((type *)((char *)(l)-offsetof(type, member)))

// Walk a ring; the body must not take l itself off.
#define ring_each(l, head)                                                     \
  for (struct link *l = (head)->next; l != (head); l = l->next)

static inline void
ring_init(struct link *l)
{
  l->next = l->prev = l;
}

static inline bool
ring_empty(const struct link *head)
{
  return head->next == head;
}

// Is this link on some ring?
static inline bool
ring_on(const struct link *l)
{
  return l->next != l;
}

static inline void
ring_insert(struct link *l, struct link *after)
{
  l->prev = after;
  l->next = after->next;
  after->next->prev = l;
  after->next = l;
}

static inline void
ring_push(struct link *head, struct link *l) // first
{
  ring_insert(l, head);
}

static inline void
ring_append(struct link *head, struct link *l) // last
{
  ring_insert(l, head->prev);
}

static inline void
ring_remove(struct link *l)
{
  l->prev->next = l->next;
  l->next->prev = l->prev;
  ring_init(l);
}

#endif
