// Command load measures how fast the built console is. It starts a stub of the
// platform that answers at once, a floor, and the console, each as a process of
// its own on loopback, and drives them in turn with a client that saturates them.
//
//	platform stub  <-  floor    <-  client     one call, decoded, a constant page: what a view costs at least
//	platform stub  <-  console  <-  client     the console's pages, plain and compressed
//
// The ratio of a page is its views a second over the floor's. Everything it starts
// is stopped before it ends; it takes about two minutes. `make load` runs it.
//
// As load rest it measures what the console takes while nobody works with it: until
// its first answer, in memory, and for a thousand pages that watch their token.
//
// As load watchers it has a batch of 10,000 people run in the demo, with 50 browsers
// that watch its page, and measures how long that page takes meanwhile.
//
// As load soak it has many browsers use the demo for ten minutes instead, with
// faults of the platform in between: `make soak`.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "stub":
			return serveStub(ctx)
		case "floor":
			return serveFloor(ctx, args[1])
		case "emulator":
			return serveEmulator(ctx, args[1:])
		case "watchers":
			return watchers(ctx, args[1:], os.Stdout)
		case "rest":
			return rest(ctx, options{each: 30 * time.Second, only: "/token"}, os.Stdout)
		case "soak":
			return soak(ctx, args[1:], os.Stdout)
		}
	}
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	each := flags.Duration("each", 4*time.Second, "how long each page is asked for, twice")
	clients := flags.Int("clients", 32, "connections at a time")
	only := flags.String("only", "", "the one page to ask for, such as /token")
	profile := flags.String("console", "", "a console that is built already, such as one with a profile in it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return measure(ctx, options{each: *each, clients: *clients, only: *only, binary: *profile}, os.Stdout)
}
