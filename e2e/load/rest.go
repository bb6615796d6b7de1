package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"time"
)

const (
	startsMeasured = 11
	pagesWatching  = 1000
	watchEvery     = 10 * time.Second // as static/js/token.js does
)

// rest measures what the console takes when nobody works with it: how soon it answers after its start, what it has in memory then,
// and what a thousand pages that watch their token cost.
func rest(ctx context.Context, o options, out io.Writer) error {
	directory, err := os.MkdirTemp("", "tokenconsole-rest")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	b, err := newBench(ctx, o, directory)
	if err != nil {
		return err
	}
	defer b.stub.stop()
	var starts []time.Duration
	for range startsMeasured {
		took, err := b.firstAnswer(ctx)
		if err != nil {
			return err
		}
		starts = append(starts, took)
	}
	slices.Sort(starts)
	fmt.Fprintf(out, "start to first answer, median and most of %d: %v, %v\n", startsMeasured,
		starts[startsMeasured/2].Round(time.Millisecond/10), starts[startsMeasured-1].Round(time.Millisecond/10))
	console, err := b.console(ctx)
	if err != nil {
		return err
	}
	defer console.stop()
	r := console.memory()
	fmt.Fprintf(out, "resident at rest: %.1f MB, of which %.1f MB are its own and the rest is read from its file\n", r.now, r.own)
	return b.watching(ctx, o.each, console, out)
}

// firstAnswer starts a console, asks it for its health until it answers, and stops it.
func (b bench) firstAnswer(ctx context.Context) (time.Duration, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	answered := make(chan time.Duration, 1)
	go func() {
		for ctx.Err() == nil {
			if response, err := http.Get("http://" + address + "/healthz"); err == nil { // #nosec G107 -- loopback
				_ = response.Body.Close()
				answered <- time.Since(begun)
				return
			}
			time.Sleep(time.Millisecond / 2)
		}
	}()
	console, err := b.consoleAt(ctx, address)
	if err != nil {
		return 0, err
	}
	defer console.stop()
	select {
	case took := <-answered:
		return took, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// watching has a thousand pages watch their token for so long, each over a connection of its own, and prints what that cost.
func (b bench) watching(ctx context.Context, long time.Duration, console *process, out io.Writer) error {
	request := requestOf(http.MethodGet, "/token/status", console.host(), "", "Cookie", b.cookie, "Accept", "application/json")
	l := load{console.host(), request, http.StatusOK}
	ended, stop := context.WithTimeout(ctx, long+watchEvery)
	defer stop()
	failed := make(chan error, pagesWatching)
	for range pagesWatching {
		go func() {
			time.Sleep(rand.N(watchEvery)) // #nosec G404 -- only to spread them
			failed <- l.every(ended, watchEvery)
		}()
	}
	if !pauseFor(ctx, watchEvery) {
		return ctx.Err()
	}
	begun, since := console.busy(), time.Now()
	pauseFor(ended, long)
	share := float64(console.busy()-begun) / float64(time.Since(since))
	r := console.memory()
	fmt.Fprintf(out, "%d pages watching their token: %.1f %% of a core; resident %.0f MB, %.0f MB at most\n", pagesWatching, 100*share, r.now, r.most)
	for range pagesWatching {
		if err := <-failed; err != nil {
			return err
		}
	}
	return nil
}
