package main

import (
	"context"
	"flag"
	"io"
	"os"
	"strconv"
	"time"

	"tokenconsole/internal/emulator"
	"tokenconsole/internal/signing"
)

const (
	// lookApart is the time from one look at the page of the batch to the next, however long the one before takes.
	lookApart = 100 * time.Millisecond
	// askAgain is how long a browser waits before it asks for events again, as the console tells it.
	askAgain = 300 * time.Millisecond
)

// watchers has a batch of everybody run in the demo, with browsers that watch its page, and measures how long the page takes meanwhile.
func watchers(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("watchers", flag.ContinueOnError)
	people := flags.Int("people", 10_000, "how many people the organization has")
	browsers := flags.Int("browsers", 50, "how many browsers watch")
	apart := flags.Bool("apart", false, "the emulator as a process of its own, not in the console's")
	binary := flags.String("console", "", "a console that is built already, such as one with a profile in it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	directory, err := os.MkdirTemp("", "tokenconsole-watchers")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	if *binary, err = built(ctx, *binary, directory); err != nil {
		return err
	}
	console, platform, stop, err := demo(ctx, *binary, directory, *people, *apart, "--protected", besides)
	if err != nil {
		return err
	}
	defer stop()
	s := &soaking{console: console.url, platform: platform, counts: map[string]int{}}
	w := &watching{soaking: s, events: make([]int, *browsers)}
	begun := console.busy()
	if err := w.run(ctx); err != nil {
		return err
	}
	w.spent = console.busy() - begun
	return w.judge(out, console)
}

// demo starts the console with an emulated organization of so many people, and without a limit of calls. The console gets more flags.
func demo(ctx context.Context, binary, directory string, people int, apart bool, more ...string) (
	console *process, platform string, stop func(), err error,
) {
	size, limit := strconv.Itoa(people), "1000000"
	if !apart {
		console, err = start(ctx, nil, binary, append([]string{"--demo", "--addr", "127.0.0.1:0", "--demo-addr", "127.0.0.1:0",
			"--demo-users", size, "--demo-rate-limit", limit}, more...)...)
		if err != nil {
			return nil, "", nil, err
		}
		return console, console.next(), console.stop, nil
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, "", nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, "", nil, err
	}
	emulated, err := start(ctx, nil, self, "emulator", "-users", size, "-rate-limit", limit,
		"http://"+address+"/oauth/callback", "http://"+address+"/signed-out")
	if err != nil {
		return nil, "", nil, err
	}
	key, _, err := signing.GenerateKey("load")
	var set installation
	if err == nil {
		set, err = install(ctx, directory, key, emulated.url)
	}
	if err == nil {
		set.env = append(set.env, "GENESYS_CLIENT_ID="+emulator.DemoClientID, "GENESYS_CLIENT_SECRET="+emulator.DemoClientSecret)
		console, err = start(ctx, set.env, binary, append([]string{"--addr", address, "--public-url", "http://" + address}, more...)...)
	}
	if err != nil {
		emulated.stop()
		return nil, "", nil, err
	}
	return console, emulated.url, func() { console.stop(); emulated.stop() }, nil
}

// serveEmulator serves the emulator as a process of its own.
func serveEmulator(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("emulator", flag.ContinueOnError)
	var o emulator.Options
	flags.IntVar(&o.Users, "users", 0, "people")
	flags.IntVar(&o.RateLimit, "rate-limit", 0, "calls a minute")
	if err := flags.Parse(args); err != nil {
		return err
	}
	o.RedirectURIs = flags.Args()
	return serve(ctx, emulator.New(o))
}
