// queue.h - a list of tasks, first in first out, linked through the tasks.
// Every operation takes constant time; only the two that look for a task
// that may run on a given hart pass over those before it that may not.

#ifndef SCHED_QUEUE_H
#define SCHED_QUEUE_H

#include "sched/sched.h"

struct queue {
  struct task *head;
  struct task *tail;
};

static inline void
queue_put(struct queue *q, struct task *t) // at the tail
{
  t->next = 0;
  t->prev = q->tail;
  if (q->tail)
    q->tail->next = t;
  else
    q->head = t;
  q->tail = t;
}

static inline void
queue_push(struct queue *q, struct task *t) // at the head
{
  t->prev = 0;
  t->next = q->head;
  if (q->head)
    q->head->prev = t;
  else
    q->tail = t;
  q->head = t;
}

static inline void
queue_insert(struct queue *q, struct task *t, struct task *next) // before next
{
  if (next == 0) {
    queue_put(q, t);
  } else if (next == q->head) {
    queue_push(q, t);
  } else {
    t->next = next;
    t->prev = next->prev;
    next->prev->next = t;
    next->prev = t;
  }
}

static inline void
queue_remove(struct queue *q, struct task *t)
{
  if (t->prev)
    t->prev->next = t->next;
  else
    q->head = t->next;
  if (t->next)
    t->next->prev = t->prev;
  else
    q->tail = t->prev;
  t->next = t->prev = 0;
}

// The first task that may run on hart, or 0.  It is left queued.
static inline struct task *
queue_find(const struct queue *q, int hart)
{
  struct task *t = q->head;

  while (t && !task_may_run(t, hart))
    t = t->next;
  return t;
}

// The same, taken off.
static inline struct task *
queue_get(struct queue *q, int hart)
{
  struct task *t = queue_find(q, hart);

  if (t)
    queue_remove(q, t);
  return t;
}

// Move all of from, in order, to the tail of q.
static inline void
queue_append(struct queue *q, struct queue *from)
{
  if (from->head == 0)
    return;
  from->head->prev = q->tail;
  if (q->tail)
    q->tail->next = from->head;
  else
    q->head = from->head;
  q->tail = from->tail;
  from->head = from->tail = 0;
}

// How many tasks; -1 if the links are broken.  For tests.
static inline int
queue_check(const struct queue *q)
{
  const struct task *last = 0;
  int n = 0;

  for (const struct task *t = q->head; t; last = t, t = t->next) {
    if (t->prev != last || t->state != TASK_READY)
      return -1;
    n++;
  }
  return q->tail == last ? n : -1;
}

#endif
