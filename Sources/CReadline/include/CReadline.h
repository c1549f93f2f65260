// What the prompt needs of GNU Readline, without its global callback variables, which Swift 6 refuses.
#ifndef CORFU_CREADLINE_H
#define CORFU_CREADLINE_H

char *corfu_readline(const char *prompt);

#endif
