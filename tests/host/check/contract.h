// contract.h - between contract.c and what it is made of.

#ifndef TESTS_HOST_CHECK_CONTRACT_H
#define TESTS_HOST_CHECK_CONTRACT_H

#include "tests/host/check/story.h"

// Tables, source and object.  False if it cannot be run at all.
bool check_tables(struct check *c);
bool check_fit(const struct check *c); // only that

// A sequence that fails, a short one; false if none does.
bool contract_story(struct check *c, struct story *story);
bool exhaustive_story(struct check *c, struct story *story);
bool random_story(struct check *c, struct story *story);

// Is what was promised of shares true?  False after the first that is not,
// which is drawn for make why.
bool shares(struct check *c);

// A long random walk on a larger machine; true if it ended in a fault, whose
// story is the shortest that was found: walk.c.
bool walk(struct check *c, struct shape shape, uint64_t seed, int steps,
          struct story *story);

#endif
