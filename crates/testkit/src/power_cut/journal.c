/* Loaded into a program under test (LD_PRELOAD), writes down every change it makes to files below POWER_CUT_ROOT, every sync, and every line it
 * prints, in the order they happened, to the file POWER_CUT_JOURNAL. The test plays the journal back up to any point and drops what was not
 * synced by then, as a disk does when the power goes.
 *
 * POWER_CUT_TROUBLE names a file of four numbers (uint32_t) that the test may change at any time: whether the disk is full, so that no file
 * grows; of how many writes one fails; of how many syncs one fails; and how often something was made to fail, which is counted here.
 *
 * A record: kind (1 byte), file number (4), offset (8), length (4), data. Numbers in the machine's byte order. What was opened ('O' a file as it
 * was, 'E' one that was emptied, 'C' one that was made, 'D' a folder) has the path as its data and the number of its inode as its offset. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define FDS 65536
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t number_of[FDS]; /* 0: not ours */
static uint32_t last_number;
static int journal = -1;
static const char *root;
static size_t root_length;

struct trouble { uint32_t full, failing_writes, failing_syncs, failed; };
static volatile struct trouble *trouble;
static uint64_t chance = 0x59616e736875;

/* Whether it is the turn of one in so many. Called with the lock held. */
static int one_in(uint32_t many) {
  if (!many) return 0;
  chance = chance * 6364136223846793005u + 1442695040888963407u;
  return (chance >> 33) % many == 0;
}

