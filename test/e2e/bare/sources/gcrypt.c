/* Loads every key of the folder keys as an S-expression with libgcrypt, signs, and keeps running. */
#include <gcrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check(gcry_error_t error, const char *what) {
  if (error) fprintf(stderr, "%s: %s\n", what, gcry_strerror(error));
  return error != 0;
}

static gcry_sexp_t load(const char *name) {
  char path[64], text[16384];
  snprintf(path, sizeof path, "keys/%s.sexp", name);
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  setvbuf(file, NULL, _IONBF, 0);
  size_t length = fread(text, 1, sizeof text, file);
  fclose(file);
  gcry_sexp_t key = NULL;
  check(gcry_sexp_new(&key, text, length, 1), path);
  explicit_bzero(text, sizeof text);
  return key;
}

int main(int argc, char **argv) {
  static gcry_sexp_t keys[8];
  if (!gcry_check_version(NULL)) return 1;
  gcry_control(GCRYCTL_INIT_SECMEM, 65536, 0);
  gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
  for (int i = 1; i < argc; i++) {
    if (!(keys[i] = load(argv[i]))) return 1;
    const char *data = strcmp(argv[i], "rsa") == 0
      ? "(data (flags pkcs1) (hash sha256 "
        "#0101010101010101010101010101010101010101010101010101010101010101#))"
      : strcmp(argv[i], "ed25519") == 0
      ? "(data (flags eddsa) (hash-algo sha512) (value #0102#))"
      : "(data (flags raw) (value #0101010101010101010101010101010101010101010101010101010101010101#))";
    gcry_sexp_t message, signature;
    if (check(gcry_sexp_new(&message, data, strlen(data), 1), "data")) return 1;
    for (int round = 0; round < 3; round++)
      if (check(gcry_pk_sign(&signature, message, keys[i]), argv[i])) return 1;
  }
  puts("ready");
  fflush(stdout);
  getchar();
  return 0;
}
