// Textbook ECDSA over math/big: KEYFILE CURVE COUNT WRITTEN. Keeps the key and the signatures as integers.
package main

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"math/big"
	"os"
	"runtime"
	"strconv"
	"time"
)

type point struct{ x, y *big.Int }

type curve struct{ p, a, n, x, y *big.Int }

func number(text string) *big.Int {
	value, _ := new(big.Int).SetString(text, 16)
	return value
}

var curves = map[string][5]string{
	"secp256k1": {"fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f", "0",
		"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
		"79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
		"483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"},
	"P-256": {"ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
		"ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
		"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
		"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
		"4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"},
}

func (c curve) add(one, two *point) *point {
	if one == nil {
		return two
	}
	if two == nil {
		return one
	}
	top, bottom := new(big.Int).Sub(two.y, one.y), new(big.Int).Sub(two.x, one.x)
	if bottom.Sign() == 0 {
		top.Mul(one.x, one.x)
		top.Mul(top, big.NewInt(3)).Add(top, c.a)
		bottom.Lsh(one.y, 1)
	}
	bottom.Mod(bottom, c.p)
	slope := top.Mul(top, bottom.ModInverse(bottom, c.p))
	x := new(big.Int).Mul(slope, slope)
	x.Sub(x, one.x).Sub(x, two.x).Mod(x, c.p)
	y := new(big.Int).Sub(one.x, x)
	y.Mul(y, slope).Sub(y, one.y).Mod(y, c.p)
	return &point{x, y}
}

func (c curve) times(k *big.Int) *point {
	var sum *point
	next := &point{c.x, c.y}
	for i := 0; i < k.BitLen(); i++ {
		if k.Bit(i) == 1 {
			sum = c.add(sum, next)
		}
		next = c.add(next, next)
	}
	return sum
}

type pair struct{ r, s *big.Int }

var kept []any

func main() {
	bytes, _ := os.ReadFile(os.Args[1])
	os.Remove(os.Args[1])
	values := curves[os.Args[2]]
	c := curve{number(values[0]), number(values[1]), number(values[2]), number(values[3]), number(values[4])}
	count, _ := strconv.Atoi(os.Args[3])
	d := new(big.Int).SetBytes(bytes)
	clear(bytes)
	public := c.times(d)
	kept = append(kept, d, public)
	if os.Args[4] == "1" {
		kept = append(kept, append(append([]byte{4}, public.x.FillBytes(make([]byte, 32))...), public.y.FillBytes(make([]byte, 32))...))
	}
	for i := range count {
		hash := sha256.Sum256(fmt.Appendf(nil, "message %d", i))
		k, _ := rand.Int(rand.Reader, c.n)
		r := new(big.Int).Mod(c.times(k).x, c.n)
		s := new(big.Int).Mul(r, d)
		s.Add(s, new(big.Int).SetBytes(hash[:]))
		s.Mul(s, new(big.Int).ModInverse(k, c.n)).Mod(s, c.n)
		kept = append(kept, pair{r, s})
	}
	runtime.GC()
	fmt.Println("ready")
	time.Sleep(time.Hour)
	fmt.Println(kept...)
}
