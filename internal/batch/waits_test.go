package batch_test

import (
	"testing"
	"testing/synctest"
	"time"

	"tokenconsole/internal/batch"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
)

// inTime runs test with batches on a platform in memory, in a bubble of its own time.
func inTime(t *testing.T, o emulator.Options, test func(t *testing.T, f *fixture), change ...func(*batch.Options)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if o.RateLimit == 0 {
			o.RateLimit = 1 << 20
		}
		p := platform{t, "http://localhost", inMemory{emulator.New(o)}}
		test(t, newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), p, change...))
	})
}

// A platform that gives no usable answer for a quarter of an hour pauses the batch. Nobody is asked about meanwhile, and it
// is not asked more often than every few seconds whether it is back.
func TestThePlatformStaysAway(t *testing.T) {
	t.Parallel()
	inTime(t, emulator.Options{}, func(t *testing.T, f *fixture) {
		by, people := f.by(admin), f.everybody()[:5]
		b := f.started(by, people)
		f.fault(emulator.Fault{Match: "* /api/", Status: 503})
		f.send("DELETE", "/emulator/requests", nil, nil)
		begun := time.Now()
		for more := true; more; {
			var again time.Duration
			again, more = f.Work(t.Context(), b.ID)
			time.Sleep(again)
			if b := must[batch.Batch](t)(f.Find(t.Context(), by.Organization.ID, b.ID)); more && (b.Progress.WaitsFor != batch.Platform ||
				b.Progress.GoesOnAt.After(time.Now())) {
				t.Fatalf("it waits for %q until %s", b.Progress.WaitsFor, b.Progress.GoesOnAt)
			}
		}
		b = must[batch.Batch](t)(f.Find(t.Context(), by.Organization.ID, b.ID))
		if took := time.Since(begun); took < 15*time.Minute || took > 16*time.Minute || b.State != batch.Paused || b.Problem != batch.PlatformAway {
			t.Errorf("%s %s after %s", b.State, b.Problem, took)
		}
		var requests []struct{ Status int }
		f.send("GET", "/emulator/requests", nil, &requests)
		if len(f.deletions()) > 0 || len(requests) < 60 || len(requests) > 120 {
			t.Errorf("it was asked %d times, about %d people", len(requests), len(f.deletions()))
		}
		f.isWiped(b.ID)
		f.mend()
		must[batch.Batch](t)(f.Resume(t.Context(), by, b.ID))
		if b, n := f.worked(by, b.ID); b.State != batch.Done || n != len(people) {
			t.Errorf("resumed: %s %s, %d were revoked", b.State, b.Problem, n)
		}
	})
}

// A few answers that are no use do not stop a batch; five in a row do, and once the platform is back nothing is left of that.
func TestThePlatformIsBack(t *testing.T) {
	t.Parallel()
	for times, waits := range map[int]bool{4: false, 5: true} {
		inTime(t, emulator.Options{}, func(t *testing.T, f *fixture) {
			by, people := f.by(admin), f.everybody()[:5]
			b := f.started(by, people)
			f.fault(emulator.Fault{Match: "GET /api/v2/users?", Status: 503, Times: times})
			waited := false
			for more := true; more; {
				var again time.Duration
				again, more = f.Work(t.Context(), b.ID)
				waited = waited || must[batch.Batch](t)(f.Find(t.Context(), by.Organization.ID, b.ID)).Progress.WaitsFor == batch.Platform
				time.Sleep(again)
			}
			b = must[batch.Batch](t)(f.Find(t.Context(), by.Organization.ID, b.ID))
			if b.State != batch.Done || b.Counts.Done != 5 || waited != waits || b.Progress != (batch.Progress{}) {
				t.Errorf("after %d: %s %+v, waited %t, %+v", times, b.State, b.Counts, waited, b.Progress)
			}
		})
	}
}

// A batch says how many people a minute the platform's limit leaves to it, and that it waits for that.
func TestALowLimitIsTold(t *testing.T) {
	t.Parallel()
	share := func(o *batch.Options) { o.Policy.RateShare = 50 }
	inTime(t, emulator.Options{}, func(t *testing.T, f *fixture) {
		by := f.by(admin)
		b := f.started(by, f.everybody()[:30])
		f.send("PUT", "/emulator/settings", map[string]int{"rateLimit": 40}, nil)
		time.Sleep(time.Minute) // a window of its own
		most, waited := 0, 0
		for more := true; more; {
			var again time.Duration
			again, more = f.Work(t.Context(), b.ID)
			now := must[batch.Batch](t)(f.Find(t.Context(), by.Organization.ID, b.ID))
			most = max(most, now.Progress.PerMinute)
			if now.Progress.WaitsFor == batch.RateLimit {
				waited++
				if wait := time.Until(now.Progress.GoesOnAt); wait < time.Second/2 {
					t.Errorf("waits for the limit, and is said to go on in %s", wait)
				}
			}
			time.Sleep(again + 250*time.Millisecond)
		}
		b = must[batch.Batch](t)(f.Find(t.Context(), by.Organization.ID, b.ID))
		if b.State != batch.Done || most != 20 || waited < 3 {
			t.Errorf("%s: %d people a minute, waited for the limit %d times", b.State, most, waited)
		}
	}, share)
}

// A token that is known to have expired is not tried: the batch pauses, and says why.
func TestTheTokenHasExpired(t *testing.T) {
	t.Parallel()
	for left, want := range map[time.Duration]batch.State{0: batch.Paused, time.Hour: batch.Done} {
		inTime(t, emulator.Options{}, func(t *testing.T, f *fixture) {
			by := f.by(admin)
			by.TokenExpires = time.Now().Add(left)
			b := f.started(by, f.everybody()[:3])
			b, n := f.worked(by, b.ID)
			if b.State != want || want == batch.Paused && (b.Problem != "token-invalid" || n > 0) {
				t.Errorf("with %s left: %s %s, %d were revoked", left, b.State, b.Problem, n)
			}
		})
	}
}
