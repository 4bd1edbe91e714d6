/* Loads an RSA, a P-256 and an Ed25519 key of the folder keys with wolfCrypt, signs, and keeps running. */
#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/ed25519.h>
#include <wolfssl/wolfcrypt/random.h>
#include <wolfssl/wolfcrypt/rsa.h>
#include <stdio.h>
#include <string.h>

static int check(int status, const char *what) {
  if (status < 0) fprintf(stderr, "%s: %d\n", what, status);
  return status < 0;
}

static word32 load(const char *path, byte *der, word32 size) {
  FILE *file = fopen(path, "rb");
  word32 length = file ? (word32)fread(der, 1, size, file) : 0;
  if (file) fclose(file);
  return length;
}

int main(void) {
  static RsaKey rsa;
  static ecc_key ec;
  static ed25519_key ed;
  WC_RNG random;
  byte der[4096], hash[32] = {1}, out[512];
  word32 at = 0, length = load("keys/rsa.pkcs1", der, sizeof der);
  if (check(wc_InitRng(&random), "random")) return 1;
  wc_InitRsaKey(&rsa, NULL);
  if (check(wc_RsaPrivateKeyDecode(der, &at, &rsa, length), "rsa")) return 1;
  wc_RsaSetRNG(&rsa, &random);
  at = 0;
  length = load("keys/p256.sec1", der, sizeof der);
  wc_ecc_init(&ec);
  if (check(wc_EccPrivateKeyDecode(der, &at, &ec, length), "ec")) return 1;
  at = 0;
  length = load("keys/ed25519.der", der, sizeof der);
  wc_ed25519_init(&ed);
  if (check(wc_Ed25519PrivateKeyDecode(der, &at, &ed, length), "ed25519")) return 1;
  byte public[ED25519_PUB_KEY_SIZE];
  if (check(wc_ed25519_make_public(&ed, public, sizeof public), "ed25519 public")) return 1;
  if (check(wc_ed25519_import_public(public, sizeof public, &ed), "ed25519 import")) return 1;
  memset(der, 0, sizeof der);
  for (int round = 0; round < 3; round++) {
    length = sizeof out;
    if (check(wc_RsaSSL_Sign(hash, sizeof hash, out, sizeof out, &rsa, &random), "sign")) return 1;
    if (check(wc_ecc_sign_hash(hash, sizeof hash, out, &length, &random, &ec), "sign")) return 1;
    length = sizeof out;
    if (check(wc_ed25519_sign_msg(hash, sizeof hash, out, &length, &ed), "sign")) return 1;
  }
  puts("ready");
  fflush(stdout);
  getchar();
  return 0;
}
