// Opening and closing files, and keeping what libtiff says.
#include "handle.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(_WIN32)
#include <windows.h>
#endif

// libtiff may allocate at most this much at once, or twice the size of the file if that is more: nothing but the arrays
// and the packed data of the file itself is allocated by it.
#define ILH_TIFF_SMALL_FILE ((uint64_t)64 << 20)

static void append(char *text, size_t capacity, const char *format, va_list arguments) {
  size_t length = strlen(text);
  if (length > 0 && length + 2 < capacity) {
    text[length++] = '\n';
    text[length] = 0;
  }
  vsnprintf(text + length, capacity - length, format, arguments);
}

static int on_error(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  ilh_tiff *file = user;
  (void)tiff;
  (void)module;
  append(file->message, sizeof file->message, format, arguments);
  // libtiff says that it could not write, the system says why.
  const char *reason = errno != 0 ? strerror(errno) : "";
  if (file->file_bytes == 0 && strstr(file->message, reason) == NULL) {
    size_t length = strlen(file->message);
    snprintf(file->message + length, sizeof file->message - length, ": %s", reason);
  }
  return 1;
}

static int on_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  ilh_tiff *file = user;
  (void)tiff;
  (void)module;
  append(file->warnings, sizeof file->warnings, format, arguments);
  return 1;
}

void ilh_tiff_forget(ilh_tiff *file) {
  file->message[0] = 0;
  errno = 0;
}

int32_t ilh_tiff_fail(ilh_tiff *file, int32_t code, const char *text) {
  size_t length = strlen(file->message);
  snprintf(file->message + length, sizeof file->message - length, "%s%s", length > 0 ? "\n" : "", text);
  return code;
}

static void copy_text(char *to, uint64_t bytes, const char *from) {
  if (to != NULL && bytes > 0) snprintf(to, (size_t)bytes, "%s", from);
}

static TIFF *open_path(const char *path, const char *mode, TIFFOpenOptions *options) {
#if defined(_WIN32)
  int length = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, NULL, 0);
  if (length <= 0) return NULL;
  wchar_t *wide = malloc((size_t)length * sizeof *wide);
  if (wide == NULL) return NULL;
  MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, length);
  TIFF *tiff = TIFFOpenWExt(wide, mode, options);
  free(wide);
  return tiff;
#else
  return TIFFOpenExt(path, mode, options);
#endif
}

// Size of an open file.
static uint64_t size_of(TIFF *tiff) { return TIFFGetSizeProc(tiff)(TIFFClientdata(tiff)); }

static ilh_tiff *open_mode(const char *path, const char *mode, int reading, char *message, uint64_t message_bytes) {
  ilh_tiff *file = calloc(1, sizeof *file);
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (path == NULL || file == NULL || options == NULL) {
    copy_text(message, message_bytes, path == NULL ? "no path" : "no memory");
    if (options != NULL) TIFFOpenOptionsFree(options);
    free(file);
    return NULL;
  }
  TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, file);
  TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, file);
  // Warnings about tags that libtiff does not know are of no use: microscopes write many.
  TIFFOpenOptionsSetWarnAboutUnknownTags(options, 0);
  file->block_number = UINT64_MAX;
  ilh_tiff_forget(file);
  if (reading) {
    // Not even the directory may ask for more memory than the file could fill, so its size is needed first: `h` reads
    // the header only.
    file->tiff = open_path(path, "rhm", options);
    if (file->tiff != NULL) {
      uint64_t bytes = size_of(file->tiff);
      uint64_t limit = bytes > ILH_TIFF_SMALL_FILE / 2 ? 2 * bytes : ILH_TIFF_SMALL_FILE;
      TIFFClose(file->tiff);
      TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)limit);
      file->file_bytes = bytes;
      file->tiff = open_path(path, mode, options);
    }
  } else {
    file->tiff = open_path(path, mode, options);
  }
  TIFFOpenOptionsFree(options);
  if (file->tiff == NULL) {
    copy_text(message, message_bytes, file->message[0] != 0 ? file->message : "cannot be opened");
    free(file);
    return NULL;
  }
  return file;
}

ilh_tiff *ilh_tiff_open(const char *path, char *message, uint64_t message_bytes) {
  // m: not mapped into memory, where a file that shrinks meanwhile would end the program.
  return open_mode(path, "rhm", 1, message, message_bytes);
}

ilh_tiff *ilh_tiff_create(const char *path, int32_t big, char *message, uint64_t message_bytes) {
  return open_mode(path, big ? "w8lm" : "w4lm", 0, message, message_bytes);
}

int32_t ilh_tiff_close(ilh_tiff *file, char *message, uint64_t message_bytes) {
  if (file == NULL) return ILH_TIFF_ARGUMENT;
  ilh_tiff_forget(file);
  int flushed = TIFFFlush(file->tiff);
  if (!flushed) ilh_tiff_fail(file, ILH_TIFF_LIBRARY, "the file cannot be completed");
  TIFFClose(file->tiff);
  copy_text(message, message_bytes, file->message);
  int32_t code = file->message[0] != 0 ? ILH_TIFF_LIBRARY : ILH_TIFF_OK;
  free(file->block);
  free(file);
  return code;
}

int32_t ilh_tiff_message(const ilh_tiff *file, int32_t warnings, char *buffer, uint64_t bytes) {
  if (file == NULL || buffer == NULL || bytes == 0) return ILH_TIFF_ARGUMENT;
  copy_text(buffer, bytes, warnings ? file->warnings : file->message);
  return ILH_TIFF_OK;
}
