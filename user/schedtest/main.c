// main.c - schedtest: hold the scheduling policy to what it promises.
//
//     schedtest [-l] [-x] [-q] [-L] [-1] [-a SET].. [ROW]..
//
//     -l       list the rows and where each claim is from
//     -x       run the rows that have to fail under this policy, because it
//              promises something else: status 0 if each of them does
//     -q       leave out the rows that take long
//     -L       let rows about shares over all harts take longer
//     -1       measure each row once, also if the host may be why it fails
//     -a SET   as if the policy promised what this set is about
//
// Rows that take long run only under DET=1, where the host's time does not
// matter: docs/claims.md.

#include "user/schedtest/rows.h"

static uint forced;             // promises of the sets of -a
static const char *set[8];      // those sets
static int nset;

// ---- which rows ------------------------------------------------------------

static bool
in_sets(const struct row *row)
{
  for (int i = 0; i < nset; i++)
    if (strcmp(set[i], row->set) == 0)
      return true;
  return nset == 0;
}

static bool
applies(const struct row *row)
{
  return (row->needs & ~policy.promised) == 0;
}

// What is promised instead makes it fail.
static bool
has_to_fail(const struct row *row)
{
  return !applies(row) && (row->fails & policy.promised);
}

static bool
has_time(const struct row *row)
{
  return !row->takes_long || (options.det && !options.quick);
}

static bool
concerns(const struct row *row)
{
  return in_sets(row) && (!row->several || policy.nhart > 1) &&
         (options.must_fail ? has_to_fail(row) : applies(row));
}

static bool
wanted(const struct row *row, int argc, char **argv)
{
  for (int i = 0; i < argc; i++)
    if (strcmp(argv[i], row->name) == 0)
      return true;
  return argc == 0 && concerns(row) && has_time(row);
}

static int
list_rows(void)
{
  printf("row        set        source        claim\n");
  for (const struct row *row = rows; row->name; row++)
    printf("%-10s %-7s %s%s %-13s %s\n", row->name, row->set,
           has_to_fail(row) ? "x" : applies(row) ? " " : "-",
           row->takes_long ? "L" : " ", row->source, row->about);
  printf("Rows with - or x are about promises that this policy does not make;"
         " -a SET runs\nthem. Those with x have to fail, and -x sees that they"
         " do. Rows with L take long,\nand run with DET=1 only.\n");
  return 0;
}

static bool
check_name(const char *name)
{
  for (const struct row *row = rows; row->name; row++) {
    if (strcmp(row->name, name))
      continue;
    if (applies(row) != options.must_fail)
      return true;
    if (options.must_fail)
      warn("schedtest", "%s is about promises that this policy makes", name);
    else
      warn("schedtest", "%s is about promises that this policy does not make;"
         " -a %s assumes them", name, row->set);
    return false;
  }
  warn("schedtest", "no row %s; schedtest -l lists them", name);
  return false;
}

static bool
add_set(const char *name)
{
  for (const struct set *s = sets; s->name; s++)
    if (strcmp(s->name, name) == 0 && nset < 8) {
      forced |= s->promises;
      set[nset++] = s->name;
      return true;
    }
  fprintf(2, "schedtest: no set %s; known:", name);
  for (const struct set *s = sets; s->name; s++)
    fprintf(2, " %s", s->name);
  fprintf(2, "\n");
  return false;
}

// ---- all -------------------------------------------------------------------

static int
summary(const int *count)
{
  int n = count[OK] + count[FAILED];

  if (options.must_fail)
    printf("%d rows that have to fail, %d fail, %d hold", n, count[FAILED],
           count[OK]);
  else
    printf("%d rows, %d ok, %d failed", n, count[OK], count[FAILED]);
  if (count[MEASURED])
    printf(", %d more only measured", count[MEASURED]);
  if (count[SKIPPED])
    printf(", %d more not measurable", count[SKIPPED]);
  printf("\n");
  if (options.must_fail)
    return count[FAILED] == 0 || count[OK] || count[SKIPPED];
  return count[FAILED] > 0;
}

static int
run_rows(int argc, char **argv)
{
  int count[] = { [OK] = 0, [FAILED] = 0, [SKIPPED] = 0, [MEASURED] = 0 };
  int left_out = 0;

  policy_print();
  print_head();
  for (const struct row *row = rows; row->name; row++)
    if (wanted(row, argc, argv))
      count[run_row(row)]++;
    else if (argc == 0 && concerns(row))
      left_out++;
  if (left_out && !options.quick)
    printf("%d rows were left out: they take long, and run with DET=1 only\n",
           left_out);
  return summary(count);
}

static int
usage(void)
{
  fprintf(2, "usage: schedtest [-l] [-x] [-q] [-L] [-1] [-a SET].. [ROW]..\n");
  return 2;
}

// False if the word is no option.
static bool
take_option(const char *word, bool *list)
{
  if (word[0] != '-' || strlen(word) != 2 || !strchr("lxqL1", word[1]))
    return false;
  *list |= word[1] == 'l';
  options.must_fail |= word[1] == 'x';
  options.quick |= word[1] == 'q';
  options.all_time |= word[1] == 'L';
  options.once |= word[1] == '1';
  return true;
}

int
main(int argc, char **argv)
{
  bool list = false;
  int i;

  policy_ask();
  for (i = 1; i < argc && argv[i][0] == '-'; i++) {
    if (take_option(argv[i], &list))
      continue;
    if (strcmp(argv[i], "-a") || i + 1 == argc)
      return usage();
    if (!add_set(argv[++i]))
      return 2;
  }
  policy_force(forced);
  if (list)
    return list_rows();
  for (int k = i; k < argc; k++)
    if (!check_name(argv[k]))
      return 2;
  pin(-1);
  return run_rows(argc - i, argv + i);
}
