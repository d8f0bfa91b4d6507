/* A fault layer under one process, by LD_PRELOAD.
 *
 *   SHIM_ROOT       only files under this folder are looked at (an absolute path without links)
 *   SHIM_JOURNAL    every change of them, and every send on a socket, is appended here, in the order it took effect
 *   SHIM_CONTROL    a file that is read again at every call: one fault a line
 *   SHIM_DROP_FSYNC fsync of a path that contains this text returns 0 and does nothing, as if the call were deleted
 *
 * Faults: "eio TEXT" (fsync fails), "full TEXT" (writes go half way, then ENOSPC), "slow MS TEXT" (fsync takes longer),
 * "clock SECONDS" (added to the real-time clock). TEXT is part of a path.
 *
 * A write is journalled after it was made and a send before, a sync when it begins and when it has ended: of two
 * readings of the order, the journal always holds the one that is worse for the server.
 *
 * Nothing here calls a function that it replaces on a file of its own: journal and control file go by raw system calls.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { CREATE = 1, WRITE, TRUNCATE, SYNC_BEGIN, SYNC_END, RENAME, UNLINK, MKDIR, RMDIR, SEND };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
#define LOCK pthread_mutex_lock(&lock)
#define UNLOCK(number) do { int kept = (number); pthread_mutex_unlock(&lock); errno = kept; } while (0)
static char root[PATH_MAX];
static size_t root_length;
static dev_t root_device;
static const char *control, *dropped;
static int journal = -1;

/* ---- which files are looked at: by inode, since descriptors are duplicated and names change ---- */

struct known {
    ino_t ino;
    struct known *next;
    char path[];
};
static struct known *known[4096];

static struct known **place(ino_t ino) {
    struct known **at = &known[ino % 4096];
    while (*at && (*at)->ino != ino) at = &(*at)->next;
    return at;
}

static void forget(ino_t ino) {
    struct known **at = place(ino), *gone = *at;
    if (gone) { *at = gone->next; free(gone); }
}

static void learn(ino_t ino, const char *path) {
    forget(ino);
    struct known *entry = malloc(sizeof *entry + strlen(path) + 1);
    if (!entry) abort();
    entry->ino = ino;
    strcpy(entry->path, path);
    entry->next = known[ino % 4096];
    known[ino % 4096] = entry;
}

/* The path of a descriptor's file, or NULL if it is none of ours. Call with the lock held. */
static const char *path_of(int fd, struct stat *status) {
    status->st_mode = 0;
    if (!root_length || fstat(fd, status) || status->st_dev != root_device) return NULL;
    if (!S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode)) return NULL;
    struct known *entry = *place(status->st_ino);
    return entry ? entry->path : NULL;
}

