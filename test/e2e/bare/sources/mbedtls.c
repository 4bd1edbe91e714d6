/* Loads every key of the folder keys with mbedTLS, signs with it, and keeps running. */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/pk.h>
#include <stdio.h>

static int check(int status, const char *what) {
  if (status != 0) fprintf(stderr, "%s: -0x%x\n", what, -status);
  return status;
}

int main(int argc, char **argv) {
  static mbedtls_pk_context keys[8];
  mbedtls_entropy_context entropy;
  mbedtls_ctr_drbg_context random;
  mbedtls_entropy_init(&entropy);
  mbedtls_ctr_drbg_init(&random);
  if (check(mbedtls_ctr_drbg_seed(&random, mbedtls_entropy_func, &entropy, NULL, 0), "seed")) return 1;
  for (int i = 1; i < argc; i++) {
    char path[64];
    snprintf(path, sizeof path, "keys/%s.pem", argv[i]);
    mbedtls_pk_init(&keys[i]);
    int status = mbedtls_pk_parse_keyfile(&keys[i], path, NULL, mbedtls_ctr_drbg_random, &random);
    if (check(status, path)) return 1;
    unsigned char hash[32] = {1}, signature[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
    for (int round = 0; round < 3; round++) {
      size_t length;
      if (check(mbedtls_pk_sign(&keys[i], MBEDTLS_MD_SHA256, hash, sizeof hash, signature, sizeof signature,
                                &length, mbedtls_ctr_drbg_random, &random), "sign")) return 1;
    }
  }
  puts("ready");
  fflush(stdout);
  getchar();
  return 0;
}
