// cmdline.c - the kernel command line.
//
//     init=/path  maxproc=N  seed=N  det  NAME=VALUE ...  -- COMMAND
//
// Words that are not the kernel's own are parameters of the scheduling policy.
// All after "--" is a command for init to run; the machine then ends with the
// command's status.

#include "kernel/boot/boot.h"
#include "kernel/debug/check.h"
#include "kernel/dev/power.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/proc/private.h"
#include "sched/core.h"

#define MAXPROC_LEAST 8
#define MAXPROC_MOST  32768

const char *boot_init = "/init";
const char *boot_command;
int boot_maxproc = 512;
bool det_mode;
uint64_t boot_seed = 1;
int64_t policy_param[SCHED_MAXPARAM];

static void __attribute__((noreturn)) refuse(const char *message)
{
  kprintf("kernel command line: %s\n", message);
  power_off(2);
}

static uint64_t
number(const char *word, const char *digits, uint64_t least, uint64_t most)
{
  char message[120];
  uint64_t v = 0;
  const char *d = digits;

  for (; *d >= '0' && *d <= '9' && v < 1UL << 59; d++)
    v = v * 10 + *d - '0';
  if (*d || d == digits || v < least || v > most) {
    kformat(message, sizeof(message), "%s: a number from %ld to %ld is needed",
            word, least, most);
    refuse(message);
  }
  return v;
}

// The value, if word is name=value.
static const char *
value_of(const char *word, const char *name)
{
  size_t n = strlen(name);

  return strncmp(word, name, n) == 0 && word[n] == '=' ? word + n + 1 : 0;
}

static void
plant(const char *word, const char *name)
{
  char message[160];

  if (debug_plant(name))
    return;
  kformat(message, sizeof(message), "%s: no such damage; see docs/testing.md",
          word);
  refuse(message);
}

static void
take(const char *word)
{
  char message[160];
  const char *v;

  if (strcmp(word, "det") == 0)
    det_mode = true;
  else if ((v = value_of(word, "init")))
    boot_init = v;
  else if ((v = value_of(word, "maxproc")))
    boot_maxproc = number(word, v, MAXPROC_LEAST, MAXPROC_MOST);
  else if ((v = value_of(word, "seed")))
    boot_seed = number(word, v, 0, 1UL << 60);
  else if (DEBUG && (v = value_of(word, "plant")))
    plant(word, v);
  else if (sched_param_set(&kernel_policy, policy_param, word, message,
                           sizeof(message)) < 0)
    refuse(message);
}

void
cmdline_read(const char *args)
{
  char *word = boot_alloc(strlen(args) + 1);
  bool last = false;

  strcopy(word, args, strlen(args) + 1);
  sched_params_init(&kernel_policy, policy_param);
  while (!last) {
    char *end;

    while (*word == ' ')
      word++;
    if (*word == 0)
      return;
    for (end = word; *end && *end != ' '; end++)
      ;
    last = *end == 0;
    *end = 0;
    if (strcmp(word, "--") == 0) {
      boot_command = last ? "" : end + 1;
      return;
    }
    take(word);
    word = end + 1;
  }
}
