// libcurl, loaded when it is first needed: a program that fetches nothing starts without it, and
// building needs none of its headers. Swift can't call functions with variable arguments, so the
// calls are made here; numbers are those of curl's public interface, which never change.
#pragma once
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  void *global_init, *easy_init, *easy_setopt, *easy_perform, *easy_getinfo, *easy_strerror;
  void *easy_cleanup, *slist_append, *slist_free_all;
} dla_curl;

enum {
  DLA_CURLOPT_LOW_SPEED_LIMIT = 19,
  DLA_CURLOPT_LOW_SPEED_TIME = 20,
  DLA_CURLOPT_NOPROGRESS = 43,
  DLA_CURLOPT_FOLLOWLOCATION = 52,
  DLA_CURLOPT_CONNECTTIMEOUT = 78,
  DLA_CURLOPT_NOSIGNAL = 99,
  DLA_CURLOPT_HTTP_CONTENT_DECODING = 158,
  DLA_CURLOPT_PROTOCOLS = 181,
  DLA_CURLOPT_TCP_KEEPALIVE = 213,
  DLA_CURLOPT_HEADEROPT = 229,
  DLA_CURLOPT_SUPPRESS_CONNECT_HEADERS = 265,
  DLA_CURLOPT_HTTP09_ALLOWED = 285,
  DLA_CURLOPT_WRITEDATA = 10001,
  DLA_CURLOPT_URL = 10002,
  DLA_CURLOPT_ERRORBUFFER = 10010,
  DLA_CURLOPT_USERAGENT = 10018,
  DLA_CURLOPT_HTTPHEADER = 10023,
  DLA_CURLOPT_HEADERDATA = 10029,
  DLA_CURLOPT_XFERINFODATA = 10057,
  DLA_CURLOPT_ACCEPT_ENCODING = 10102,
  DLA_CURLOPT_WRITEFUNCTION = 20011,
  DLA_CURLOPT_HEADERFUNCTION = 20079,
  DLA_CURLOPT_XFERINFOFUNCTION = 20219,

  DLA_CURLINFO_REDIRECT_URL = 0x100000 + 31,
  DLA_CURLINFO_RESPONSE_CODE = 0x200000 + 2,

  DLA_CURLPROTO_HTTP_AND_HTTPS = 3,
  DLA_CURL_GLOBAL_DEFAULT = 3,
  DLA_CURL_ERROR_SIZE = 256,
};

// What receives bytes of headers and bodies: another result than size × count ends the transfer.
typedef size_t (*dla_curl_receiver)(char *bytes, size_t size, size_t count, void *context);
// What is called about once a second, also while nothing arrives: anything but 0 ends the transfer.
typedef int (*dla_curl_ticker)(
    void *context, int64_t total, int64_t received, int64_t to_send, int64_t sent);

// 1 if the library is there with all that is used of it, 0 if not.
static inline int dla_curl_load(dla_curl *curl, const char *name) {
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library) return 0;
  curl->global_init = dlsym(library, "curl_global_init");
  curl->easy_init = dlsym(library, "curl_easy_init");
  curl->easy_setopt = dlsym(library, "curl_easy_setopt");
  curl->easy_perform = dlsym(library, "curl_easy_perform");
  curl->easy_getinfo = dlsym(library, "curl_easy_getinfo");
  curl->easy_strerror = dlsym(library, "curl_easy_strerror");
  curl->easy_cleanup = dlsym(library, "curl_easy_cleanup");
  curl->slist_append = dlsym(library, "curl_slist_append");
  curl->slist_free_all = dlsym(library, "curl_slist_free_all");
  return curl->global_init && curl->easy_init && curl->easy_setopt && curl->easy_perform &&
      curl->easy_getinfo && curl->easy_strerror && curl->easy_cleanup && curl->slist_append &&
      curl->slist_free_all;
}

static inline int dla_curl_global_init(const dla_curl *curl, long flags) {
  return ((int (*)(long))curl->global_init)(flags);
}

static inline void *dla_curl_easy_init(const dla_curl *curl) {
  return ((void *(*)(void))curl->easy_init)();
}

static inline int dla_curl_set_number(const dla_curl *curl, void *handle, int option, long value) {
  return ((int (*)(void *, int, ...))curl->easy_setopt)(handle, option, value);
}

// Strings are copied by libcurl; any other pointer must stay valid while it is set.
static inline int dla_curl_set_pointer(
    const dla_curl *curl, void *handle, int option, const void *value) {
  return ((int (*)(void *, int, ...))curl->easy_setopt)(handle, option, value);
}

static inline int dla_curl_set_receiver(
    const dla_curl *curl, void *handle, int option, dla_curl_receiver value) {
  return ((int (*)(void *, int, ...))curl->easy_setopt)(handle, option, value);
}

static inline int dla_curl_set_ticker(
    const dla_curl *curl, void *handle, int option, dla_curl_ticker value) {
  return ((int (*)(void *, int, ...))curl->easy_setopt)(handle, option, value);
}

static inline int dla_curl_perform(const dla_curl *curl, void *handle) {
  return ((int (*)(void *))curl->easy_perform)(handle);
}

static inline long dla_curl_number(const dla_curl *curl, void *handle, int info) {
  long value = 0;
  ((int (*)(void *, int, ...))curl->easy_getinfo)(handle, info, &value);
  return value;
}

// Valid until the handle is used again; null if there is none.
static inline const char *dla_curl_text(const dla_curl *curl, void *handle, int info) {
  const char *value = 0;
  ((int (*)(void *, int, ...))curl->easy_getinfo)(handle, info, &value);
  return value;
}

static inline const char *dla_curl_error_text(const dla_curl *curl, int code) {
  return ((const char *(*)(int))curl->easy_strerror)(code);
}

static inline void dla_curl_cleanup(const dla_curl *curl, void *handle) {
  ((void (*)(void *))curl->easy_cleanup)(handle);
}

// Null if there is no memory; the list is then unchanged.
static inline void *dla_curl_append(const dla_curl *curl, void *list, const char *line) {
  return ((void *(*)(void *, const char *))curl->slist_append)(list, line);
}

static inline void dla_curl_free_list(const dla_curl *curl, void *list) {
  ((void (*)(void *))curl->slist_free_all)(list);
}
