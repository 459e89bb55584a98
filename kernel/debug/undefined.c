// undefined.c - where the compiler has seen that what a line of C does is not
// defined, it calls one of these (-fsanitize=undefined).
//
// Each gets a description, which begins with the place; what follows there is
// not needed.

#include "kernel/debug/order.h"
#include "kernel/lib/print.h"

struct where {
  const char *file;
  uint32_t line, column;
};

static void __attribute__((noreturn))
undefined(const struct where *w, const char *what)
{
  debug_report();
  panic("undefined behaviour at %s:%d:%d: %s", w->file, w->line, w->column,
        what);
}

#define HANDLER(name, what)                                                    \
  void __ubsan_handle_##name##_abort(const struct where *w);                   \
  void __ubsan_handle_##name##_abort(const struct where *w)                    \
  {                                                                            \
    undefined(w, what);                                                        \
  }

HANDLER(add_overflow, "a sum that overflows")
HANDLER(sub_overflow, "a difference that overflows")
HANDLER(mul_overflow, "a product that overflows")
HANDLER(negate_overflow, "a negation that overflows")
HANDLER(divrem_overflow, "a division by 0, or one that overflows")
HANDLER(shift_out_of_bounds, "a shift by too much, or of a negative number")
HANDLER(out_of_bounds, "an index past the end of the array")
HANDLER(type_mismatch_v1, "a pointer that is null, misaligned, or to too "
                          "small an object")
HANDLER(alignment_assumption, "a pointer that is not aligned as was said")
HANDLER(vla_bound_not_positive, "an array of no or a negative size")
HANDLER(load_invalid_value, "a bool or enum of an impossible value")
HANDLER(nonnull_arg, "a null pointer where none may be given")
HANDLER(pointer_overflow, "a pointer that overflows")
HANDLER(invalid_builtin, "a builtin with 0, which it does not take")

// These do not return in any build, and have no second name.
void __ubsan_handle_builtin_unreachable(const struct where *w);
void __ubsan_handle_missing_return(const struct where *w);

void
__ubsan_handle_builtin_unreachable(const struct where *w)
{
  undefined(w, "what cannot be reached was reached");
}

void
__ubsan_handle_missing_return(const struct where *w)
{
  undefined(w, "a function ended without its value");
}
