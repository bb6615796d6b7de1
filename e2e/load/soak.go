package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// soakArgs are the console's: the demo with enough people, without a limit of calls.
var soakArgs = []string{"--demo", "--addr", "127.0.0.1:0", "--demo-addr", "127.0.0.1:0", "--demo-users", "2000",
	"--demo-rate-limit", "1000000"}

// soak has many browsers use the demo for long, with faults of the platform in
// between, and fails if an answer was not to be expected or if something grows.
func soak(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	long := flags.Duration("for", 10*time.Minute, "how long")
	browsers := flags.Int("browsers", 200, "how many people at a time")
	pause := flags.Duration("pause", 2*time.Second, "how long a person looks at a page, on average")
	if err := flags.Parse(args); err != nil {
		return err
	}
	directory, err := os.MkdirTemp("", "tokenconsole-soak")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	binary := filepath.Join(directory, "web")
	if err := command(ctx, nil, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "./cmd/web"); err != nil {
		return err
	}
	metrics, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	console, err := start(ctx, nil, binary, append(slices.Clone(soakArgs), "--metrics-addr", metrics)...)
	if err != nil {
		return err
	}
	defer console.stop()
	s := &soaking{console: console.url, platform: console.next(), pause: *pause, counts: map[string]int{}}
	fmt.Fprintf(out, "%d browsers at %s for %v\n", *browsers, s.console, *long)
	ctx, cancel := context.WithTimeout(ctx, *long)
	defer cancel()
	var group sync.WaitGroup
	for n := range *browsers {
		group.Go(func() { s.browse(ctx, n) })
	}
	group.Go(func() { s.disturb(ctx) })
	levels := watchLevels(ctx, "http://"+metrics+"/metrics")
	group.Wait()
	return s.judge(out, <-levels)
}

// soaking is what all browsers of a soak share.
type soaking struct {
	console, platform string
	pause             time.Duration

	mu         sync.Mutex
	counts     map[string]int // answers by status
	unexpected []string
	disturbed  time.Time // until when the platform is disturbed
	people     []string  // paths of people
}

// faults disturb the platform in turns. Each ends by itself.
var faults = []string{
	`{"match":"GET /api/v2/tokens/me","status":503,"body":{"code":"service.unavailable","status":503},"times":40}`,
	`{"match":"GET /api/v2/users","delay":"1500ms","times":40}`,
	`{"match":"DELETE /api/v2/tokens","reset":true,"times":10}`,
	`{"match":"POST /api/v2/users/search","status":429,"retryAfter":1,"body":{"code":"too.many.requests","status":429},"times":20}`,
	`{"match":"GET /api/v2/users","status":200,"body":"<html>a guest network</html>","times":20}`,
}

// disturb brings a fault every half minute, for ten seconds.
func (s *soaking) disturb(ctx context.Context) {
	for n := 0; pauseFor(ctx, 20*time.Second); n++ {
		s.mu.Lock()
		s.disturbed = time.Now().Add(30 * time.Second)
		s.mu.Unlock()
		_ = control(ctx, http.MethodPost, s.platform+"/emulator/faults", faults[n%len(faults)])
		pauseFor(ctx, 10*time.Second)
		_ = control(context.WithoutCancel(ctx), http.MethodDelete, s.platform+"/emulator/faults", "")
		// What was under way is told to its browser for some seconds more.
		s.mu.Lock()
		s.disturbed = time.Now().Add(5 * time.Second)
		s.mu.Unlock()
	}
}

func control(ctx context.Context, method, url, body string) error {
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// note counts an answer. While the platform is disturbed, errors that say so are
// expected; a fault of the console itself never is.
func (s *soaking) note(what string, status int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.unexpected = append(s.unexpected, what+": "+err.Error())
		return
	}
	s.counts[http.StatusText(status)]++
	fine := status < 400 || status == http.StatusUnauthorized || status == http.StatusTooManyRequests ||
		status != http.StatusInternalServerError && time.Now().Before(s.disturbed)
	if !fine {
		s.unexpected = append(s.unexpected, fmt.Sprintf("%s: %d", what, status))
	}
}

// judge prints what came of it all.
func (s *soaking) judge(out io.Writer, levels []level) error {
	for _, status := range slices.Sorted(maps.Keys(s.counts)) {
		fmt.Fprintf(out, "%8d answers %s\n", s.counts[status], status)
	}
	failure := error(nil)
	if n := len(s.unexpected); n > 0 {
		failure = fmt.Errorf("%d unexpected answers, such as %s", n, strings.Join(s.unexpected[:min(5, n)], "; "))
	}
	return errors.Join(failure, judgeLevels(out, levels))
}

// pauseFor waits and reports whether ctx still runs.
func pauseFor(ctx context.Context, long time.Duration) bool {
	select {
	case <-time.After(long):
		return true
	case <-ctx.Done():
		return false
	}
}

// think waits as long as a person looks at a page.
func (s *soaking) think(ctx context.Context) bool {
	return pauseFor(ctx, time.Duration(rand.Float64()*2*float64(s.pause))) // #nosec G404 -- not a secret
}
