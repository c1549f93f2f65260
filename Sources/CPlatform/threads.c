#include "CPlatform.h"

#include <pthread.h>
#include <stdlib.h>

struct corfu_gate {
  pthread_mutex_t mutex;
  pthread_cond_t condition;
  int is_open;
};

corfu_gate *corfu_gate_create(void) {
  corfu_gate *gate = calloc(1, sizeof *gate);
  if (gate == NULL) abort();
  pthread_mutex_init(&gate->mutex, NULL);
  pthread_cond_init(&gate->condition, NULL);
  return gate;
}

void corfu_gate_destroy(corfu_gate *gate) {
  pthread_cond_destroy(&gate->condition);
  pthread_mutex_destroy(&gate->mutex);
  free(gate);
}

void corfu_gate_open(corfu_gate *gate) {
  pthread_mutex_lock(&gate->mutex);
  gate->is_open = 1;
  pthread_cond_signal(&gate->condition);
  pthread_mutex_unlock(&gate->mutex);
}

void corfu_gate_wait(corfu_gate *gate) {
  pthread_mutex_lock(&gate->mutex);
  while (!gate->is_open) pthread_cond_wait(&gate->condition, &gate->mutex);
  gate->is_open = 0;
  pthread_mutex_unlock(&gate->mutex);
}

struct start {
  void (*body)(void *);
  void *context;
};

static void *run(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
  start.body(start.context);
  return NULL;
}

int corfu_thread_start(void (*body)(void *context), void *context) {
  struct start *start = malloc(sizeof *start);
  if (start == NULL) abort();
  start->body = body;
  start->context = context;
  pthread_t thread;
  int status = pthread_create(&thread, NULL, run, start);
  if (status == 0) {
    pthread_detach(thread);
  } else {
    free(start);
  }
  return status;
}
