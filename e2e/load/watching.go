package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// watching is a batch that runs, and who looks at it meanwhile.
type watching struct {
	*soaking
	path   string // of the batch
	people int
	took   time.Duration // from its start to its end
	spent  time.Duration // of a core, by the console

	mu     sync.Mutex
	looks  []time.Duration
	events []int // of each browser that watches
	late   error // what went wrong while it ran
}

// run prepares a batch of everybody, starts it, and watches it until it is over.
func (w *watching) run(ctx context.Context) error {
	looker, err := w.browser(ctx, preparer)
	if err != nil {
		return err
	}
	if err := w.prepare(ctx, looker); err != nil {
		return err
	}
	browsers := make([]*visitor, len(w.events))
	for i := range browsers {
		if browsers[i], err = w.browser(ctx, []string{preparer, besides}[i%2]); err != nil {
			return err
		}
	}
	page := looker.get(ctx, w.path)
	form := url.Values{"reason": {"Load test"}, "ticket": {"LOAD-1"}, "plan": {found(planField, page)}, "count": {strconv.Itoa(w.people)}}
	page = looker.post(ctx, w.path+"/start", form)
	events := html.UnescapeString(found(eventsPath, page))
	if events == "" {
		return errors.New("the batch did not start: " + found(`<h1[^>]*>(.*?)</h1>`, page))
	}
	began := time.Now()
	running, over := context.WithCancel(ctx)
	defer over()
	var group sync.WaitGroup
	for i, browser := range browsers {
		group.Go(func() { w.watch(running, browser, i, events); over() })
	}
	for ticker := time.NewTicker(lookApart); running.Err() == nil; {
		group.Go(func() { w.look(running, looker) })
		select {
		case <-ticker.C:
		case <-running.Done():
			ticker.Stop()
		}
	}
	w.took = time.Since(began)
	group.Wait()
	return errors.Join(ctx.Err(), w.late)
}

// Who looks: one person may have 32 live pages, so two watch. None of them is revoked.
const (
	preparer = "admin@demo.example"
	besides  = "supervisor@demo.example"
)

const (
	planField  = `name="plan" value="([^"]+)"`
	eventsPath = `data-events="([^"]+)"`
	toRevoke   = `id="start">Revoke the tokens of ([0-9,]+) people`
)

// found is what the group of a pattern matches in a page.
func found(pattern, page string) string {
	if match := regexp.MustCompile(pattern).FindStringSubmatch(page); match != nil {
		return match[1]
	}
	return ""
}

// browser is one that somebody has signed in with.
func (w *watching) browser(ctx context.Context, email string) (*visitor, error) {
	jar, _ := cookiejar.New(nil) // never fails
	v := &visitor{soaking: w.soaking, client: &http.Client{Jar: jar, Timeout: 2 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 20}}}
	v.email = email
	if !v.signIn(ctx) {
		return nil, errors.New("nobody could sign in")
	}
	return v, nil
}

// prepare prepares a batch of everybody who can sign in.
func (w *watching) prepare(ctx context.Context, v *visitor) error {
	page := v.post(ctx, "/batches", url.Values{"from": {"search"}, "state": {"active"}})
	w.path = found(`action="(/batches/[^"/]+)/start"`, page)
	w.people, _ = strconv.Atoi(strings.ReplaceAll(found(toRevoke, page), ",", ""))
	if w.path == "" || w.people == 0 {
		return errors.New("no plan was made: " + found(`<h1[^>]*>(.*?)</h1>`, page))
	}
	return nil
}

// look looks at the page of the batch once.
func (w *watching) look(ctx context.Context, v *visitor) {
	began := time.Now()
	page := v.get(ctx, w.path)
	took := time.Since(began)
	if ctx.Err() != nil || found(eventsPath, page) == "" {
		return // the batch is over
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks = append(w.looks, took)
}

// watch follows the events of the batch until it is over, as static/js/batches.js does: a browser asks again when an answer ends,
// and says which event was the last.
func (w *watching) watch(ctx context.Context, v *visitor, browser int, events string) {
	for last := ""; ; {
		state, err := w.follow(ctx, v, browser, events, &last)
		switch {
		case err != nil && ctx.Err() == nil:
			w.mu.Lock()
			w.late = errors.Join(w.late, fmt.Errorf("watching: %w", err))
			w.mu.Unlock()
			return
		case ctx.Err() != nil, state != "" && state != "running":
			return
		}
		pauseFor(ctx, askAgain)
	}
}

func (w *watching) follow(ctx context.Context, v *visitor, browser int, events string, last *string) (state string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.console+events, nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Accept", "text/event-stream")
	if *last != "" {
		request.Header.Set("Last-Event-ID", *last)
	}
	response, err := v.client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", errors.New(response.Status)
	}
	for lines := bufio.NewReader(response.Body); ; {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return state, nil
		}
		if err != nil {
			return state, err
		}
		switch name, value, _ := strings.Cut(strings.TrimSpace(line), ": "); name {
		case "id":
			*last = value
		case "data":
			var told struct{ State, HTML string }
			if err := json.Unmarshal([]byte(value), &told); err != nil || told.HTML == "" {
				return state, fmt.Errorf("an event that cannot be read: %.100s", value)
			}
			state = told.State
			w.mu.Lock()
			w.events[browser]++
			w.mu.Unlock()
		}
	}
}

// judge prints what came of it all, and fails if somebody who watched was told nothing.
func (w *watching) judge(out io.Writer, console *process) error {
	slices.Sort(w.looks)
	slices.Sort(w.events)
	if len(w.looks) == 0 || len(w.events) > 0 && w.events[0] == 0 {
		return fmt.Errorf("%d looks; events of each browser: %v", len(w.looks), w.events)
	}
	f := figures{each: w.looks}
	most := console.memory().most
	fmt.Fprintf(out, "%d people in %.1f s: %.0f a second; the console took %.0f %% of a core, %.0f MB at most\n", w.people, w.took.Seconds(),
		float64(w.people)/w.took.Seconds(), 100*w.spent.Seconds()/w.took.Seconds(), most)
	if n := len(w.events); n > 0 {
		fmt.Fprintf(out, "%d browsers: %d to %d events each\n", n, w.events[0], w.events[n-1])
	}
	fmt.Fprintf(out, "%d looks at its page: p50 %v, p95 %v, p99 %v, longest %v\n", len(w.looks), round(f.percentile(.5)), round(f.percentile(.95)),
		round(f.percentile(.99)), round(f.percentile(1)))
	return nil
}

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond / 10) }
