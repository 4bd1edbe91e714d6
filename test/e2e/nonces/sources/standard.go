// Signs with Go's own library: KEYFILE CURVE COUNT WRITTEN.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"math/big"
	"os"
	"runtime"
	"strconv"
	"time"
)

var kept []any

func load(name string, bytes []byte) crypto.Signer {
	if name == "Ed25519" {
		return ed25519.NewKeyFromSeed(bytes)
	}
	curve := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384()}[name]
	x, y := curve.ScalarBaseMult(bytes)
	return &ecdsa.PrivateKey{PublicKey: ecdsa.PublicKey{Curve: curve, X: x, Y: y}, D: new(big.Int).SetBytes(bytes)}
}

func main() {
	bytes, _ := os.ReadFile(os.Args[1])
	os.Remove(os.Args[1])
	key := load(os.Args[2], bytes)
	clear(bytes)
	count, _ := strconv.Atoi(os.Args[3])
	kept = append(kept, key)
	if os.Args[4] == "1" {
		der, _ := x509.MarshalPKIXPublicKey(key.Public())
		kept = append(kept, der)
	}
	for i := range count {
		message := fmt.Appendf(nil, "message %d", i)
		hash := sha256.Sum256(message)
		if private, isEcdsa := key.(*ecdsa.PrivateKey); isEcdsa {
			r, s, _ := ecdsa.Sign(rand.Reader, private, hash[:])
			kept = append(kept, r, s)
		} else {
			signature, _ := key.Sign(rand.Reader, message, crypto.Hash(0))
			kept = append(kept, signature)
		}
	}
	runtime.GC()
	fmt.Println("ready")
	time.Sleep(time.Hour)
	fmt.Println(kept...)
}
