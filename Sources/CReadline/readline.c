#include "CReadline.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/history.h>
#include <readline/readline.h>

// libedit's header declares fewer of GNU Readline's variables. Its version number is 0x0402.
#if defined(RL_READLINE_VERSION) && RL_READLINE_VERSION >= 0x0800
#define CORFU_GNU_READLINE 1
#else
#define CORFU_GNU_READLINE 0
#endif

static corfu_completer completer;
static int completer_stage;

// The candidates of the completion under way: one block of text, and how far it was handed out.
static char *candidates;
static char *candidates_next;

static char *next_candidate(const char *text, int state) {
  if (state == 0) candidates_next = candidates;
  size_t text_length = strlen(text);
  while (candidates_next != NULL && *candidates_next != '\0') {
    const char *begin = candidates_next;
    size_t length = strcspn(begin, "\n");
    candidates_next += length + (begin[length] == '\n' ? 1 : 0);
    if (length < text_length || strncmp(begin, text, text_length) != 0) continue;
    char *copy = malloc(length + 1);
    if (copy == NULL) return NULL;
    memcpy(copy, begin, length);
    copy[length] = '\0';
    return copy;
  }
  return NULL;
}

static char **attempt_completion(const char *text, int start, int end) {
  if (completer == NULL) return NULL;
  candidates = completer(rl_line_buffer, start, end, completer_stage);
  // Without candidates of our own Readline goes on to the names of files, which is what is meant.
  if (candidates == NULL) return NULL;
  char **matches = rl_completion_matches(text, next_candidate);
  free(candidates);
  candidates = NULL;
  rl_attempted_completion_over = 1;
  return matches;
}

#if CORFU_GNU_READLINE
// Waits for a key, and gives the line up when Ctrl-C comes instead. (Readline's own function
// goes on waiting.)
static int next_key(FILE *stream) {
  for (;;) {
    if (corfu_interrupts() > 0) {
      // What was typed stays visible.
      fputs("^C", rl_outstream);
      return RL_ISSTATE(RL_STATE_READCMD) ? READERR : EOF;
    }
    struct pollfd request = {.fd = fileno(stream), .events = POLLIN, .revents = 0};
    // With an end, because another thread may get the signal, which does not wake this one.
    if (poll(&request, 1, 100) > 0) return rl_getc(stream);
    if (corfu_was_continued()) {
      // Stopped with Ctrl-Z and brought back: the terminal was somebody else's in between.
      rl_deprep_terminal();
      rl_prep_terminal(1);
      rl_on_new_line();
      rl_redisplay();
    }
    // A change of the terminal's size, which Readline notes and leaves for now.
    rl_check_signals();
  }
}
#endif

void corfu_prompt_setup(corfu_completer with, int stage, int history_max) {
  completer = with;
  completer_stage = stage;
  rl_readline_name = "corfu";
  rl_attempted_completion_function = attempt_completion;
  rl_completer_word_break_characters = " \t\n\"';";
  using_history();
  stifle_history(history_max);
#if CORFU_GNU_READLINE
  rl_completer_quote_characters = "\"'";
  rl_filename_quote_characters = " \t;#";
  // Readline would send Ctrl-C to the process again, and with several threads it comes back too
  // late. So the count in terminal.c is all that happens.
  rl_catch_signals = 0;
  rl_getc_function = next_key;
#endif
}

int corfu_prompt_read(const char *prompt, char **line) {
  corfu_interrupts_clear();
  *line = readline(prompt);
  if (corfu_interrupts() > 0) {
    corfu_interrupts_clear();
    free(*line);
    *line = NULL;
    return corfu_prompt_interrupted;
  }
  return *line == NULL ? corfu_prompt_end : corfu_prompt_line;
}

void corfu_history_add(const char *line) { add_history(line); }
