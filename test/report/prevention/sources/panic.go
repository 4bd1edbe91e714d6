// Holds the secret of the file `secret` and panics: with the traceback that the first argument names, if any.
package main

import (
	"os"
	"runtime/debug"
)

var held []byte

func main() {
	var err error
	if held, err = os.ReadFile("secret"); err != nil {
		os.Exit(3)
	}
	if os.Args[1] == "crash" {
		debug.SetTraceback("crash")
	}
	os.Stdout.WriteString("ready\n")
	panic("ended")
}
