package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// collectEvery is how much the heap may grow between two collections, in percent
	// of what lives. Little lives here: collecting a quarter as often saves a tenth
	// of the time of a page.
	collectEvery = 400
	// memoryAim is where collections become more frequent all the same, in bytes. Beside it, some
	// 22 MB of the program itself are resident, and what SQLite keeps.
	memoryAim = 28 << 20
	// memoryBeside is what the process needs beside its heap, about.
	memoryBeside = 12 << 20
)

// tuneCollector sets up the garbage collector, where GOGC and GOMEMLIMIT do not.
func tuneCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectEvery)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryAim)
		raiseAim()
	}
}

// raiseAim raises the aim for memory after each collection where more lives than fits
// it well: else the process would do little but collect. The heap may always grow to
// twice of what lives.
func raiseAim() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	aim := max(memoryAim, 2*int64(live[0].Value.Uint64())+memoryBeside) // #nosec G115 -- no memory is that large
	if aim != debug.SetMemoryLimit(-1) {
		debug.SetMemoryLimit(aim)
	}
	runtime.SetFinalizer(&struct{ *int }{}, func(*struct{ *int }) { raiseAim() })
}