static long fails(int error) {
  trouble->failed++;
  errno = error;
  return -1;
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("POWER_CUT_JOURNAL");
  root = getenv("POWER_CUT_ROOT");
  if (!path || !root) return;
  root_length = strlen(root);
  /* Of each program its own, because several may write into one journal. */
  last_number = ((uint32_t)getpid() & 0x7fff) << 16;
  const char *numbers = getenv("POWER_CUT_TROUBLE");
  int file = numbers ? (int)syscall(SYS_openat, AT_FDCWD, numbers, O_RDWR | O_CLOEXEC, 0) : -1;
  if (file >= 0) {
    void *mapped = mmap(NULL, sizeof *trouble, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) trouble = mapped;
    syscall(SYS_close, file);
  }
  journal = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void put(char kind, uint32_t file, uint64_t offset, const void *data, uint32_t length) {
  if (journal < 0) return;
  char *record = malloc(17 + (size_t)length);
  if (!record) abort();
  record[0] = kind;
  memcpy(record + 1, &file, 4);
  memcpy(record + 5, &offset, 8);
  memcpy(record + 13, &length, 4);
  if (length) memcpy(record + 17, data, length);
  size_t left = 17 + (size_t)length;
  const char *at = record;
  while (left) {
    long done = syscall(SYS_write, journal, at, left);
    if (done <= 0) abort();
    at += done;
    left -= (size_t)done;
  }
  free(record);
}

static int ours(const char *path) {
  return journal >= 0 && path && strncmp(path, root, root_length) == 0;
}

static int known(int fd) { return journal >= 0 && fd >= 0 && fd < FDS && number_of[fd]; }

/* The names in a folder and the numbers of their files: some libraries rename and remove by calls that nothing can be put before. */
static void list(uint32_t number, const char *path) {
  DIR *folder = opendir(path);
  if (!folder) return;
  size_t length = 0, room = 4096;
  char *lines = malloc(room);
  struct dirent *entry;
  while (lines && (entry = readdir(folder))) {
    if (entry->d_type == DT_DIR) continue;
    if (length + 300 > room) lines = realloc(lines, room *= 2);
    if (lines) length += (size_t)sprintf(lines + length, "%llu %s\n", (unsigned long long)entry->d_ino, entry->d_name);
  }
  if (!lines) abort();
  put('N', number, 0, lines, (uint32_t)length);
  free(lines);
  closedir(folder);
}

static void opened(int fd, const char *path, int flags, int existed) {
  struct stat found;
  if (fd < 0 || fd >= FDS || fstat(fd, &found) != 0) return;
  int is_folder = S_ISDIR(found.st_mode);
  char kind = is_folder ? 'D' : !existed ? 'C' : (flags & O_TRUNC) ? 'E' : 'O';
  number_of[fd] = ++last_number;
  put(kind, last_number, (uint64_t)found.st_ino, path, (uint32_t)strlen(path));
  if (is_folder) list(last_number, path);
}

static int open_any(int at, const char *path, int flags, mode_t mode) {
  pthread_mutex_lock(&lock);
  int is_ours = ours(path);
  int existed = !is_ours || !(flags & O_CREAT) || syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
  if (trouble && trouble->full && !existed) {
    fails(ENOSPC);
    pthread_mutex_unlock(&lock);
    return -1;
  }
  int fd = (int)syscall(SYS_openat, at, path, flags, mode);
  int error = errno;
  if (fd >= 0 && fd < FDS) number_of[fd] = 0;
  if (fd >= 0 && is_ours) opened(fd, path, flags, existed);
  pthread_mutex_unlock(&lock);
  errno = error;
  return fd;
}

#define MODE(last) mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list list; va_start(list, last); mode = va_arg(list, mode_t); va_end(list); }
int open(const char *path, int flags, ...) { MODE(flags) return open_any(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_any(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int at, const char *path, int flags, ...) { MODE(flags) return open_any(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags) return open_any(at, path, flags | O_LARGEFILE, mode); }

int close(int fd) {
  pthread_mutex_lock(&lock);
  if (fd >= 0 && fd < FDS) number_of[fd] = 0;
  int result = (int)syscall(SYS_close, fd);
  pthread_mutex_unlock(&lock);
  return result;
}

/* How much of a write is done, or -1 with errno set. Called with the lock held. */
static ssize_t let_through(int fd, size_t length, off64_t offset) {
  if (!trouble) return (ssize_t)length;
  if (one_in(trouble->failing_writes)) return fails(EIO);
  if (!trouble->full) return (ssize_t)length;
  off64_t size = lseek64(fd, 0, SEEK_END);
  if (offset + (off64_t)length <= size) return (ssize_t)length;
  /* What fits into the last block is written, the rest is refused at the next call. */
  off64_t room = ((size + 4095) & ~(off64_t)4095) - offset;
  if (room <= 0) return fails(ENOSPC);
  return (off64_t)length < room ? (ssize_t)length : (ssize_t)room;
}

static ssize_t pwrite_any(int fd, const void *data, size_t length, off64_t offset) {
  if (!known(fd)) return syscall(SYS_pwrite64, fd, data, length, offset);
  pthread_mutex_lock(&lock);
  ssize_t through = let_through(fd, length, offset);
  if (through < 0) {
    int error = errno;
    pthread_mutex_unlock(&lock);
    errno = error;
    return -1;
  }
  length = (size_t)through;
  ssize_t done = syscall(SYS_pwrite64, fd, data, length, offset);
  if (done > 0) put('W', number_of[fd], (uint64_t)offset, data, (uint32_t)done);
  pthread_mutex_unlock(&lock);
  return done;
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return pwrite_any(fd, data, length, offset); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) { return pwrite_any(fd, data, length, offset); }

ssize_t write(int fd, const void *data, size_t length) {
  if (fd != 1 && !known(fd)) return syscall(SYS_write, fd, data, length);
  pthread_mutex_lock(&lock);
  off64_t offset = fd == 1 ? 0 : lseek64(fd, 0, SEEK_CUR);
  if (fd != 1) {
    ssize_t through = let_through(fd, length, offset);
    int error = errno;
    lseek64(fd, offset, SEEK_SET);
    if (through < 0) {
      pthread_mutex_unlock(&lock);
      errno = error;
      return -1;
    }
    length = (size_t)through;
  }
  ssize_t done = syscall(SYS_write, fd, data, length);
  if (done > 0) put(fd == 1 ? 'P' : 'W', fd == 1 ? 0 : number_of[fd], (uint64_t)offset, data, (uint32_t)done);
  pthread_mutex_unlock(&lock);
  return done;
}

static int sync_any(long call, int fd) {
  if (!known(fd)) return (int)syscall(call, fd);
  /* The real sync is left out: the play-back decides what a sync kept, and the machine's disk has nothing to do with it. */
  pthread_mutex_lock(&lock);
  int failed = trouble && one_in(trouble->failing_syncs);
  put(failed ? 'F' : 'S', number_of[fd], 0, NULL, 0);
  if (failed) fails(EIO);
  pthread_mutex_unlock(&lock);
  if (failed) errno = EIO;
  return failed ? -1 : 0;
}
int fsync(int fd) { return sync_any(SYS_fsync, fd); }
int fdatasync(int fd) { return sync_any(SYS_fdatasync, fd); }

static int truncate_any(int fd, off64_t length) {
  pthread_mutex_lock(&lock);
  int result = (int)syscall(SYS_ftruncate, fd, length);
  if (result == 0 && known(fd)) put('T', number_of[fd], (uint64_t)length, NULL, 0);
  pthread_mutex_unlock(&lock);
  return result;
}
int ftruncate(int fd, off_t length) { return truncate_any(fd, length); }
int ftruncate64(int fd, off64_t length) { return truncate_any(fd, length); }

int unlink(const char *path) {
  pthread_mutex_lock(&lock);
  int result = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  if (result == 0 && ours(path)) put('U', 0, 0, path, (uint32_t)strlen(path));
  pthread_mutex_unlock(&lock);
  return result;
}

static int pair(char kind, long call, const char *from, const char *to) {
  pthread_mutex_lock(&lock);
  int result = call == SYS_linkat ? (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0)
                                  : (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
  if (result == 0 && ours(to)) {
    char both[8192];
    int length = snprintf(both, sizeof both, "%s\n%s", from, to);
    put(kind, 0, 0, both, (uint32_t)length);
  }
  pthread_mutex_unlock(&lock);
  return result;
}
int rename(const char *from, const char *to) { return pair('R', SYS_renameat, from, to); }
int link(const char *from, const char *to) { return pair('L', SYS_linkat, from, to); }
int linkat(int at, const char *from, int to_at, const char *to, int flags) {
  if (at != AT_FDCWD || to_at != AT_FDCWD || flags) return (int)syscall(SYS_linkat, at, from, to_at, to, flags);
  return pair('L', SYS_linkat, from, to);
}
