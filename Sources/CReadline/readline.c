#include "CReadline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/history.h>
#include <readline/readline.h>

// libedit's header declares fewer of GNU Readline's variables. Its version number is 0x0402.
#if defined(RL_READLINE_VERSION) && RL_READLINE_VERSION >= 0x0700
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
// Runs when a signal interrupted the wait for a key: gives up the line.
static int after_signal(void) {
  if (corfu_interrupts() > 0) {
    rl_replace_line("", 0);
    rl_done = 1;
  }
  return 0;
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
  rl_signal_event_hook = after_signal;
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
