/* Loaded into a program (LD_PRELOAD), makes every sync of a file take SLOW_SYNC_MICROS longer, as on a disk that is further away. Programs that
 * clean their environment must be told to keep both variables. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static struct timespec delay;

__attribute__((constructor)) static void begin(void) {
  const char *text = getenv("SLOW_SYNC_MICROS");
  long micros = text ? atol(text) : 0;
  delay.tv_sec = micros / 1000000;
  delay.tv_nsec = micros % 1000000 * 1000;
}

#define SLOW(name)                                                       \
  int name(int fd) {                                                     \
    static int (*real)(int);                                             \
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, #name);             \
    if (delay.tv_sec || delay.tv_nsec) nanosleep(&delay, NULL);          \
    return real(fd);                                                     \
  }

SLOW(fsync)
SLOW(fdatasync)