/* An absolute path under the root; false if it lies elsewhere. */
static int ours(int folder, const char *path, char out[PATH_MAX]) {
    if (!root_length || !path) return 0;
    if (path[0] == '/') {
        if (snprintf(out, PATH_MAX, "%s", path) >= PATH_MAX) return 0;
    } else {
        char link[64], base[PATH_MAX];
        if (folder == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
        else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t n = readlink(link, base, sizeof base - 1);
        if (n <= 0) return 0;
        base[n] = 0;
        if (snprintf(out, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return 0;
    }
    for (size_t n = strlen(out); n > 1 && out[n - 1] == '/'; n--) out[n - 1] = 0;
    return !strncmp(out, root, root_length) && (out[root_length] == '/' || !out[root_length]);
}

/* ---- the journal, little-endian:
 * length(4) kind(1) number(8) number(8) length(2) path length(2) path length(4) bytes ---- */

static void record(enum kind kind, uint64_t a, uint64_t b, const char *one, const char *two, const void *bytes,
                   size_t n) {
    if (journal < 0) return;
    uint16_t first = one ? strlen(one) : 0, second = two ? strlen(two) : 0;
    uint32_t size = n, total = 1 + 8 + 8 + 2 + first + 2 + second + 4 + size;
    unsigned char *out = malloc(4 + (size_t)total), *at = out;
    if (!out) abort();
#define PUT(from, length) (memcpy(at, from, length), at += (length))
    unsigned char k = kind;
    PUT(&total, 4); PUT(&k, 1); PUT(&a, 8); PUT(&b, 8);
    PUT(&first, 2); if (first) PUT(one, first);
    PUT(&second, 2); if (second) PUT(two, second);
    PUT(&size, 4); if (size) PUT(bytes, size);
#undef PUT
    if (syscall(SYS_write, journal, out, (size_t)(at - out)) != at - out) abort();
    free(out);
}

/* ---- faults ---- */

/* The number in the first line "WORD [NUMBER] TEXT" whose TEXT is in path: 1 without a number, 0 without the line. */
static long fault(const char *word, const char *path) {
    if (!control) return 0;
    int fd = syscall(SYS_openat, AT_FDCWD, control, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    char text[1024];
    long n = syscall(SYS_read, fd, text, sizeof text - 1);
    syscall(SYS_close, fd);
    if (n <= 0) return 0;
    text[n] = 0;
    char *rest = text, *line;
    while ((line = strsep(&rest, "\n"))) {
        size_t length = strlen(word);
        if (strncmp(line, word, length) || line[length] != ' ') continue;
        char *end, *what = line + length + 1;
        long number = strtol(what, &end, 10);
        if (end == what || (*end && *end != ' ')) number = 1; /* TEXT may begin with a digit */
        else what = *end ? end + 1 : end;
        if (!path || strstr(path, what)) return number;
    }
    return 0;
}

/* How many of n bytes a disk that fills up takes: half, and of what is left nothing. */
static ssize_t room(const char *path, size_t n) {
    static char halved[PATH_MAX];
    int full = fault("full", path) != 0, half = full && n > 1 && strcmp(halved, path);
    snprintf(halved, sizeof halved, "%s", half ? path : "");
    if (full && !half) errno = ENOSPC;
    return !full ? (ssize_t)n : half ? (ssize_t)(n / 2) : -1;
}

#define REAL(type, name, ...)                                             \
    static type (*real)(__VA_ARGS__);                                     \
    if (!real && !(real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))) abort()

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("SHIM_ROOT"), *to = getenv("SHIM_JOURNAL");
    struct stat status;
    if (!folder || stat(folder, &status) || !realpath(folder, root)) return;
    root_device = status.st_dev;
    control = getenv("SHIM_CONTROL");
    dropped = getenv("SHIM_DROP_FSYNC");
    if (to) journal = syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    learn(status.st_ino, root);
    root_length = strlen(root);
    unsetenv("LD_PRELOAD");
}

/* ---- names ---- */

static int opened(int folder, const char *path, int flags, mode_t mode) {
    REAL(int, "openat64", int, const char *, int, ...);
    char name[PATH_MAX];
    if (!ours(folder, path, name)) return real(folder, path, flags, mode);
    LOCK;
    struct stat before, now;
    int was_there = !fstatat(folder, path, &before, 0), fd = real(folder, path, flags, mode), error = errno;
    if (fd >= 0 && !fstat(fd, &now)) {
        if (!was_there && (flags & O_CREAT)) record(CREATE, now.st_ino, 0, name, NULL, NULL, 0);
        else if (flags & O_TRUNC && before.st_size) record(TRUNCATE, now.st_ino, 0, NULL, NULL, NULL, 0);
        learn(now.st_ino, name);
    }
    UNLOCK(error);
    return fd;
}

#define MODE(mode, flags)                                                                   \
    va_list list;                                                                           \
    va_start(list, flags);                                                                  \
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(list, mode_t) : 0;               \
    va_end(list)

int openat(int folder, const char *path, int flags, ...) {
    MODE(mode, flags);
    return opened(folder, path, flags, mode);
}
int open(const char *path, int flags, ...) {
    MODE(mode, flags);
    return opened(AT_FDCWD, path, flags, mode);
}
/* The same functions on a system whose offsets have 64 bits anyway. */
int openat64(int, const char *, int, ...) __attribute__((alias("openat")));
int open64(const char *, int, ...) __attribute__((alias("open")));

static int renamed(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    REAL(int, "renameat2", int, const char *, int, const char *, unsigned);
    char old[PATH_MAX], fresh[PATH_MAX];
    if (!ours(from_folder, from, old) || !ours(to_folder, to, fresh))
        return real(from_folder, from, to_folder, to, flags);
    LOCK;
    struct stat moved, covered;
    int was_there = !fstatat(to_folder, to, &covered, AT_SYMLINK_NOFOLLOW);
    int done = real(from_folder, from, to_folder, to, flags), error = errno;
    if (!done) {
        if (was_there) forget(covered.st_ino);
        if (!fstatat(to_folder, to, &moved, AT_SYMLINK_NOFOLLOW)) learn(moved.st_ino, fresh);
        record(RENAME, 0, 0, old, fresh, NULL, 0);
    }
    UNLOCK(error);
    return done;
}

int rename(const char *from, const char *to) { return renamed(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int a, const char *from, int b, const char *to) { return renamed(a, from, b, to, 0); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) { return renamed(a, from, b, to, flags); }

int unlinkat(int folder, const char *path, int flags) {
    REAL(int, "unlinkat", int, const char *, int);
    char name[PATH_MAX];
    if (!ours(folder, path, name)) return real(folder, path, flags);
    LOCK;
    struct stat before;
    int was_there = !fstatat(folder, path, &before, AT_SYMLINK_NOFOLLOW);
    int done = real(folder, path, flags), error = errno;
    if (!done) {
        if (was_there && before.st_nlink <= 1) forget(before.st_ino);
        record(flags & AT_REMOVEDIR ? RMDIR : UNLINK, 0, 0, name, NULL, NULL, 0);
    }
    UNLOCK(error);
    return done;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdir(const char *path, mode_t mode) {
    REAL(int, "mkdir", const char *, mode_t);
    char name[PATH_MAX];
    if (!ours(AT_FDCWD, path, name)) return real(path, mode);
    LOCK;
    struct stat made;
    int done = real(path, mode), error = errno;
    if (!done && !stat(path, &made)) {
        learn(made.st_ino, name);
        record(MKDIR, made.st_ino, 0, name, NULL, NULL, 0);
    }
    UNLOCK(error);
    return done;
}

/* ---- content ---- */

/* The kernel takes the offset in two halves; here the lower one holds it all. */
static ssize_t real_pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    return at < 0 ? syscall(SYS_writev, fd, parts, count) : syscall(SYS_pwritev, fd, parts, count, at, 0);
}

static size_t length_of(const struct iovec *parts, int count) {
    size_t n = 0;
    for (int i = 0; i < count; i++) n += parts[i].iov_len;
    return n;
}

/* Of a send, its length and how it begins. */
static void sent(int fd, const struct iovec *parts, int count, size_t n) {
    size_t head = !count ? 0 : parts[0].iov_len < 16 ? parts[0].iov_len : 16;
    record(SEND, fd, n, NULL, NULL, count ? parts[0].iov_base : NULL, head);
}

/* Every way of writing comes through here; at < 0 is the file's own position. */
static ssize_t written(int fd, const struct iovec *parts, int count, off_t at) {
    size_t n = length_of(parts, count);
    struct stat status;
    LOCK;
    const char *path = path_of(fd, &status);
    if (!path) {
        if (S_ISSOCK(status.st_mode)) sent(fd, parts, count, n);
        UNLOCK(errno);
        return real_pwritev(fd, parts, count, at);
    }
    ssize_t allowed = room(path, n), done = allowed;
    struct iovec half = count ? parts[0] : (struct iovec){0};
    if (half.iov_len > (size_t)allowed) half.iov_len = allowed;
    if (allowed == (ssize_t)n) done = real_pwritev(fd, parts, count, at);
    else if (allowed > 0) done = real_pwritev(fd, &half, 1, at);
    int error = errno;
    if (done > 0) {
        off_t from = at >= 0 ? at : lseek(fd, 0, SEEK_CUR) - done;
        size_t left = done;
        for (int i = 0; i < count && left; i++) {
            size_t part = parts[i].iov_len < left ? parts[i].iov_len : left;
            if (part) record(WRITE, status.st_ino, from, NULL, NULL, parts[i].iov_base, part);
            from += part;
            left -= part;
        }
    }
    UNLOCK(error);
    return done;
}

ssize_t write(int fd, const void *bytes, size_t n) {
    struct iovec one = {(void *)bytes, n};
    return written(fd, &one, 1, -1);
}
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
    struct iovec one = {(void *)bytes, n};
    return written(fd, &one, 1, at);
}
ssize_t pwrite64(int, const void *, size_t, off64_t) __attribute__((alias("pwrite")));
ssize_t writev(int fd, const struct iovec *parts, int count) { return written(fd, parts, count, -1); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return written(fd, parts, count, at); }
ssize_t pwritev64(int, const struct iovec *, int, off64_t) __attribute__((alias("pwritev")));

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    LOCK;
    sent(fd, message->msg_iov, message->msg_iovlen, length_of(message->msg_iov, message->msg_iovlen));
    UNLOCK(errno);
    return syscall(SYS_sendmsg, fd, message, flags);
}
ssize_t send(int fd, const void *bytes, size_t n, int flags) {
    struct iovec one = {(void *)bytes, n};
    struct msghdr message = {.msg_iov = &one, .msg_iovlen = 1};
    return sendmsg(fd, &message, flags);
}

/* Without these, std falls back to reads and writes, which are seen. */
#define MISSING(name, ...) ssize_t name(__VA_ARGS__) { errno = ENOSYS; return -1; }
#pragma GCC diagnostic ignored "-Wunused-parameter"
MISSING(copy_file_range, int from, off64_t *at, int to, off64_t *there, size_t n, unsigned flags)
MISSING(sendfile64, int to, int from, off64_t *at, size_t n)

int ftruncate(int fd, off_t length) {
    struct stat status;
    LOCK;
    const char *path = path_of(fd, &status);
    int done = syscall(SYS_ftruncate, fd, length), error = errno;
    if (!done && path) record(TRUNCATE, status.st_ino, length, NULL, NULL, NULL, 0);
    UNLOCK(error);
    return done;
}
int ftruncate64(int, off64_t) __attribute__((alias("ftruncate")));

static int synced(int fd, long call) {
    struct stat status;
    char path[PATH_MAX];
    LOCK;
    const char *found = path_of(fd, &status);
    if (!found) {
        UNLOCK(errno);
        return syscall(call, fd);
    }
    snprintf(path, sizeof path, "%s", found);
    int gone = dropped && strstr(path, dropped);
    if (!gone) record(SYNC_BEGIN, status.st_ino, 0, path, NULL, NULL, 0);
    UNLOCK(errno);
    if (gone) return 0;
    long wait = fault("slow", path);
    if (wait > 0) {
        struct timespec time = {wait / 1000, wait % 1000 * 1000000};
        nanosleep(&time, NULL);
    }
    if (fault("eio", path)) {
        errno = EIO;
        return -1;
    }
    /* With a journal the disk of the test is the journal: what the real one does is of no interest. */
    int done = journal >= 0 ? 0 : syscall(call, fd), error = errno;
    LOCK;
    if (!done) record(SYNC_END, status.st_ino, 0, path, NULL, NULL, 0);
    UNLOCK(error);
    return done;
}
int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

/* ---- the clock on the wall; the monotonic one cannot jump ---- */

int clock_gettime(clockid_t clock, struct timespec *time) {
    REAL(int, "clock_gettime", clockid_t, struct timespec *);
    int done = real(clock, time);
    if (!done && clock == CLOCK_REALTIME) time->tv_sec += fault("clock", NULL);
    return done;
}
