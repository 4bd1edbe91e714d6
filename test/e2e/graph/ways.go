// Holds values that come by lines, in the order of core-ways.ts: names and values are on the heap.
package main

import (
	"bufio"
	"fmt"
	"os"
	"time"
)

type setting struct{ name, value string }

type config struct {
	jwtSecret string
	port      int
}

var held, large, decoys = map[string]string{}, map[string]string{}, map[string]string{}
var any = map[string]interface{}{}
var raw = map[string][]byte{}
var settings []setting
var pair [2]string
var object *config

// name copies a text of the program to the heap, as one that was read is.
func name(text string) string { return string(append([]byte{}, text...)) }

func main() {
	lines := bufio.NewScanner(os.Stdin)
	value := func() string { lines.Scan(); return lines.Text() }
	held[name("db.password")] = value()
	for i := 0; i < 500; i++ {
		large[fmt.Sprintf("key%d", i)] = "value"
	}
	large[name("session_secret")] = value()
	any[name("api_secret")] = value()
	settings = append(settings, setting{name("sentry_auth_token"), value()})
	pair = [2]string{name("client_secret"), value()}
	raw[name("signing_secret")] = []byte(value())
	object = &config{value(), 443}
	for _, each := range []string{"requestId", "etag", "sha256", "publicKey", "traceId", "cacheKey"} {
		decoys[name(each)] = value()
	}
	fmt.Println("ready")
	time.Sleep(600 * time.Second)
}
