// The Go arms of the comparison: yamux and smux, measured as this project's own arms are.
//
//	muxado-fast-bench-go arm-server yamux|smux
//	muxado-fast-bench-go arm-client yamux|smux ADDRESS
//
// Both speak the protocol of the program that starts them (see ArmRole.cs): one line of JSON each way on standard input and
// output. Both end when their standard input does.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "arm-server":
		rival, err := findRival(args[1])
		if err != nil {
			return err
		}
		return serve(rival)
	case len(args) == 3 && args[0] == "arm-client":
		rival, err := findRival(args[1])
		if err != nil {
			return err
		}
		return measure(rival, args[2])
	default:
		return fmt.Errorf("usage: arm-server yamux|smux, or arm-client yamux|smux ADDRESS; got %q", args)
	}
}
