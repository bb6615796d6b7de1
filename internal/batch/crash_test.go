package batch_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"tokenconsole/internal/batch"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/signing"
)

// What a worker process is told, by its environment.
const (
	workerDatabase = "BATCH_WORKER_DATABASE"
	workerPlatform = "BATCH_WORKER_PLATFORM"
	workerKey      = "BATCH_WORKER_RECORD_KEY"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(workerDatabase); url != "" {
		if err := work(url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	// These tests wait more than they work. Given on the command line, -parallel wins.
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// work is a process that carries batches out until it is killed.
func work(url string) error {
	ctx := context.Background()
	db, err := database.Open(ctx, url)
	if err != nil {
		return err
	}
	keys, err := signing.ParseKeys(os.Getenv(workerKey))
	if err != nil {
		return err
	}
	service, _, err := newService(db, keys, os.Getenv(workerPlatform), genesys.NewTransport(), verbose())
	if err != nil {
		return err
	}
	fmt.Println("at work")
	service.Run(ctx)
	return nil
}

// process is a worker process.
type process struct {
	cmd  *exec.Cmd
	once sync.Once
}

// worker starts a process that carries out the batches in the database at url.
func (f *fixture) worker(url string) *process {
	f.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), workerDatabase+"="+url, workerPlatform+"="+f.url, workerKey+"="+recordKey())
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		f.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		f.Fatal(err)
	}
	p := &process{cmd: cmd}
	f.Cleanup(p.kill)
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil && err != io.EOF {
		f.Fatal(err)
	}
	return p
}

// kill ends the process without warning, as a power cut does.
func (p *process) kill() {
	p.once.Do(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	})
}

// atLeast waits until so many people of a batch are settled.
func (f *fixture) atLeast(by batch.By, id string, settled int) batch.Batch {
	f.Helper()
	ctx, cancel := context.WithTimeout(f.Context(), 90*time.Second)
	defer cancel()
	for b := (batch.Batch{}); ; {
		next, err := f.awaited(ctx, by, id, b.Version)
		if err != nil {
			f.Fatalf("waiting for %d people: %v, last %s %s %+v %+v", settled, err, b.State, b.Problem, b.Counts, b.Progress)
		}
		if b = next; b.Counts.Settled() >= settled || b.State != batch.Running {
			return b
		}
	}
}

// goesOnWithin is how soon after the start of a process the work must go on.
const goesOnWithin = 30 * time.Second

// A worker is killed in the middle of its calls, again and again, and another process goes on: nobody is lost, and
// nobody is asked about more often than the record says.
func TestKilledMidway(t *testing.T) {
	t.Parallel()
	databasetest.EachURL(t, func(t *testing.T, url string) {
		f := newFixture(t, databasetest.Open(t, url), newPlatform(t, emulator.Options{Users: 110}))
		f.fault(emulator.Fault{Match: "DELETE /api/v2/tokens/", Delay: "40ms"})
		by := f.by(admin)
		people := f.everybody()
		b := f.started(by, people)
		for _, settled := range []int{5, 30, 60} {
			p, begun := f.worker(url), time.Now()
			f.atLeast(by, b.ID, max(1, b.Counts.Settled()+1))
			if wait := time.Since(begun); wait > goesOnWithin {
				t.Errorf("went on after %s", wait)
			} else {
				t.Logf("went on %s after the start", wait.Round(10*time.Millisecond))
			}
			b = f.atLeast(by, b.ID, settled)
			p.kill()
			b = must[batch.Batch](t)(f.Find(t.Context(), by.Organization.ID, b.ID))
		}
		f.worker(url)
		b = f.until(by, b.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
		if b.State != batch.Done || b.Counts.Done != len(people) {
			t.Errorf("%s %s: %+v", b.State, b.Problem, b.Counts)
		}
		f.checkRecord(by, b.ID, nil)
		f.isWhole()
	})
}

// One of two replicas is killed: the other one goes on.
func TestReplicaKilled(t *testing.T) {
	t.Parallel()
	url := databasetest.PostgreSQL(t)
	f := newFixture(t, databasetest.Open(t, url), newPlatform(t, emulator.Options{Users: 110}))
	f.fault(emulator.Fault{Match: "DELETE /api/v2/tokens/", Delay: "40ms"})
	by := f.by(admin)
	people := f.everybody()
	first := f.worker(url)
	b := f.started(by, people)
	f.atLeast(by, b.ID, 20)
	f.worker(url)
	b = f.atLeast(by, b.ID, 40)
	first.kill()
	killed := time.Now()
	at := must[batch.Batch](t)(f.Find(t.Context(), by.Organization.ID, b.ID)).Counts.Settled()
	f.atLeast(by, b.ID, at+maxUnderWay)
	if wait := time.Since(killed); wait > goesOnWithin {
		t.Errorf("went on %s after the loss", wait)
	} else {
		t.Logf("went on %s after the loss", wait.Round(10*time.Millisecond))
	}
	b = f.until(by, b.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
	if b.State != batch.Done || b.Counts.Done != len(people) {
		t.Errorf("%s %s: %+v", b.State, b.Problem, b.Counts)
	}
	f.checkRecord(by, b.ID, nil)
	f.isWhole()
}

// maxUnderWay is more than a killed worker can have had under way.
const maxUnderWay = 40
