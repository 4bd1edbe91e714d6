// Loads every key of the folder keys, signs with it, and stays.
package main

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"runtime"
)

func load(name string) crypto.Signer {
	text, err := os.ReadFile("keys/" + name + ".pem")
	if err != nil {
		panic(err)
	}
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		panic(err)
	}
	clear(text)
	clear(block.Bytes)
	return key.(crypto.Signer)
}

func sign(key crypto.Signer) {
	digest := sha256.Sum256([]byte("message"))
	var options crypto.SignerOpts = crypto.SHA256
	if _, ok := key.(ed25519.PrivateKey); ok {
		options = crypto.Hash(0)
	}
	if _, err := key.Sign(rand.Reader, digest[:], options); err != nil {
		panic(err)
	}
}

func main() {
	keys := []crypto.Signer{}
	for _, name := range os.Args[1:] {
		keys = append(keys, load(name))
	}
	for i := 0; i < 3; i++ {
		for _, key := range keys {
			sign(key)
		}
	}
	runtime.GC()
	fmt.Println("ready")
	os.Stdin.Read(make([]byte, 1))
	runtime.KeepAlive(keys)
}
