// parser.h - what the two files of the parser share; for no one else.

#ifndef SCHED_SIM_PARSER_H
#define SCHED_SIM_PARSER_H

#include "sched/sim/work.h"

#define WORDS 8 // most of a line

struct word {
  const char *s;
  int n;
};

struct loop {
  int step;
  int64_t turns; // of this one and those around it
  bool timed;    // CPU time or sleep in each turn
};

struct parser {
  struct work *w;
  const char *p, *end; // what is left
  int line;
  struct word word[WORDS];
  int nword;
  struct work_kind *kind; // being described, or 0
  struct loop loop[WORK_DEPTH];
  int depth;
  bool endless; // there is a loop without an end
};

// Say what is wrong: there, or with word i of the line.  -1.
int work_fail_at(struct work *w, int line, const char *what,
                 const struct word *word);
int work_fail(struct parser *p, const char *what);
int work_fail_word(struct parser *p, const char *what, int i);

// Split the next line that has words.  Their number, 0 at the end of the
// text, -1 on an error.
int work_line(struct parser *p);

// Append up to n bytes of s, or a number, to the text that ends at out[at].
// The new end.
int work_append(char *out, int at, int size, const char *s, int n);
int work_append_number(char *out, int at, int size, int n);

bool work_is(const struct word *a, const char *b);
bool work_named(const struct word *a); // may it be a name?
void work_copy(char out[WORK_NAME], const struct word *a);

// The number of a name in a list, which gets it if it is new; -1: it is none,
// or the list is full.
int work_intern(char list[][WORK_NAME], int *n, int most, const struct word *a);

// Word i as a time; a number from 1, from its byte `from` on; a value of an
// attribute, that is a number or a time.  0, or -1 and the error.
int work_time(struct parser *p, int i, int64_t *ns);
int work_count(struct parser *p, int i, int from, int64_t *n);
int work_value(struct parser *p, int i, int64_t *v);

#endif
