/* A disk that fails on command, for tests. Preloaded into a process, it reads one line from the file named by
 * DOUXUAN_FAULT before each write, pwrite, fsync and fdatasync:
 *
 *     <call> <errno> <suffix>
 *
 * and fails that call with that errno for files whose path ends with the suffix. `write` fails as a full disk does:
 * half of the bytes go through first. `delay <microseconds> <suffix>` makes fsync slow instead. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long ordered(const char *call, int fd, long otherwise) {
    const char *control = getenv("DOUXUAN_FAULT");
    if (!control) return otherwise;
    int file = (int)syscall(SYS_openat, AT_FDCWD, control, O_RDONLY, 0);
    if (file < 0) return otherwise;
    char line[256] = {0}, word[32] = {0}, suffix[128] = {0}, link[64], path[4096] = {0};
    syscall(SYS_read, file, line, sizeof line - 1);
    syscall(SYS_close, file);
    long number = 0;
    if (sscanf(line, "%31s %ld %127s", word, &number, suffix) != 3 || strcmp(word, call)) return otherwise;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (readlink(link, path, sizeof path - 1) < 0) return otherwise;
    size_t have = strlen(path), want = strlen(suffix);
    return have >= want && !strcmp(path + have - want, suffix) ? number : otherwise;
}

static int sync_with(long number, int fd, const char *call) {
    long failure = ordered(call, fd, 0), delay = ordered("delay", fd, 0);
    if (delay) usleep((useconds_t)delay);
    if (failure) { errno = (int)failure; return -1; }
    return (int)syscall(number, fd);
}

int fsync(int fd) { return sync_with(SYS_fsync, fd, "fsync"); }
int fdatasync(int fd) { return sync_with(SYS_fdatasync, fd, "fsync"); }

ssize_t write(int fd, const void *bytes, size_t count) {
    long failure = ordered("write", fd, 0);
    if (failure) {
        static __thread int half;
        half = !half;
        if (half && count > 1) return syscall(SYS_write, fd, bytes, count / 2);
        errno = (int)failure;
        return -1;
    }
    return syscall(SYS_write, fd, bytes, count);
}

static ssize_t put(int fd, const void *bytes, size_t count, off_t at) {
    long failure = ordered("write", fd, 0);
    if (failure) { errno = (int)failure; return -1; }
    return syscall(SYS_pwrite64, fd, bytes, count, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return put(fd, bytes, count, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) { return put(fd, bytes, count, at); }
