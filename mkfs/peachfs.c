// peachfs.c - make, list, extract and check images of Peach's file system.
//
// Status: 0; 1 if check found something; 2 with a message if it could not be
// done.

#include <stdio.h>
#include <string.h>

#include "mkfs/image.h"

static const char usage[] =
  "usage: peachfs build IMAGE [-s FREE] [-i INODES] [-j BLOCKS] "
  "NAME=PATH...\n"
  "       peachfs ls    IMAGE [PATH]\n"
  "       peachfs cat   IMAGE PATH...\n"
  "       peachfs get   IMAGE PATH [TO]\n"
  "       peachfs check IMAGE\n"
  "FREE is the space that stays free, as 512K or 8M (16M); BLOCKS of 4 KiB\n"
  "are the journal's (512). NAME may have folders in it; NAME/ alone makes\n"
  "a folder. check prints a line a finding.\n";

static const struct command {
  const char *name;
  int (*run)(int argc, char **argv);
} commands[] = {
  { "build", cmd_build }, { "ls", cmd_ls },       { "cat", cmd_cat },
  { "get", cmd_get },     { "check", cmd_check },
};

int
main(int argc, char **argv)
{
  for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
    if (argc > 1 && strcmp(argv[1], commands[i].name) == 0)
      return commands[i].run(argc - 2, argv + 2);
  fputs(usage, stderr);
  return 2;
}
