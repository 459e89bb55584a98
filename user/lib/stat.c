// stat.c - what is known of a file by name.

#include "kernel/fcntl.h"
#include "kernel/stat.h"
#include "kernel/types.h"
#include "user/user.h"

int
stat(const char *path, struct stat *st)
{
  int fd = open(path, O_RDONLY);
  int result;

  if (fd < 0)
    return -1;
  result = fstat(fd, st);
  close(fd);
  return result;
}
