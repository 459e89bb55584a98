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
void row_priority(struct result *);
void row_nice1(struct result *);
void row_nice5(struct result *);

void row_fifo(struct result *);
void row_convoy(struct result *);
void row_sjf(struct result *);
void row_stcf(struct result *);
void row_rr_turn(struct result *);
void row_rr_resp(struct result *);
void row_overlap(struct result *);
void row_short_job(struct result *);
void row_gaming(struct result *);
void row_part(struct result *);
void row_part_lot(struct result *);
void row_transfer(struct result *);
void row_keep(struct result *);
void row_ratios(struct result *);
void row_fair1(struct result *);
void row_fair10(struct result *);
void row_fair100(struct result *);
void row_windows(struct result *);
void row_error64(struct result *);
void row_error1024(struct result *);
void row_error(struct result *);
void row_nice10(struct result *);
void row_nice19(struct result *);
void row_lag(struct result *);
void row_credit(struct result *);
void row_wake1(struct result *);
void row_wake4(struct result *);
void row_wake16(struct result *);
void row_wake64(struct result *);
void row_periodic(struct result *);
void row_groups(struct result *);

#endif
