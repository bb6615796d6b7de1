package audit

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// BenchmarkAppend appends to an empty record on disk; the file is in os.TempDir (set TMPDIR to measure another disk).
func BenchmarkAppend(b *testing.B) { benchmarkAppend(b, databasetest.Open(b, databasetest.SQLite(b))) }

// BenchmarkAppendToMillion does the same where every index has a million entries.
func BenchmarkAppendToMillion(b *testing.B) { benchmarkAppend(b, million(b)) }

func benchmarkAppend(b *testing.B, db *database.DB) {
	l := New(db, slog.New(slog.DiscardHandler), time.Now)
	var each []time.Duration
	n := 0
	for b.Loop() {
		n++
		began := time.Now()
		if _, err := l.Append(b.Context(), sample(n)); err != nil {
			b.Fatal(err)
		}
		each = append(each, time.Since(began))
	}
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

// BenchmarkPage reads a page of 50 from the middle of a million entries, by every kind of filter.
func BenchmarkPage(b *testing.B) { benchmarkPage(b, million(b)) }

// BenchmarkPagePostgreSQL does the same on a PostgreSQL server beside the test.
func BenchmarkPagePostgreSQL(b *testing.B) { benchmarkPage(b, millionInPostgreSQL(b)) }

func benchmarkPage(b *testing.B, db *database.DB) {
	l := New(db, slog.New(slog.DiscardHandler), time.Now)
	middle := Cursor{at: epoch.UnixMilli() + size/2*1000, seq: size / 2, set: true}
	for name, filter := range filters() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := l.List(b.Context(), filter, middle, 50); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCSV streams 100,000 entries; peak-heap-MB is the most that lives at once, for 100,000 as for 10,000.
func BenchmarkCSV(b *testing.B) {
	l := New(million(b), slog.New(slog.DiscardHandler), time.Now)
	for _, n := range []int{10_000, 100_000} {
		filter := Filter{OrganizationID: "organization", To: epoch.Add(time.Duration(n) * time.Second)}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			peak := peakHeap{}
			for b.Loop() {
				if err := l.WriteCSV(b.Context(), &peak, filter); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(peak.max)/(1<<20), "peak-heap-MB")
			b.ReportMetric(float64(peak.bytes)/float64(b.N)/(1<<20), "MB-written")
		})
	}
}

// peakHeap counts what it is given, and now and then collects garbage to see what is alive.
type peakHeap struct{ bytes, seen, max uint64 }

func (p *peakHeap) Write(b []byte) (int, error) {
	p.bytes += uint64(len(b))
	if p.bytes-p.seen > 8<<20 {
		p.seen = p.bytes
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		p.max = max(p.max, m.HeapAlloc)
	}
	return len(b), nil
}

// BenchmarkVerify walks a million entries.
func BenchmarkVerify(b *testing.B) {
	l := New(million(b), slog.New(slog.DiscardHandler), time.Now)
	for b.Loop() {
		chain, err := l.Verify(b.Context())
		if err != nil || chain.Broken != nil || chain.Entries < size {
			b.Fatal(chain, chain.Broken, err)
		}
	}
}
