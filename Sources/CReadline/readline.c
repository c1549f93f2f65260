#include "CReadline.h"

#include <stdio.h>

#include <readline/readline.h>

char *corfu_readline(const char *prompt) { return readline(prompt); }
