#include "CReadline.h"

#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>

static volatile sig_atomic_t interrupts;

// The signal that came last of those that are counted.
static volatile sig_atomic_t last_interrupt = SIGINT;

static volatile sig_atomic_t continued;

static void note_continued(int signal_number) {
  (void)signal_number;
  continued = 1;
}

static void count_interrupt(int signal_number) {
  interrupts = interrupts + 1;
  last_interrupt = signal_number;
  // Whoever presses it a third time does not want to wait for a command to notice.
  if (interrupts >= 3) {
    signal(signal_number, SIG_DFL);
    raise(signal_number);
  }
}

void corfu_interrupts_catch(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = count_interrupt;
  sigemptyset(&action.sa_mask);
  // No SA_RESTART: whoever waits for a key or a pipe hears of it.
  sigaction(SIGINT, &action, NULL);
  action.sa_handler = note_continued;
  sigaction(SIGCONT, &action, NULL);
}

// Signals that end a program as Ctrl-C does: from whoever started it, and from a terminal that is
// gone.
static const int endings[] = {SIGTERM, SIGHUP};
enum { ending_count = sizeof endings / sizeof endings[0] };

void corfu_endings_catch(void) {
  for (int index = 0; index < ending_count; index++) {
    struct sigaction action;
    // 'nohup' and its like have said that a signal is to be ignored.
    if (sigaction(endings[index], NULL, &action) == 0 && action.sa_handler == SIG_IGN) continue;
    memset(&action, 0, sizeof action);
    action.sa_handler = count_interrupt;
    sigemptyset(&action.sa_mask);
    sigaction(endings[index], &action, NULL);
  }
}

void corfu_interrupts_let_go(void) {
  signal(SIGINT, SIG_DFL);
  for (int index = 0; index < ending_count; index++) {
    struct sigaction action;
    int is_known = sigaction(endings[index], NULL, &action) == 0;
    if (is_known && action.sa_handler == count_interrupt) signal(endings[index], SIG_DFL);
  }
}

int corfu_interrupts(void) { return interrupts; }

int corfu_last_interrupt(void) { return last_interrupt; }

void corfu_interrupts_clear(void) { interrupts = 0; }

int corfu_was_continued(void) {
  int was = continued;
  continued = 0;
  return was;
}

void corfu_ignore_broken_pipes(void) { signal(SIGPIPE, SIG_IGN); }

int corfu_terminal_columns(int descriptor) {
  struct winsize size;
  memset(&size, 0, sizeof size);
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}
