/* The only program of our base image. It has no libc. KServe starts the image with the arguments `sh -c SCRIPT`.
 *
 * A script with the word "sleep" keeps a sidecar running: link /mnt/models to the files of this container, then wait for a signal.
 * Any other script is the check of an init container: status 0 if /models has files, else 1.
 * Without arguments it waits for a signal, so that the files can be copied out of a container.
 *
 *   CC -Os -static -nostdlib -ffreestanding -fno-stack-protector -fno-pic -no-pie -fno-asynchronous-unwind-tables \
 *     -Wl,--build-id=none -Wl,-z,noseparate-code -s -o modelcar modelcar.c
 */
#if defined(__x86_64__)
enum { SYS_openat = 257, SYS_getdents64 = 217, SYS_getpid = 39, SYS_unlinkat = 263, SYS_symlinkat = 266, SYS_exit = 231,
       SYS_ppoll = 271, SYS_write = 1, SYS_rt_sigaction = 13 };
static long call(long n, long a, long b, long c, long d, long e) {
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e;
  long r;
  __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
  return r;
}
__asm__(".globl _start\n_start: mov %rsp,%rdi\n and $-16,%rsp\n call run\n");
#define RESTORER 0x04000000
__asm__("restore: mov $15,%eax\n syscall\n");
#elif defined(__aarch64__)
enum { SYS_openat = 56, SYS_getdents64 = 61, SYS_getpid = 172, SYS_unlinkat = 35, SYS_symlinkat = 36, SYS_exit = 94,
       SYS_ppoll = 73, SYS_write = 64, SYS_rt_sigaction = 134 };
static long call(long n, long a, long b, long c, long d, long e) {
  register long x8 __asm__("x8") = n, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c, x3 __asm__("x3") = d,
                x4 __asm__("x4") = e;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
}
__asm__(".globl _start\n_start: mov x0,sp\n bl run\n");
#define RESTORER 0
__asm__("restore: mov x8,139\n svc 0\n");
#endif
enum { AT_FDCWD = -100, SIGINT = 2, SIGTERM = 15 };
void restore(void);

static int has(const char *text, const char *word) {
  for (; *text; text++) {
    const char *t = text, *w = word;
    while (*w && *t == *w) t++, w++;
    if (!*w) return 1;
  }
  return 0;
}

static void finish(int status) {
  for (;;) call(SYS_exit, status, 0, 0, 0, 0);
}

static void stop(int signal) { finish(signal == SIGTERM || signal == SIGINT ? 0 : 1); }

static void say(const char *text) {
  long length = 0;
  while (text[length]) length++;
  call(SYS_write, 2, (long)text, length, 0, 0);
}

static void wait_for_a_signal(void) {
  struct { void (*handler)(int); unsigned long flags; void (*restorer)(void); unsigned long mask; } action = {
      stop, RESTORER, restore, 0};
  call(SYS_rt_sigaction, SIGTERM, (long)&action, 0, 8, 0);
  call(SYS_rt_sigaction, SIGINT, (long)&action, 0, 8, 0);
  for (;;) call(SYS_ppoll, 0, 0, 0, 0, 8);
}

static int has_files(void) {
  static char entries[1024];
  long folder = call(SYS_openat, AT_FDCWD, (long)"/models", 0, 0, 0);
  long length, entry_at;
  if (folder < 0) return 0;
  while ((length = call(SYS_getdents64, folder, (long)entries, sizeof entries, 0, 0)) > 0)
    for (entry_at = 0; entry_at < length; entry_at += *(unsigned short *)(entries + entry_at + 16)) {
      const char *name = entries + entry_at + 19;
      if (name[0] != '.' || (name[1] && (name[1] != '.' || name[2]))) return 1;
    }
  return 0;
}

static void link_models(void) {
  static char target[64];
  char digits[24], *end = target;
  const char *before = "/proc/", *after = "/root/models";
  long pid = call(SYS_getpid, 0, 0, 0, 0, 0);
  int count = 0;
  while (*before) *end++ = *before++;
  do digits[count++] = (char)('0' + pid % 10); while ((pid /= 10));
  while (count) *end++ = digits[--count];
  while (*after) *end++ = *after++;
  *end = 0;
  call(SYS_unlinkat, AT_FDCWD, (long)"/mnt/models", 0, 0, 0);
  if (call(SYS_symlinkat, (long)target, AT_FDCWD, (long)"/mnt/models", 0, 0) < 0) {
    say("modelcar: the link /mnt/models cannot be made\n");
    finish(1);
  }
}

__attribute__((used)) static void run(long *stack) {
  char **arguments = (char **)(stack + 1);
  int is_sidecar = 0, has_script = 0;
  for (long i = 1; i < *stack; i++) {
    has_script = 1;
    if (has(arguments[i], "sleep")) is_sidecar = 1;
  }
  if (!has_script) wait_for_a_signal();
  if (is_sidecar) {
    link_models();
    wait_for_a_signal();
  }
  if (has_files()) finish(0);
  say("modelcar: /models has no files\n");
  finish(1);
}
