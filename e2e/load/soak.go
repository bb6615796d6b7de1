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
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	soakPeople = 2000 // whom the organization has
	soakAim    = 64   // MB that the console by itself may have resident at the end
)

// soak has many browsers use the demo for long, with faults of the platform in
// between, and fails if an answer was not to be expected or if something grows.
func soak(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	long := flags.Duration("for", 10*time.Minute, "how long")
	browsers := flags.Int("browsers", 200, "how many people at a time")
	pause := flags.Duration("pause", 2*time.Second, "how long a person looks at a page, on average")
	apart := flags.Bool("apart", false, "the emulator as a process of its own, not in the console's: its memory is held against the aim")
	binary := flags.String("console", "", "a console that is built already, such as one with a profile in it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	directory, err := os.MkdirTemp("", "tokenconsole-soak")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	if *binary, err = built(ctx, *binary, directory); err != nil {
		return err
	}
	metrics, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	console, platform, stop, err := demo(ctx, *binary, directory, soakPeople, *apart, "--metrics-addr", metrics)
	if err != nil {
		return err
	}
	defer stop()
	s := &soaking{console: console.url, platform: platform, pause: *pause, counts: map[string]int{}}
	fmt.Fprintf(out, "%d browsers at %s for %v\n", *browsers, s.console, *long)
	ctx, cancel := context.WithTimeout(ctx, *long)
	defer cancel()
	var group sync.WaitGroup
	for n := range *browsers {
		group.Go(func() { s.browse(ctx, n) })
	}
	group.Go(func() { s.disturb(ctx) })
	levels := watchLevels(ctx, "http://"+metrics+"/metrics")
	group.Go(func() { watchMemory(ctx, console, out) })
	group.Wait()
	err = s.judge(out, <-levels)
	if now := console.memory().now; *apart && now > soakAim {
		err = errors.Join(err, fmt.Errorf("%.0f MB are resident at the end, which should be %d at most", now, soakAim))
	}
	return err
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
