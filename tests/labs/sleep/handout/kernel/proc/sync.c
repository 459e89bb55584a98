// sync.c - lab sleep, part 4: a semaphore and a condition variable, in terms of
// wait queues. What each must do, sync.h says.

#include "tests/labs/sleep/sync.h"

void
sema_init(struct sema *s, const char *name, int count)
{
}

void
sema_down(struct sema *s)
{
}

void
sema_up(struct sema *s)
{
}

void
cond_init(struct cond *c, const char *name)
{
}

// Between the mutex that is free and the sleep there must be no gap.
void
cond_wait(struct cond *c, struct mutex *m)
{
}

void
cond_signal(struct cond *c)
{
}

void
cond_broadcast(struct cond *c)
{
}
