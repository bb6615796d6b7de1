package batch_test

import (
	"context"
	"sync"
	"testing"

	"tokenconsole/internal/batch"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
)

type jobKey struct{}

// jobs notes the names of jobs, and which calls of the platform are made within one.
type jobs struct {
	mu     sync.Mutex
	names  map[string]int
	within map[string]int
	beside map[string]int
}

func (j *jobs) traced(ctx context.Context, name string, job func(context.Context)) {
	j.mu.Lock()
	j.names[name]++
	j.mu.Unlock()
	job(context.WithValue(ctx, jobKey{}, name))
}

// CallBegan implements [genesys.Observer].
func (j *jobs) CallBegan(ctx context.Context, operation string) (context.Context, func(int, string)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if ctx.Value(jobKey{}) == nil {
		j.beside[operation]++
	} else {
		j.within[operation]++
	}
	return ctx, func(int, string) {}
}

// RateLimit implements [genesys.Observer].
func (*jobs) RateLimit(int, int) {}

// TestJobsAreTold holds that the work on a batch is told of, with the calls that it makes, and that open batches are counted.
func TestJobsAreTold(t *testing.T) {
	t.Parallel()
	j := &jobs{names: map[string]int{}, within: map[string]int{}, beside: map[string]int{}}
	p := newPlatform(t, emulator.Options{Users: 20})
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), p, func(o *batch.Options) { o.Traced = j.traced })
	by := f.by("supervisor@demo.example")
	people := f.agents(5)
	f.calls.Observe(j)
	b := f.started(by, people)
	open := must[map[batch.State]int](t)(f.Open(t.Context()))
	if len(open) != 1 || open[batch.Running] != 1 {
		t.Errorf("open: %v", open)
	}
	f.carriedOut()
	f.until(by, b.ID, batch.Done)
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.names) != 1 || j.names["batch"] == 0 {
		t.Errorf("jobs: %v", j.names)
	}
	if j.within["DeleteToken"] != len(people) || j.beside["DeleteToken"] != 0 {
		t.Errorf("calls within a job %v, beside %v", j.within, j.beside)
	}
	if open := must[map[batch.State]int](t)(f.Open(t.Context())); len(open) != 0 {
		t.Errorf("open at the end: %v", open)
	}
}
