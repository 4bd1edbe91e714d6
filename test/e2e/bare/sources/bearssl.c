/* Loads every key of the folder keys with BearSSL, which keeps it as octets in a structure, signs with it,
 * computes its public half, and keeps running. */
#include <bearssl.h>
#include <stdio.h>
#include <string.h>

static int load(br_skey_decoder_context *key, const char *name) {
  char path[64];
  unsigned char der[2048];
  snprintf(path, sizeof path, "keys/%s.der", name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) return -1;
  setvbuf(file, NULL, _IONBF, 0);
  size_t length = fread(der, 1, sizeof der, file);
  fclose(file);
  br_skey_decoder_init(key);
  br_skey_decoder_push(key, der, length);
  memset(der, 0, sizeof der);
  return br_skey_decoder_last_error(key);
}

int main(int argc, char **argv) {
  static br_skey_decoder_context keys[8];
  static unsigned char publics[8][BR_EC_KBUF_PUB_MAX_SIZE];
  static char buffer[BUFSIZ];
  const br_ec_impl *curves = br_ec_get_default();
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  for (int i = 1; i < argc; i++) {
    if (load(&keys[i], argv[i])) return 1;
    const br_rsa_private_key *rsa = br_skey_decoder_get_rsa(&keys[i]);
    unsigned char hash[32] = {1}, signature[512];
    if (rsa != NULL) {
      for (int round = 0; round < 3; round++)
        if (br_rsa_pkcs1_sign_get_default()(BR_HASH_OID_SHA256, hash, sizeof hash, rsa, signature) == 0) return 1;
      continue;
    }
    const br_ec_private_key *key = br_skey_decoder_get_ec(&keys[i]);
    if (key == NULL || br_ec_compute_pub(curves, NULL, publics[i], key) == 0) return 1;
    for (int round = 0; round < 3; round++)
      if (br_ecdsa_sign_asn1_get_default()(curves, &br_sha256_vtable, hash, key, signature) == 0) return 1;
  }
  puts("ready");
  fflush(stdout);
  getchar();
  return 0;
}
