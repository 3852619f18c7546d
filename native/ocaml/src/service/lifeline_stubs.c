/* Ends the process soon after its parent has ended, however that came about.

   The end of the input does the same where the machine waits for a request, but
   not in the middle of a search. Linux's PR_SET_PDEATHSIG is no help: it follows
   the thread that started the process, not the process. So a timer asks now and
   then who the parent is. The signal is handled here and not by OCaml, so that it
   works wherever the machine is busy; SA_RESTART keeps it from being noticed. */

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
#include <caml/mlvalues.h>

/* As a shell says of a process that a hangup has ended. */
enum { EVERY_SECONDS = 1, EXIT_STATUS = 128 + SIGHUP };

static pid_t parent;

static void check_parent(int signal)
{
  (void)signal;
  if (getppid() != parent) _exit(EXIT_STATUS);
}

value psynth_end_with_parent(value unit)
{
  struct sigaction action;
  struct itimerval timer;
  sigset_t alarm;
  (void)unit;
  parent = getppid();
  memset(&action, 0, sizeof action);
  action.sa_handler = check_parent;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGALRM, &action, NULL);
  /* A mask is inherited: the parent may have blocked the signal. */
  sigemptyset(&alarm);
  sigaddset(&alarm, SIGALRM);
  sigprocmask(SIG_UNBLOCK, &alarm, NULL);
  memset(&timer, 0, sizeof timer);
  timer.it_value.tv_sec = timer.it_interval.tv_sec = EVERY_SECONDS;
  setitimer(ITIMER_REAL, &timer, NULL);
  return Val_unit;
}
