// rows.h - the rows, each in the file of its subject; rows.c is their table.

#ifndef USER_SCHEDTEST_ROWS_H
#define USER_SCHEDTEST_ROWS_H

#include "user/schedtest/schedtest.h"

void row_across(struct result *);
void row_bottom_all(struct result *);
void row_equal_all(struct result *);
void row_shares_all(struct result *);
void row_starve(struct result *);
void row_adds_up(struct result *);
void row_conserved(struct result *);
void row_equal(struct result *);
void row_wait(struct result *);
void row_sink(struct result *);
void row_yielder(struct result *);
void row_napper(struct result *);
void row_forker(struct result *);
void row_preempt(struct result *);
void row_window(struct result *);
void row_bottom(struct result *);
void row_boost(struct result *);
void row_asleep(struct result *);
void row_renewed(struct result *);
void row_shares(struct result *);
void row_shares10(struct result *);
void row_slice(struct result *);
void row_draws(struct result *);
void row_draws10(struct result *);
void row_change(struct result *);
void row_child(struct result *);
void row_arrival(struct result *);
void row_shortest(struct result *);
void row_nice1(struct result *);
void row_nice5(struct result *);

#endif
