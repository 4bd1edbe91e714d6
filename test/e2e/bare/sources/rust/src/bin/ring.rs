//! Loads an RSA, a P-256, a P-384 and an Ed25519 key with ring, signs with each, and keeps running.
use ring::rand::SystemRandom;
use ring::signature::{
    EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair, ECDSA_P256_SHA256_ASN1_SIGNING,
    ECDSA_P384_SHA384_ASN1_SIGNING, RSA_PKCS1_SHA256,
};

/// The bytes of a key file, wiped after use.
fn with<T>(name: &str, load: impl Fn(&[u8]) -> T) -> T {
    let mut der = std::fs::read(format!("keys/{name}.der")).unwrap();
    let key = load(&der);
    der.fill(0);
    std::hint::black_box(&der);
    key
}

fn main() {
    let random = SystemRandom::new();
    let rsa = with("rsa", |der| RsaKeyPair::from_pkcs8(der).unwrap());
    let p256 = with("p256", |der| {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der, &random).unwrap()
    });
    let p384 = with("p384", |der| {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, der, &random).unwrap()
    });
    let ed25519 = with("ed25519", |der| Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).unwrap());
    for _ in 0..3 {
        let mut signature = vec![0; rsa.public().modulus_len()];
        rsa.sign(&RSA_PKCS1_SHA256, &random, b"message", &mut signature).unwrap();
        p256.sign(&random, b"message").unwrap();
        p384.sign(&random, b"message").unwrap();
        ed25519.sign(b"message");
    }
    println!("ready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    std::hint::black_box((&rsa, &p256, &p384, &ed25519));
}
