// libarchive, loaded when it is first needed: a program that reads no archive starts without it, and
// building needs none of its headers. Prototypes and numbers are those of archive.h, version 3.
#pragma once
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct archive dla_archive;
typedef struct archive_entry dla_archive_entry;

enum {
  DLA_ARCHIVE_OK = 0,
  DLA_ARCHIVE_EOF = 1,
  DLA_ARCHIVE_WARN = -20,
  DLA_ARCHIVE_FATAL = -30,
};

// What hands out the bytes of an archive.
typedef ssize_t (*dla_archive_reader)(dla_archive *, void *context, const void **bytes);
typedef int64_t (*dla_archive_skipper)(dla_archive *, void *context, int64_t count);
typedef int64_t (*dla_archive_seeker)(dla_archive *, void *context, int64_t offset, int origin);

typedef struct {
  dla_archive *(*read_new)(void);
  int (*read_free)(dla_archive *);
  int (*read_support_format_zip_seekable)(dla_archive *);
  int (*read_support_format_tar)(dla_archive *);
  int (*read_support_filter_gzip)(dla_archive *);
  int (*read_support_filter_bzip2)(dla_archive *);
  int (*read_support_filter_xz)(dla_archive *);
  int (*read_support_filter_zstd)(dla_archive *);
  int (*read_set_format_option)(dla_archive *, const char *, const char *, const char *);
  int (*read_set_callback_data)(dla_archive *, void *);
  int (*read_set_read_callback)(dla_archive *, dla_archive_reader);
  int (*read_set_skip_callback)(dla_archive *, dla_archive_skipper);
  int (*read_set_seek_callback)(dla_archive *, dla_archive_seeker);
  int (*read_open1)(dla_archive *);
  int (*read_open_filename)(dla_archive *, const char *, size_t block);
  int (*read_next_header)(dla_archive *, dla_archive_entry **);
  int (*read_data_block)(dla_archive *, const void **, size_t *, int64_t *);
  ssize_t (*read_data)(dla_archive *, void *, size_t);
  int64_t (*read_header_position)(dla_archive *);
  int64_t (*filter_bytes)(dla_archive *, int);
  const char *(*error_string)(dla_archive *);
  const char *(*entry_pathname)(dla_archive_entry *);
  const char *(*entry_pathname_utf8)(dla_archive_entry *);
  int (*entry_is_encrypted)(dla_archive_entry *);
  int64_t (*entry_size)(dla_archive_entry *);
  mode_t (*entry_filetype)(dla_archive_entry *);
  const char *(*entry_hardlink)(dla_archive_entry *);
} dla_archive_functions;

// 1 if the library is there with all that is used of it, 0 if not.
static inline int dla_archive_load(dla_archive_functions *functions, const char *name) {
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library) return 0;
#define DLA_FUNCTION(field, symbol) \
  *(void **)&functions->field = dlsym(library, "archive_" symbol); \
  if (!functions->field) return 0
  DLA_FUNCTION(read_new, "read_new");
  DLA_FUNCTION(read_free, "read_free");
  DLA_FUNCTION(read_support_format_zip_seekable, "read_support_format_zip_seekable");
  DLA_FUNCTION(read_support_format_tar, "read_support_format_tar");
  DLA_FUNCTION(read_support_filter_gzip, "read_support_filter_gzip");
  DLA_FUNCTION(read_support_filter_bzip2, "read_support_filter_bzip2");
  DLA_FUNCTION(read_support_filter_xz, "read_support_filter_xz");
  DLA_FUNCTION(read_support_filter_zstd, "read_support_filter_zstd");
  DLA_FUNCTION(read_set_format_option, "read_set_format_option");
  DLA_FUNCTION(read_set_callback_data, "read_set_callback_data");
  DLA_FUNCTION(read_set_read_callback, "read_set_read_callback");
  DLA_FUNCTION(read_set_skip_callback, "read_set_skip_callback");
  DLA_FUNCTION(read_set_seek_callback, "read_set_seek_callback");
  DLA_FUNCTION(read_open1, "read_open1");
  DLA_FUNCTION(read_open_filename, "read_open_filename");
  DLA_FUNCTION(read_next_header, "read_next_header");
  DLA_FUNCTION(read_data_block, "read_data_block");
  DLA_FUNCTION(read_data, "read_data");
  DLA_FUNCTION(read_header_position, "read_header_position");
  DLA_FUNCTION(filter_bytes, "filter_bytes");
  DLA_FUNCTION(error_string, "error_string");
  DLA_FUNCTION(entry_pathname, "entry_pathname");
  DLA_FUNCTION(entry_pathname_utf8, "entry_pathname_utf8");
  DLA_FUNCTION(entry_is_encrypted, "entry_is_encrypted");
  DLA_FUNCTION(entry_size, "entry_size");
  DLA_FUNCTION(entry_filetype, "entry_filetype");
  DLA_FUNCTION(entry_hardlink, "entry_hardlink");
#undef DLA_FUNCTION
  return 1;
}
