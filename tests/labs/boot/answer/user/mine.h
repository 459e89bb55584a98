// mine.h - the system call of the lab `boot`.

#ifndef USER_MINE_H
#define USER_MINE_H

// Of process pid, 0: the caller; -1: there is none.
int the_call(int pid);

#endif
