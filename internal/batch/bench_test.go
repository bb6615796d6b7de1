package batch_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
)

// BenchmarkBatch measures a whole batch without a limit, in a process of its own: people a second, and the most memory
// that the process had.
func BenchmarkBatch(b *testing.B) {
	for _, people := range []int{1_000, 10_000} {
		for name, url := range map[string]func(testing.TB) string{"sqlite": databasetest.SQLite, "postgresql": databasetest.PostgreSQL} {
			b.Run(fmt.Sprintf("%s/%d", name, people), func(b *testing.B) {
				for b.Loop() {
					wholeBatch(b, url(b), people)
				}
			})
		}
	}
}

func wholeBatch(b *testing.B, url string, people int) {
	f := newFixture(b, databasetest.Open(b, url), newPlatform(b, emulator.Options{Users: min(people*12/10+20, 20_000)}))
	by := f.by(admin)
	started := f.started(by, f.everybody()[:people])
	begun := time.Now()
	p := f.worker(url)
	ended := f.untilIn(20*time.Minute, by, started.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
	if ended.State != batch.Done {
		b.Fatalf("%s %s %+v", ended.State, ended.Problem, ended.Counts)
	}
	b.ReportMetric(float64(people)/time.Since(begun).Seconds(), "people/s")
	b.ReportMetric(p.peak(b), "MB-peak")
	p.kill()
	var receipt bytes.Buffer
	begun = time.Now()
	if err := f.Receipt(b.Context(), by.Organization.ID, started.ID, &receipt); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(time.Since(begun).Seconds(), "s-receipt")
	b.ReportMetric(float64(receipt.Len())/1e6, "MB-receipt")
	if _, err := audit.Prove(receipt.Bytes(), f.key); err != nil {
		b.Error(err)
	}
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peak is the most memory that the process had, in megabytes.
func (p *process) peak(t testing.TB) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Skip(err)
	}
	found := highWater.FindSubmatch(status)
	kilobytes, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes / 1024
}
