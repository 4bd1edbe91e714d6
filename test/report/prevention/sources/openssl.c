/*
 * Holds the secret of the file `secret` in memory of OpenSSL, or the RSA key in it; functions are declared
 * here, since the headers may be missing.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int CRYPTO_secure_malloc_init(size_t size, size_t least);
void *CRYPTO_secure_malloc(size_t length, const char *file, int line);
int CRYPTO_secure_allocated(const void *place);
void OPENSSL_cleanse(void *place, size_t length);
void *EVP_CIPHER_CTX_new(void);
const void *EVP_aes_256_ctr(void);
int EVP_EncryptInit_ex(void *context, const void *cipher, void *engine, const unsigned char *key,
                       const unsigned char *iv);
void *BIO_new_mem_buf(const void *place, int length);
int BIO_free(void *bio);
void *PEM_read_bio_PrivateKey(void *bio, void **key, void *callback, void *argument);
void *EVP_MD_CTX_new(void);
const void *EVP_sha256(void);
int EVP_DigestSignInit(void *context, void **pkey, const void *digest, void *engine, void *key);
int EVP_DigestSign(void *context, unsigned char *signature, size_t *length, const unsigned char *text,
                   size_t count);

enum { KEY = 32, MOST = 4096, HEADER = 64 };

static void require(int fine) {
  if (!fine) _exit(2);
}

static int receive(unsigned char *place, int most) {
  int file = open("secret", O_RDONLY);
  int length = read(file, place, most);
  require(length > 0);
  close(file);
  return length;
}

/* A key schedule of AES-256 begins with the key itself. */
static void encrypt(unsigned char *key) {
  unsigned char iv[16] = {1};
  require(EVP_EncryptInit_ex(EVP_CIPHER_CTX_new(), EVP_aes_256_ctr(), NULL, key, iv));
}

/* The text of the key is wiped: what remains is the copy of OpenSSL, which has signed once. */
static void sign(void) {
  static unsigned char pem[MOST], signature[MOST];
  int length = receive(pem, MOST);
  void *bio = BIO_new_mem_buf(pem, length);
  void *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
  require(key != NULL);
  BIO_free(bio);
  OPENSSL_cleanse(pem, MOST);
  void *context = EVP_MD_CTX_new();
  size_t room = MOST;
  require(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key));
  require(EVP_DigestSign(context, signature, &room, (const unsigned char *)"message", 7));
}

int main(int count, char **arguments) {
  const char *way = count > 1 ? arguments[1] : "";
  int secure = strncmp(way, "secure", 6) == 0;
  if (secure) require(CRYPTO_secure_malloc_init(1 << 16, 16));
  if (strstr(way, "RSA"))
    sign();
  else if (strstr(way, "freed")) {
    unsigned char *block = malloc(2 * HEADER);
    receive(block + HEADER, KEY);
    if (strstr(way, "cleansed")) OPENSSL_cleanse(block, 2 * HEADER);
    free(block);
  } else {
    unsigned char *place = secure ? CRYPTO_secure_malloc(KEY, "", 0) : malloc(KEY);
    require(CRYPTO_secure_allocated(place) == secure);
    receive(place, KEY);
    if (strstr(way, "used")) encrypt(place);
  }
  if (write(1, "ready\n", 6) != 6) return 2;
  for (;;) pause();
}
