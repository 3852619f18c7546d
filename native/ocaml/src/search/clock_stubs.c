/* Seconds of a clock that never goes back. OCaml's own way to a clock is the
   unix library, whose look-ups of names and users cannot be linked statically. */

#include <time.h>
#include <caml/alloc.h>
#include <caml/mlvalues.h>

value psynth_monotonic_seconds(value unit)
{
  struct timespec now;
  (void)unit;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return caml_copy_double((double)now.tv_sec + (double)now.tv_nsec * 1e-9);
}
