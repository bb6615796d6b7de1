package audit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// BenchmarkAppend appends to an empty record on disk; the file is in os.TempDir (set TMPDIR to measure another disk).
func BenchmarkAppend(b *testing.B) { benchmarkAppend(b, databasetest.Open(b, databasetest.SQLite(b))) }

// BenchmarkAppendToMillion does the same where every index has a million entries.
func BenchmarkAppendToMillion(b *testing.B) { benchmarkAppend(b, million(b)) }

// BenchmarkAppendPostgreSQL appends to an empty record on a PostgreSQL server beside the test, which syncs its log.
func BenchmarkAppendPostgreSQL(b *testing.B) {
	benchmarkAppend(b, databasetest.Open(b, databasetest.PostgreSQL(b)))
}

// BenchmarkAppendToMillionPostgreSQL does the same where every index has a million entries.
func BenchmarkAppendToMillionPostgreSQL(b *testing.B) { benchmarkAppend(b, millionInPostgreSQL(b)) }

func benchmarkAppend(b *testing.B, db *database.DB) {
	l := benchLog(db)
	if err := l.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	var each []time.Duration
	n, cpu := 0, cpuTime()
	for b.Loop() {
		n++
		began := time.Now()
		if _, err := l.Append(b.Context(), sample(n)); err != nil {
			b.Fatal(err)
		}
		each = append(each, time.Since(began))
	}
	b.ReportMetric(float64((cpuTime()-cpu).Microseconds())/float64(n), "cpu-µs")
	reportMedian(b, each)
}

func reportMedian(b *testing.B, each []time.Duration) {
	slices.Sort(each)
	b.ReportMetric(float64(each[len(each)/2].Microseconds()), "median-µs")
	b.ReportMetric(float64(each[len(each)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkSync is the floor of every durable append: as many bytes as one writes, synced, over space already allocated.
func BenchmarkSync(b *testing.B) {
	file, err := os.Create(filepath.Join(b.TempDir(), "sync"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	block := make([]byte, 32<<10)
	if _, err := file.Write(make([]byte, 4<<20)); err != nil {
		b.Fatal(err)
	}
	var each []time.Duration
	for i := int64(0); b.Loop(); i++ {
		began := time.Now()
		if _, err := file.WriteAt(block, i%128*int64(len(block))); err != nil {
			b.Fatal(err)
		}
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
		each = append(each, time.Since(began))
	}
	reportMedian(b, each)
}

// BenchmarkCounts reads the counts of all hours of a million entries, some twelve days, which is more than a home page does.
func BenchmarkCounts(b *testing.B) { benchmarkCounts(b, million(b)) }

// BenchmarkCountsPostgreSQL does the same on a PostgreSQL server beside the test.
func BenchmarkCountsPostgreSQL(b *testing.B) { benchmarkCounts(b, millionInPostgreSQL(b)) }

func benchmarkCounts(b *testing.B, db *database.DB) {
	l := benchLog(db)
	var each []time.Duration
	for b.Loop() {
		began := time.Now()
		counts, err := l.Counts(b.Context(), "organization", epoch)
		if err != nil || len(counts) == 0 {
			b.Fatal(len(counts), err)
		}
		each = append(each, time.Since(began))
		b.ReportMetric(float64(len(counts)), "rows")
	}
	reportMedian(b, each)
}

// BenchmarkCSV streams 100,000 entries; peak-heap-MB is the most that lives at once, for 100,000 as for 10,000.
func BenchmarkCSV(b *testing.B) {
	l := benchLog(million(b))
	for _, n := range []int{10_000, 100_000} {
		filter := Filter{OrganizationID: "organization", To: epoch.Add(time.Duration(n) * time.Second)}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			peak := peakHeap{}
			for b.Loop() {
				if _, err := l.WriteCSV(b.Context(), &peak, filter); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(peak.max)/(1<<20), "peak-heap-MB")
			b.ReportMetric(float64(peak.bytes)/float64(b.N)/(1<<20), "MB-written")
		})
	}
}

// BenchmarkUndertake carries out an act that takes no time: asked, the newest thousand entries checked, and the outcome.
func BenchmarkUndertake(b *testing.B) {
	l := benchLog(million(b))
	var each []time.Duration
	n := 0
	for b.Loop() {
		n += 2
		began := time.Now()
		s, err := l.Undertake(b.Context(), sample(n), func(context.Context) Result { return Result{Outcome: Done, Status: 204} })
		if err != nil || s.Unrecorded != nil {
			b.Fatal(err, s.Unrecorded)
		}
		each = append(each, time.Since(began))
	}
	reportMedian(b, each)
}

// peakHeap counts what it is given, and now and then collects garbage to see what is alive.
type peakHeap struct{ bytes, seen, max uint64 }

func (p *peakHeap) Write(b []byte) (int, error) {
	p.bytes += uint64(len(b))
	if p.bytes-p.seen > 8<<20 {
		p.seen = p.bytes
		p.look()
	}
	return len(b), nil
}

func (p *peakHeap) look() {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	p.max = max(p.max, m.HeapAlloc)
}

// BenchmarkVerify walks over a million entries; peak-heap-MB is the most that lives at once.
func BenchmarkVerify(b *testing.B) { benchmarkVerify(b, million(b)) }

// BenchmarkVerifyPostgreSQL does the same on a PostgreSQL server beside the test.
func BenchmarkVerifyPostgreSQL(b *testing.B) { benchmarkVerify(b, millionInPostgreSQL(b)) }

func benchmarkVerify(b *testing.B, db *database.DB) {
	l, began := benchLog(db), cpuTime()
	for b.Loop() {
		report, err := l.Verify(b.Context())
		if err != nil || len(report.Faults) > 0 || report.Entries < size {
			b.Fatal(report, err)
		}
	}
	b.ReportMetric((cpuTime()-began).Seconds()/float64(b.N), "cpu-s/op")
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "process-MB")
}

// cpuTime is what this process has computed, on all cores, however busy the machine is.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkReceipt proves an act of two entries in the middle of a million.
func BenchmarkReceipt(b *testing.B) { benchmarkReceipt(b, million(b)) }

// BenchmarkReceiptPostgreSQL does the same on a PostgreSQL server beside the test.
func BenchmarkReceiptPostgreSQL(b *testing.B) { benchmarkReceipt(b, millionInPostgreSQL(b)) }

func benchmarkReceipt(b *testing.B, db *database.DB) {
	l := benchLog(db)
	for b.Loop() {
		r, err := l.Receipt(b.Context(), "organization", size/2+3)
		if err != nil || len(r.Entries) != 2 {
			b.Fatal(len(r.Entries), err)
		}
		if _, err := r.JSON(); err != nil {
			b.Fatal(err)
		}
	}
}
