// Mutants changes a package in small ways, one at a time, and tells which changes its tests do not notice.
//
//	go run ./.ci/mutants [-time 30m] [-only 'file.go:12'] [-log file] package...
//
// The changes are those of go-gremlins: <= for <, != for ==, - for + and so on. It would compile the tests anew for each, and
// run them all. Here all changes are compiled at once, and a variable of the environment turns one on. Only tests that come by
// a change are run for it, quick ones first. What they do not notice is tried with PostgreSQL at the end. The order of the
// changes is random, and always the same: what was done when the time is over is a sample.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"
)

func main() {
	var o options
	flag.DurationVar(&o.limit, "time", 30*time.Minute, "for each package at most")
	flag.BoolVar(&o.sqlite, "sqlite", false, "do not try with PostgreSQL what no test notices with SQLite")
	flag.IntVar(&o.together, "together", 1, "how many changes to try at the same time: tests of batches wait more than they work")
	only := flag.String("only", "", "a regular expression for the changes to try, as they are printed: body.go:12")
	name := flag.String("log", os.DevNull, "a file for which test noticed each change")
	flag.Parse()
	log, err := os.OpenFile(*name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	o.log = log
	var err2 error
	o.only, err2 = regexp.Compile(*only)
	err = errors.Join(err, err2)
	for _, path := range flag.Args() {
		if err == nil {
			err = try(path, o)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type options struct {
	limit    time.Duration
	only     *regexp.Regexp
	log      io.Writer
	sqlite   bool
	together int
}

// try tries the changes of a package and prints those that no test notices.
func try(path string, o options) error {
	fmt.Printf("\n== %s\n", path)
	began := time.Now()
	s, err := read(path)
	if err != nil {
		return err
	}
	r, err := newRunner(s)
	if err != nil {
		return err
	}
	defer r.close()
	if err := r.build(path); err != nil {
		return err
	}
	if err := r.survey(o.together); err != nil {
		return err
	}
	fmt.Printf("%d changes, %d tests, surveyed in %.0f s\n", len(s.mutants), len(r.tests), time.Since(began).Seconds())
	left := o.limit * 3 / 4
	if o.sqlite || !s.databases {
		left = o.limit
	}
	results := r.tryAll(path, o, began.Add(left))
	untried := 0
	for i := range results {
		result := &results[i]
		switch {
		case result.by != "" || o.sqlite || !s.databases:
		case time.Since(began) > o.limit:
			untried++
		default:
			if err := r.killElsewhere(result); err != nil {
				return err
			}
			fmt.Fprintf(o.log, "%s\t%s\t%q with PostgreSQL\n", path, result, result.by)
		}
	}
	report(results, len(s.mutants), untried, time.Since(began))
	return nil
}

// tryAll tries the changes in random order until then, a few at the same time, without PostgreSQL.
func (r *runner) tryAll(path string, o options, until time.Time) []result {
	var results []result
	var mu sync.Mutex
	var all sync.WaitGroup
	work := make(chan int)
	for range o.together {
		mine := r.another()
		all.Go(func() {
			for i := range work {
				result := result{mutant: r.source.mutants[i], number: i + 1}
				result.by, result.reached = mine.kill(result.number)
				mu.Lock()
				fmt.Fprintf(o.log, "%s\t%s\t%q\n", path, result, result.by)
				results = append(results, result)
				mu.Unlock()
			}
		})
	}
	for _, i := range rand.New(rand.NewPCG(1, 0)).Perm(len(r.source.mutants)) {
		if !o.only.MatchString(r.source.mutants[i].String()) {
			continue
		}
		if time.Now().After(until) {
			break
		}
		work <- i
	}
	close(work)
	all.Wait()
	return results
}

// report prints what no test noticed, and the share of what one did.
func report(results []result, all, untried int, took time.Duration) {
	killed, lived, late := 0, 0, 0
	for _, result := range results {
		switch {
		case result.by == timedOut:
			late++
			killed++
			fmt.Printf("never ends  %s\n", result)
		case result.by != "":
			killed++
		case result.reached:
			lived++
			fmt.Printf("lives       %s\n", result)
		default:
			fmt.Printf("not reached %s\n", result)
		}
	}
	done, reached := len(results), killed+lived
	fmt.Printf("%d of %d tried in %.0f s: killed %d (%d by time), lived %d, not reached %d", done, all, took.Seconds(), killed, late, lived, done-reached)
	if untried > 0 {
		fmt.Printf("; %d of those not tried with PostgreSQL", untried)
	}
	if share := float64(killed) / float64(reached); reached > 0 {
		fmt.Printf("\nkilled of those reached: %.1f %%", 100*share)
		if done < all {
			fmt.Printf(" ± %.1f (95 %%, a sample)", 196*math.Sqrt(share*(1-share)/float64(reached)*float64(all-done)/float64(all)))
		}
	}
	fmt.Println()
}

// A result is what became of a change.
type result struct {
	mutant
	number  int
	reached bool   // by a test
	by      string // which noticed it, "" for none
}

func (m mutant) String() string {
	return fmt.Sprintf("%s:%d:%d %s", filepath.Base(m.at.Filename), m.at.Line, m.at.Column, m.what)
}
