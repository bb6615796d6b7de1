package audit

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/signing"
)

// These make the test binary a console that is asked for an act and never comes to its end.
const (
	crashURL = "TOKENCONSOLE_TEST_CRASH_URL"
	crashKey = "TOKENCONSOLE_TEST_CRASH_KEY"
)

func askAndHang(url string) {
	keys, err := signing.ParseKeys(os.Getenv(crashKey))
	if err != nil {
		panic(err)
	}
	db, err := database.Open(context.Background(), url)
	if err != nil {
		panic(err)
	}
	l := New(Options{DB: db, Keys: keys})
	for range 3 {
		done := func(context.Context) Result { return Result{Outcome: Done} }
		if _, err := l.Undertake(context.Background(), Entry{Action: Revoke, Organization: Organization{ID: "o"}}, done); err != nil {
			panic(err)
		}
	}
	_, err = l.Undertake(context.Background(), Entry{Action: Revoke, Organization: Organization{ID: "o"}}, func(context.Context) Result {
		fmt.Println("asked")
		select {} // until it is killed
	})
	panic(err)
}

// lines is a log that several goroutines write and read.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
	at chan struct{} // gets something, if anybody waits, when a line was written
}

func newLines() *lines { return &lines{at: make(chan struct{}, 1)} }

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.at <- struct{}{}:
	default:
	}
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// await waits until the log has a line with all of words.
func (l *lines) await(t *testing.T, words ...string) string {
	t.Helper()
	for deadline := time.After(30 * time.Second); ; {
		for line := range strings.Lines(l.String()) {
			if all(line, words) {
				return line
			}
		}
		select {
		case <-l.at:
		case <-deadline:
			t.Fatalf("%q was not logged:\n%s", words, l)
		}
	}
}

func all(line string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(line, w) {
			return false
		}
	}
	return true
}

// A console that is killed between asking and answering leaves the question visible to the next one, which tells.
func TestAKilledConsoleLeavesAnOpenEntry(t *testing.T) {
	t.Parallel()
	databasetest.EachURL(t, func(t *testing.T, url string) {
		private, _, err := signing.GenerateKey("crash")
		if err != nil {
			t.Fatal(err)
		}
		console := exec.CommandContext(t.Context(), os.Args[0])
		console.Env = append(os.Environ(), crashURL+"="+url, crashKey+"="+private)
		console.Stderr = os.Stderr
		out, err := console.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := console.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); line != "asked\n" {
			t.Fatalf("%q, %v", line, err)
		}
		if err := console.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = console.Wait()

		keys, err := signing.ParseKeys(private)
		if err != nil {
			t.Fatal(err)
		}
		written := newLines()
		log := slog.New(slog.NewTextHandler(written, nil))
		l := New(Options{DB: databasetest.Open(t, url), Keys: keys, Log: log})
		w := NewMonitor(l, log, time.Now)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); w.Run(ctx) }()
		written.await(t, "level=WARN", "entries are open", "seqs=[7]")
		written.await(t, "checkpoint of the record")
		if s := w.State(t.Context()); s.Condition != Whole || s.Open != 1 || s.Entries != 7 || s.Through != 7 || s.CheckedAt.IsZero() {
			t.Errorf("%+v", s)
		}
		open, err := l.OpenEntries(t.Context(), Filter{OrganizationID: "o"})
		if err != nil || len(open) != 1 || open[0].Seq != 7 || !open[0].Open {
			t.Errorf("%+v, %v", open, err)
		}
		if _, err := l.Append(t.Context(), Entry{Action: Revoke, Outcome: Unknown, Organization: Organization{ID: "o"}, Closes: 7}); err != nil {
			t.Error(err)
		}
		stop()
		<-ended
		if n := strings.Count(written.String(), "checkpoint of the record"); n != 2 {
			t.Errorf("%d checkpoints in the log; want one at the start and one at the stop", n)
		}
	})
}

func TestTheMonitorFindsWhatIsBroken(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		written := newLines()
		log := slog.New(slog.NewJSONHandler(written, nil))
		l := New(Options{DB: db, Keys: testKeys(), Log: log})
		w := NewMonitor(l, log, time.Now)
		if s := w.State(t.Context()); s.Condition != Checking {
			t.Errorf("before the first walk: %+v", s)
		}
		if _, err := l.Append(t.Context(), Entry{Action: Revoke, Outcome: Asked, Organization: Organization{ID: "o"}}); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); w.Run(ctx) }()
		written.await(t, "checkpoint of the record", `\n1\n`)
		if _, err := db.ExecContext(t.Context(), "UPDATE audit_acts SET outcome = 'done'"); err != nil {
			t.Fatal(err)
		}
		w.Check()
		written.await(t, `"level":"ERROR"`, "the act that entry 1 began is hidden")
		written.await(t, "nothing is done any more")
		if s := w.State(t.Context()); s.Condition != Broken || s.Fault == nil || s.Fault.Seq != 1 {
			t.Errorf("%+v", s)
		}
		if _, err := l.Append(t.Context(), Entry{Action: Revoke, Outcome: Done}); err == nil {
			t.Error("written all the same")
		}
		stop()
		<-ended
	})
}
