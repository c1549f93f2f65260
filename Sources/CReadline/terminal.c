#include "CReadline.h"

#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>

static volatile sig_atomic_t interrupts;

static volatile sig_atomic_t continued;

static void note_continued(int signal_number) {
  (void)signal_number;
  continued = 1;
}

static void count_interrupt(int signal_number) {
  interrupts = interrupts + 1;
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

void corfu_interrupts_let_go(void) { signal(SIGINT, SIG_DFL); }

int corfu_interrupts(void) { return interrupts; }

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
