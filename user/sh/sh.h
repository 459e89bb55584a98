// sh.h - the shell: how its parts fit.
//
//     main.c    options; read, parse and run until the input ends
//     input.c   where commands come from: the console, a file, a text
//     lex.c     text to tokens
//     parse.c   tokens to a tree
//     expand.c  words of the tree to arguments: quotes, $
//     redir.c   < > >> 2> 2>&1
//     exec.c    find a command and become it
//     run.c     walk the tree: lists, pipelines, subshells
//     jobs.c    the processes of a pipeline, together; who owns the console
//     builtin.c what the shell does itself
//     arena.c   memory that lives as long as the line does
//
// A tree and everything in it is in the arena, and is dropped when its line
// has been run. A status is what wait() tells: -1 for a process that was
// killed.

#ifndef USER_SH_SH_H
#define USER_SH_SH_H

#include <stdbool.h>

#include "kernel/types.h"
#include "user/peach.h"

#define STATUS_SYNTAX 2         // the shell's own exit statuses
#define STATUS_NOEXEC 126
#define STATUS_NOTFOUND 127

// ---- the tree --------------------------------------------------------------

// A word as it was written, with its quotes.
struct word {
  struct word *next;
  const char *text;
  uint len;
};

enum redir_how { REDIR_IN, REDIR_OUT, REDIR_APPEND, REDIR_DUP };

struct redir {
  struct redir *next;
  enum redir_how how;
  int fd;               // which descriptor changes, 0 to 2
  struct word *target;
};

struct list;

// One command of a pipeline: words, or a list in parentheses.
struct command {
  struct command *next;
  struct word *words;
  struct redir *redirs;
  struct list *sub;
};

enum join { JOIN_END, JOIN_AND, JOIN_OR };

struct pipeline {
  struct pipeline *next;
  enum join join;       // on what condition the next one runs
  bool invert;          // began with !
  struct command *first;
};

// What ; & and newline separate.
struct list {
  struct list *next;
  struct pipeline *first;
  bool background;
  const char *text;     // as it was written, for jobs
  uint len;
};

// ---- the shell's state -----------------------------------------------------

struct shell {
  bool interactive;     // commands come from the console: prompt, and hand
                        // the console to each job
  int status;           // of the last command: $?
  int pid;              // $$
  int last_background;  // $!
  const char *script;   // $0, and in messages
  int argc;             // $1 to $argc-1 are argv[1] ...
  char **argv;
};

extern struct shell sh;

// ---- arena.c ---------------------------------------------------------------

void *arena_alloc(uint n);      // zeroed; ends the shell if there is no memory
char *arena_text(const char *text, uint len);   // a copy that ends with a 0
void arena_reset(void);
void no_memory(void) __attribute__((noreturn));

// ---- input.c ---------------------------------------------------------------

struct input {
  const char *text;     // what has been read and not yet parsed
  uint line;            // number of the line that it begins with, from 1
  bool more;            // could there be further lines?
  char *buf;            // 0 if the text is somebody else's
  uint len, cap;
};

void input_text(struct input *, const char *text);
bool input_file(struct input *, const char *path);
void input_stdin(struct input *);

// Get one more line. Returns false at the end.
bool input_line(struct input *);

// The text up to p has been used.
void input_used(struct input *, const char *p);

// ---- lex.c -----------------------------------------------------------------

enum token {
  T_END, T_NEWLINE, T_WORD, T_SEMI, T_AMP, T_AND, T_OR, T_PIPE, T_NOT,
  T_OPEN, T_CLOSE, T_REDIR, T_UNFINISHED,
};

struct lexer {
  const char *p;        // what comes next
  const char *from;     // the token that was read last: where it begins,
  const char *to;       // and ends
  enum token token;
  enum redir_how how;   // of a T_REDIR
  int fd;
};

void lex_next(struct lexer *);

// ---- parse.c ---------------------------------------------------------------

enum parsed { PARSED_OK, PARSED_MORE, PARSED_BAD };

struct parse {
  struct lexer lex;
  uint depth;           // of parentheses
  enum parsed state;    // anything but OK ends the parse
  char message[64];     // if BAD
};

// Parse the text up to the end of a line on which nothing is left open; the
// lexer's p is behind it. MORE: it is not finished. The list may be empty (0).
struct list *parse_line(struct parse *, const char *text);

// ---- expand.c --------------------------------------------------------------

// The words as arguments, an array that ends with a 0.
char **expand_words(struct word *, int *argc);
char *expand_word(const struct word *);
bool assign_words(struct word *);       // NAME=VALUE ... and nothing else

// ---- redir.c ---------------------------------------------------------------

bool redirect(struct redir *);          // for good

// For a builtin: what stood there before is kept in saved, and put back.
#define NSAVED 3
bool redirect_save(struct redir *, int saved[NSAVED]);
void redirect_restore(int saved[NSAVED]);

// ---- exec.c ----------------------------------------------------------------

void run_program(int argc, char **argv) __attribute__((noreturn));

// ---- jobs.c ----------------------------------------------------------------

struct job {
  struct job *next;
  int id;               // as jobs shows it
  int pgid;             // 0 if it has no group of its own
  int status;           // of the last process, once that has ended
  int last;             // pid of the last process
  int left;             // processes that have not ended
  int *pid;             // 0 where one has ended
  int npid;
  char *text;
};

struct job *job_new(const char *text, uint len, int nproc);
int job_fork(struct job *, bool background);    // fork() into the job
int job_wait(struct job *, bool foreground);    // drops it; its status
void job_background(struct job *);      // it goes on by itself
struct job *job_find(int id);           // 0: the newest; by number or pid
struct job *job_first(void);
void jobs_reap(bool tell);              // note which have ended
void jobs_list(void);
void jobs_forget(void);                 // in a subshell: they are not ours

// ---- run.c -----------------------------------------------------------------

void run_list(struct list *);
void run_source(struct input *);        // all of it

// ---- builtin.c -------------------------------------------------------------

typedef int builtin_fn(int argc, char **argv);
builtin_fn *builtin_find(const char *name);

#endif
