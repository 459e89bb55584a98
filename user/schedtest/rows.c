// rows.c - the table of rows, in the order in which they run. Rows about
// levels come first: without a boost, a process that has used its allotments
// stays down, and its children with it.

#include "user/schedtest/schedtest.h"

#define LEVELS (LEVEL | STRICT)

const struct set sets[] = {
  { "levels", LEVEL | STRICT | BOOST | INHERIT },
  { "turns", WAIT | EQUAL },
  { "tickets", TICKETS | INHERIT },
  { "general", 0 },
  { 0 }
};

const struct row rows[] = {
  { "sink", "levels", LEVELS, false, row_sink,
    "a hog is on the last level when it has used its allotments" },
  { "yielder", "levels", LEVELS, false, row_yielder,
    "so is one that yields just before each ends" },
  { "napper", "levels", LEVELS, false, row_napper,
    "and one that sleeps just before each ends" },
  { "forker", "levels", LEVELS | INHERIT, false, row_forker,
    "and one that forks and lets the child go on" },
  { "window", "levels", LEVELS, false, row_window,
    "an interactive process waits n slices at most, beside n new hogs" },
  { "preempt", "levels", LEVELS, false, row_preempt,
    "when they have used n allotments, it pushes them out at once" },
  { "bottom", "levels", LEVELS, false, row_bottom,
    "two hogs share equally on the last level" },
  { "boost", "levels", LEVELS | BOOST, false, row_boost,
    "a boost frees a starved process" },
  { "asleep", "levels", LEVELS | BOOST, false, row_asleep,
    "and lifts one that sleeps through it" },
  { "renewed", "levels", LEVELS | BOOST, false, row_renewed,
    "and renews the allotment of one that has used most of it" },
  { "equal", "turns", EQUAL, false, row_equal,
    "hogs on one hart have equal shares" },
  { "wait", "turns", WAIT, false, row_wait,
    "none of n waits longer than n-1 slices" },
  { "draws", "tickets", TICKETS, false, row_draws,
    "picks go by tickets 3:2:1" },
  { "draws-10", "tickets", TICKETS, false, row_draws10,
    "picks go by tickets 10:1" },
  { "change", "tickets", TICKETS, false, row_change,
    "a change of tickets takes effect at once" },
  { "child", "tickets", TICKETS | INHERIT, false, row_child,
    "a child has its parent's tickets" },
  { "slice", "tickets", TICKETS, false, row_slice,
    "one is drawn at the end of each slice" },
  { "shares", "tickets", TICKETS, false, row_shares,
    "CPU time goes by tickets 3:2:1" },
  { "shares-10", "tickets", TICKETS, false, row_shares10,
    "CPU time goes by tickets 10:1" },
  { "starve", "general", 0, true, row_starve,
    "no process starves" },
  { "adds-up", "general", 0, true, row_adds_up,
    "what all ran and all harts idled is the time that passed" },
  { "conserved", "general", 0, true, row_conserved,
    "no hart idles while a process waits" },
  { 0 }
};
