// What the prompt needs of GNU Readline, without its global callback variables, which Swift 6
// refuses. On macOS the SDK's own <readline/readline.h> (libedit) stands in; what it lacks is left
// out quietly.
#ifndef CORFU_CREADLINE_H
#define CORFU_CREADLINE_H

/// Names what could stand at `start` ..< `end` of a line that is being typed.
///
/// Returns candidates separated by newlines, made with malloc (the caller frees them), or NULL
/// where the name of a file is wanted. `stage` is what `corfu_prompt_setup` was given.
typedef char *(*corfu_completer)(const char *line, int start, int end, int stage);

/// How reading a line ended.
enum {
  corfu_prompt_line = 0,         ///< a line was entered
  corfu_prompt_end = 1,          ///< the end of input: Ctrl-D
  corfu_prompt_interrupted = 2,  ///< Ctrl-C: what was typed is gone
};

/// Prepares the prompt: completion, and a history of at most `history_max` lines.
void corfu_prompt_setup(corfu_completer completer, int stage, int history_max);

/// Reads a line with editing. On `corfu_prompt_line`, `*line` was made with malloc: the caller
/// frees it.
int corfu_prompt_read(const char *prompt, char **line);

/// Makes a line reachable with the up arrow.
void corfu_history_add(const char *line);

/// From now on Ctrl-C is counted; only the third without `corfu_interrupts_clear` in between ends
/// the process.
void corfu_interrupts_catch(void);

/// From now on SIGTERM and SIGHUP count as Ctrl-C does, unless they are ignored.
void corfu_endings_catch(void);

/// From now on Ctrl-C ends the process again, and so do SIGTERM and SIGHUP.
void corfu_interrupts_let_go(void);

/// How often Ctrl-C was pressed since the last `corfu_interrupts_clear`.
int corfu_interrupts(void);

/// The signal that was counted last; SIGINT, which Ctrl-C sends, before the first.
int corfu_last_interrupt(void);

/// Forgets the presses of Ctrl-C so far.
void corfu_interrupts_clear(void);

/// Whether the process was stopped and continued since it was asked last.
int corfu_was_continued(void);

/// A write to a pipe that nobody reads fails from now on, instead of ending the process.
void corfu_ignore_broken_pipes(void);

/// How many columns the terminal behind a descriptor has; 0 if it is none or does not say.
int corfu_terminal_columns(int descriptor);

#endif
