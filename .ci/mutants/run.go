package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A runner runs the compiled tests of a package.
type runner struct {
	source    *source
	work      string        // its directory
	scratch   string        // that of tests, in memory where there is such a thing
	binary    string        // the tests
	tests     []test        // the quickest first
	took      time.Duration // of the processor, for the latest run
	elsewhere map[int]bool  // mutants that tests come by with PostgreSQL; nil until it was asked for
}

// A test is one test of the package.
type test struct {
	name    string
	takes   time.Duration // of the processor, and a little for waiting
	waits   time.Duration // until it is over
	reaches map[int]bool  // mutants
}

// The subtests with one database each. PostgreSQL takes long to start.
const (
	sqlite     = `.*/^sqlite$|.*/.*/^sqlite$`
	postgresql = `.*/^postgresql$|.*/.*/^postgresql$`
)

// quick is how long tests take that are run together.
const quick = time.Second

func newRunner(s *source) (*runner, error) {
	work, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return nil, err
	}
	r := &runner{source: s, work: work, binary: filepath.Join(work, "tests")}
	if r.scratch, err = os.MkdirTemp("/dev/shm", "mutants"); err != nil {
		r.scratch = filepath.Join(work, "scratch")
		err = os.Mkdir(r.scratch, 0o700)
	}
	if err == nil {
		err = os.Chmod(r.scratch, 0o711) // #nosec G302 -- PostgreSQL runs as somebody else
	}
	return r, err
}

// another is a runner of the same tests with a scratch directory of its own.
func (r *runner) another() *runner {
	mine := *r
	if directory, err := os.MkdirTemp(r.scratch, "of"); err == nil && os.Chmod(directory, 0o711) == nil { // #nosec G302 -- as that of newRunner
		mine.scratch = directory
	}
	return &mine
}

func (r *runner) close() {
	_ = os.RemoveAll(r.work)
	_ = os.RemoveAll(r.scratch)
}

// build compiles the tests with all mutants.
func (r *runner) build(path string) error {
	replace := map[string]string{}
	for original, content := range r.source.files {
		changed := filepath.Join(r.work, filepath.Base(original))
		if err := os.WriteFile(changed, []byte(content), 0o600); err != nil {
			return err
		}
		replace[original] = changed
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	name := filepath.Join(r.work, "overlay.json")
	if err := os.WriteFile(name, overlay, 0o600); err != nil {
		return err
	}
	command := exec.Command("go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", name, "-o", r.binary, path)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	return command.Run()
}

// survey runs each test once, some of them at the same time, and notes how long it takes and which mutants it comes by. One
// that fails without any change is left out.
func (r *runner) survey(together int) error {
	out, err := exec.Command(r.binary, "-test.list", "^(Test|Example|Fuzz)").Output()
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	turns := make(chan struct{}, together)
	for name := range strings.FieldsSeq(string(out)) {
		all.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			mine, began := r.another(), time.Now()
			mine.work = mine.scratch
			reaches, err := mine.reached([]string{name}, "-test.skip", postgresql)
			waits := time.Since(began)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				fmt.Println("left out:", err)
				return
			}
			r.tests = append(r.tests, test{name, mine.took + waits/20, waits, reaches})
		})
	}
	all.Wait()
	slices.SortFunc(r.tests, func(a, b test) int { return cmp.Compare(a.takes, b.takes) })
	return nil
}

// reached returns which mutants the tests come by.
func (r *runner) reached(names []string, flags ...string) (map[int]bool, error) {
	path := filepath.Join(r.work, "reached")
	if failure := r.run(names, 5*time.Minute, "MUTANTS_REACHED="+path, flags...); failure != "" {
		return nil, fmt.Errorf("without any change fails %s", failure)
	}
	content, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	reached := map[int]bool{}
	for field := range strings.FieldsSeq(string(content)) {
		n, err := strconv.Atoi(field)
		if err != nil {
			return nil, err
		}
		reached[n] = true
	}
	return reached, os.Remove(path)
}

// kill returns the test that notices mutant n, "" for none, and whether any comes by it.
func (r *runner) kill(n int) (by string, reached bool) {
	on := "MUTANT=" + strconv.Itoa(n)
	var chunk []string
	var takes, waits time.Duration
	flush := func() bool {
		if len(chunk) > 0 {
			by = r.run(chunk, waits, on, "-test.skip", postgresql)
		}
		chunk, takes, waits = nil, 0, 0
		return by != ""
	}
	for _, t := range r.tests {
		if !t.reaches[n] {
			continue
		}
		reached = true
		if takes+t.takes > quick && flush() {
			return by, true
		}
		chunk, takes, waits = append(chunk, t.name), takes+t.takes, waits+t.waits
	}
	flush()
	return by, reached
}

// killElsewhere is kill with PostgreSQL.
func (r *runner) killElsewhere(result *result) (err error) {
	if r.elsewhere == nil {
		if r.elsewhere, err = r.reached([]string{".*"}, "-test.skip", sqlite); err != nil {
			return err
		}
	}
	if !r.elsewhere[result.number] {
		return nil
	}
	var names []string
	waits := 10 * time.Second // for its start
	for _, t := range r.tests {
		if t.reaches[result.number] || !result.reached {
			names, waits = append(names, t.name), waits+t.waits
		}
	}
	result.reached, result.by = true, r.run(names, waits, "MUTANT="+strconv.Itoa(result.number), "-test.skip", sqlite)
	return nil
}

// timedOut is what tests say that a change keeps from ending. On a busy machine it may be that alone.
const timedOut = "panic: test timed out"

var failed = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)

// run runs tests that take so long, and returns which failed, or else what went wrong, "" for nothing.
func (r *runner) run(names []string, waits time.Duration, on string, flags ...string) string {
	limit := 20*time.Second + 3*waits
	args := append([]string{
		"-c", `ulimit -t "$1"; ulimit -d 6000000; shift; exec "$@"`, "sh", strconv.Itoa(int(limit.Seconds())),
		r.binary, "-test.failfast", "-test.timeout", limit.String(), "-test.run", "^(" + strings.Join(names, "|") + ")$",
	}, flags...)
	var out bytes.Buffer
	command := exec.Command("/bin/sh", args...)
	command.Dir, command.Stdout, command.Stderr = r.source.directory, &out, &out
	command.Env, command.WaitDelay = append(os.Environ(), on, "TMPDIR="+r.scratch), time.Second
	err := command.Run()
	if err == nil {
		r.took = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
		return ""
	}
	if left, err := filepath.Glob(filepath.Join(r.scratch, "*")); err == nil {
		for _, path := range left {
			_ = os.RemoveAll(path) // those who ran out of time do not tidy up
		}
	}
	if found := failed.FindAllStringSubmatch(out.String(), -1); len(found) > 0 {
		return found[len(found)-1][1]
	}
	for _, how := range []string{timedOut, "panic:", "fatal error:", "leak"} {
		if strings.Contains(out.String(), how) {
			return how
		}
	}
	return err.Error() + ": " + out.String()[max(0, out.Len()-200):]
}
