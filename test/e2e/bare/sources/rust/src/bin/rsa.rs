//! Loads an RSA key with the crate rsa, signs with it, and keeps running.
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::sha2::Sha256;
use rsa::signature::Signer;
use rsa::RsaPrivateKey;

fn main() {
    let mut der = std::fs::read("keys/rsa.der").unwrap();
    let key = SigningKey::<Sha256>::new(RsaPrivateKey::from_pkcs8_der(&der).unwrap());
    der.fill(0);
    std::hint::black_box(&der);
    for _ in 0..3 {
        key.sign(b"message");
    }
    println!("ready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    std::hint::black_box(&key);
}
