// sh.h - the shell: how its parts fit.
//
//     main.c    options; read, parse and run until the input ends
//     input.c   where commands come from: the console, a file, a text
//     edit.c    a line from the console, edited; show.c draws it,
//               complete.c completes names, history.c has the lines before
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
  bool interactive;     // commands come from the console, which the shell
                        // holds: prompt, and hand it to each job
  int had_console;      // the group that had it before, or 0
  int status;           // of the last command: $?
  int pid;              // $$
  int last_background;  // $!
  const char *script;   // $0, and in messages
  int argc;             // $1 to $argc-1 are argv[1] ...
  char **argv;
};

extern struct shell sh;

void leave_console(void);       // before an interactive shell ends

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

// Get one more line. more: the command that it is part of has begun before.
enum got { GOT_LINE, GOT_END, GOT_DROPPED };    // dropped: by ^C
enum got input_line(struct input *, bool more);

// The text up to p has been used.
void input_used(struct input *, const char *p);

// ---- edit.c, show.c, history.c, complete.c ---------------------------------

struct edit {
  const char *prompt;
  const char *before;   // the lines before it of the same command
  char *text;           // the line; ends with a 0
  uint len, cap;
  uint at;              // the cursor stands before this byte
  uint back;            // which line of the history it is; 0: none
  char *kept;           // the new line, while one of the history is shown
  // What is on the screen.
  uint columns;         // most characters of the line that are shown
  uint left;            // the first byte that is
  uint shown;           // so many characters
  uint column;          // where the cursor is, from there
};

// Get a line; it is in e->text until the next call.
enum got edit_line(struct edit *e, const char *prompt, const char *before);

// Replace the n bytes at from by text; the cursor comes to stand behind it.
// False if the line would be too long.
bool edit_replace(struct edit *e, uint from, uint n, const char *text,
                  uint len);

void show_all(struct edit *e);          // from the prompt on
void show_change(struct edit *e, uint from);    // the text differs from there
void show_cursor(struct edit *e);       // only that has moved
void show_text(const char *text, uint n);
void show_flush(void);
uint char_next(const struct edit *e, uint i);   // where characters begin:
uint char_before(const struct edit *e, uint i); // text is UTF-8

void history_add(const char *line);
const char *history_line(uint back);    // 1: the newest; 0 if there is none
void history_list(void);

void complete(struct edit *e, bool list);

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
const char *var_value(const char *name);        // 0 if it is not set
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
// Drop it when it has ended; its status. -1 if ^C came first, which only a job
// in the background survives.
int job_wait(struct job *, bool foreground);
void job_background(struct job *);      // it goes on by itself
struct job *job_find(int id);           // 0: the newest; by number or pid
struct job *job_first(void);
void jobs_begin(void);                  // a line of commands begins
bool job_interrupted(void);             // has ^C come since?
void jobs_reap(bool tell);              // note which have ended
void jobs_list(void);
void jobs_forget(void);                 // in a subshell: they are not ours

// ---- run.c -----------------------------------------------------------------

void run_list(struct list *);
void run_source(struct input *);        // all of it

// ---- builtin.c -------------------------------------------------------------

typedef int builtin_fn(int argc, char **argv);
builtin_fn *builtin_find(const char *name);
const char *builtin_name(uint i);       // 0 after the last

#endif
