// access.c - what the compiler calls at each access to memory of files that are
// compiled with -fsanitize=thread, in the place of its own library: a point at
// which others may run.

#include <stdint.h>

void touched(void *at); // explore.c

#define ACCESS(n)                                                              \
  void __tsan_read##n(void *at)                                                \
  {                                                                            \
    touched(at);                                                               \
  }                                                                            \
  void __tsan_write##n(void *at)                                               \
  {                                                                            \
    touched(at);                                                               \
  }
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)

#define ATOMIC(n, T)                                                           \
  T __tsan_atomic##n##_load(const T *p, int o)                                 \
  {                                                                            \
    touched((void *)p);                                                        \
    return *p;                                                                 \
  }                                                                            \
  void __tsan_atomic##n##_store(T *p, T v, int o)                              \
  {                                                                            \
    touched(p);                                                                \
    *p = v;                                                                    \
  }                                                                            \
  T __tsan_atomic##n##_exchange(T *p, T v, int o)                              \
  {                                                                            \
    T was;                                                                     \
    touched(p);                                                                \
    was = *p;                                                                  \
    *p = v;                                                                    \
    return was;                                                                \
  }                                                                            \
  T __tsan_atomic##n##_fetch_add(T *p, T v, int o)                             \
  {                                                                            \
    T was;                                                                     \
    touched(p);                                                                \
    was = *p;                                                                  \
    *p += v;                                                                   \
    return was;                                                                \
  }                                                                            \
  T __tsan_atomic##n##_fetch_sub(T *p, T v, int o)                             \
  {                                                                            \
    return __tsan_atomic##n##_fetch_add(p, -v, o);                             \
  }                                                                            \
  T __tsan_atomic##n##_fetch_or(T *p, T v, int o)                              \
  {                                                                            \
    T was;                                                                     \
    touched(p);                                                                \
    was = *p;                                                                  \
    *p |= v;                                                                   \
    return was;                                                                \
  }                                                                            \
  T __tsan_atomic##n##_fetch_and(T *p, T v, int o)                             \
  {                                                                            \
    T was;                                                                     \
    touched(p);                                                                \
    was = *p;                                                                  \
    *p &= v;                                                                   \
    return was;                                                                \
  }                                                                            \
  int __tsan_atomic##n##_compare_exchange_strong(T *p, T *from, T to, int o,   \
                                                 int f)                        \
  {                                                                            \
    touched(p);                                                                \
    if (*p == *from) {                                                         \
      *p = to;                                                                 \
      return 1;                                                                \
    }                                                                          \
    *from = *p;                                                                \
    return 0;                                                                  \
  }                                                                            \
  int __tsan_atomic##n##_compare_exchange_weak(T *p, T *from, T to, int o,     \
                                               int f)                          \
  {                                                                            \
    return __tsan_atomic##n##_compare_exchange_strong(p, from, to, o, f);      \
  }                                                                            \
  T __tsan_atomic##n##_compare_exchange_val(T *p, T from, T to, int o, int f)  \
  {                                                                            \
    __tsan_atomic##n##_compare_exchange_strong(p, &from, to, o, f);            \
    return from;                                                               \
  }
ATOMIC(8, uint8_t)
ATOMIC(32, uint32_t)
ATOMIC(64, uint64_t)

void
__tsan_init(void)
{
}

void
__tsan_func_entry(void *from)
{
}

void
__tsan_func_exit(void *from)
{
}

void
__tsan_atomic_thread_fence(int order)
{
}

void
__tsan_read_range(void *at, uint64_t n)
{
  touched(at);
}

void
__tsan_write_range(void *at, uint64_t n)
{
  touched(at);
}
