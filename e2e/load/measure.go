package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

type options struct {
	each    time.Duration
	clients int
	only    string
	binary  string
}

// page is a page to be asked for.
type page struct {
	method, target, form string
	want                 int
}

var pages = []page{
	{http.MethodGet, "/token", "", http.StatusOK},
	{http.MethodGet, "/users?q=person", "", http.StatusOK},
	{http.MethodGet, "/users/" + personID(1), "", http.StatusOK},
	{http.MethodGet, "/audit", "", http.StatusOK},
	{http.MethodPost, "/users/" + personID(1) + "/revoke", "reason=Load+test&ticket=L-1", http.StatusSeeOther},
}

// measure starts everything, drives it and prints a table.
func measure(ctx context.Context, o options, out io.Writer) error {
	directory, err := os.MkdirTemp("", "tokenconsole-load")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	fmt.Fprintln(out, "Building the console, and a record of 1,000,000 entries if a page shows it …")
	b, err := newBench(ctx, o, directory)
	if err != nil {
		return err
	}
	defer b.stub.stop()
	floor, err := start(ctx, nil, b.self, "floor", b.stub.url)
	if err != nil {
		return err
	}
	defer floor.stop()
	console, err := b.console(ctx)
	if err != nil {
		return err
	}
	defer console.stop()
	return report(ctx, o, out, floor, console, b.cookie)
}

// report drives the floor and the pages in turn, and prints what came of it.
func report(ctx context.Context, o options, out io.Writer, floor, console *process, cookie string) error {
	idle := console.memory().now
	fmt.Fprintf(out, "%d clients, %v each; console at rest: %.0f MB\n\n", o.clients, o.each, idle)
	fmt.Fprintf(out, "%-44s %8s %6s %9s %8s %9s %7s %9s %9s\n",
		"page", "views/s", "ratio", "p50", "p99", "CPU/view", "bytes", "resident", "floor/s")
	bare := load{floor.host(), requestOf(http.MethodGet, "/", floor.host(), ""), http.StatusOK}
	for _, p := range pages {
		if o.only != "" && !strings.HasPrefix(p.target, o.only) {
			continue
		}
		for _, encoding := range []string{"identity", "gzip"} {
			name := strings.Replace(p.method+" "+p.target, personID(1), "{id}", 1) + " " + encoding
			l := load{console.host(), requestOf(p.method, p.target, console.host(), p.form,
				"Cookie", cookie, "Accept-Encoding", encoding, "Accept", "text/html"), p.want}
			if err := compare(ctx, o, out, bare, l, console, name); err != nil {
				return err
			}
		}
	}
	r := console.memory()
	fmt.Fprintf(out, "\nconsole afterwards: %.0f MB resident, %.0f MB at most\n", r.now, r.most)
	return nil
}

// turn is how long the floor and a page are driven before the other one has its turn. What else the machine does
// changes within seconds, so a ratio holds only between what ran right beside each other.
const turn = time.Second / 2

// compare drives the floor and a page in turn until each had o.each, and prints a line of the table: the ratio is the
// median of those of neighbouring turns, the views a second are means. Each of the two begins every other time, since
// what one leaves to be done falls to the next.
func compare(ctx context.Context, o options, out io.Writer, bare, l load, console *process, name string) error {
	var floor, own figures
	var spent time.Duration
	drivePage := func(long time.Duration) (figures, error) {
		begun := console.busy()
		f, err := drive(ctx, l, o.clients, long)
		if err != nil {
			return f, fmt.Errorf("%s: %w", name, err)
		}
		spent += console.busy() - begun
		return f, nil
	}
	driveFloor := func(long time.Duration) (figures, error) { return drive(ctx, bare, o.clients, long) }
	drivers := [2]func(time.Duration) (figures, error){driveFloor, drivePage}
	for _, warm := range drivers {
		if _, err := warm(max(turn, o.each/4)); err != nil {
			return err
		}
	}
	spent = 0
	var ratios []float64
	for n := range max(2, int(o.each/turn)) {
		var pair [2]figures // of the floor and of the page
		for i := range pair {
			which := (n + i) % 2
			var err error
			if pair[which], err = drivers[which](turn); err != nil {
				return err
			}
		}
		ratios = append(ratios, pair[1].perSecond()/pair[0].perSecond())
		floor.add(pair[0])
		own.add(pair[1])
	}
	slices.Sort(own.each)
	now := console.memory().now
	fmt.Fprintf(out, "%-44s %8.0f %6.2f %9v %8v %9v %7d %6.0f MB %9.0f\n", name, own.perSecond(), median(ratios),
		own.percentile(.5).Round(10*time.Microsecond), own.percentile(.99).Round(10*time.Microsecond),
		(spent / time.Duration(len(own.each))).Round(time.Microsecond), own.bytes, now, floor.perSecond())
	return nil
}

func command(ctx context.Context, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, output)
	}
	return nil
}
