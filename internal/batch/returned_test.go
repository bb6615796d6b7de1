package batch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tokenconsole/internal/batch"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
)

// What the watch learns after a batch is over is in its report: the first return of whoever was revoked by it, and
// nothing of others, of other organizations, or of before.
func TestReturnsAfterABatchAreInItsReport(t *testing.T) {
	t.Parallel()
	revoked := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		who, people := f.by(admin), f.everybody()[:2]
		b, err := f.Prepare(t.Context(), who, batch.Rule{Source: batch.FromList, Words: "a list"}, people)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range []string{
			"UPDATE batches SET ended_at = ?", "UPDATE batch_people SET run = 'done', evidence_at = 1, at = ? WHERE position = 1",
			"UPDATE batch_people SET asked_at = ?",
		} {
			if _, err := db.ExecContext(t.Context(), db.Rebind(change), revoked.UnixMilli()); err != nil {
				t.Fatal(err)
			}
		}
		for _, step := range []struct {
			name         string
			organization string
			since, at    time.Duration // after the revocation
			want         time.Duration // 0 for not back
		}{
			{"in another organization", "another", -time.Hour, time.Minute, 0},
			{"a token from before", who.Organization.ID, -time.Hour, -time.Minute, 0},
			{"after a batch that is too old", who.Organization.ID, time.Second, time.Minute, 0},
			{"one at the same moment, perhaps a return", who.Organization.ID, -time.Hour, time.Second, time.Second},
			{"a return", who.Organization.ID, -time.Hour, time.Minute, time.Minute},
			{"another return", who.Organization.ID, -time.Hour, time.Hour, time.Minute},
		} {
			issued := map[genesys.UserID]time.Time{people[0].ID: revoked.Add(step.at), people[1].ID: revoked.Add(step.at)}
			if err := f.Returned(t.Context(), step.organization, revoked.Add(step.since), revoked.Add(2*time.Hour), issued); err != nil {
				t.Fatal(err)
			}
			back, n, err := f.People(t.Context(), who.Organization.ID, b.ID, batch.PeopleFilter{CameBack: true}, 0, 10)
			if err != nil || n != len(back) || n > 0 != (step.want > 0) {
				t.Fatalf("%s: %d came back, %v", step.name, n, err)
			}
			if n > 0 && (n > 1 || !back[0].CameBackAt().Equal(revoked.Add(step.want))) {
				t.Errorf("%s: %d came back, at %s", step.name, n, back[0].CameBackAt())
			}
			if n > 0 && back[0].IsPerhapsBack() != (step.want <= time.Second) {
				t.Errorf("%s: only perhaps: %t", step.name, back[0].IsPerhapsBack())
			}
		}
		proof, err := f.Proof(t.Context(), b.ID)
		if err != nil || proof.Read != 1 || proof.CameBack != 1 || !proof.ReadAt.Equal(revoked.Add(2*time.Hour)) {
			t.Errorf("%+v, %v", proof, err)
		}
		for limit, want := range []int{0, 1, 1} {
			latest, err := f.Latest(t.Context(), who.Organization.ID, b.ID, batch.Revoked, limit)
			if err != nil || len(latest) != want || want > 0 && latest[0].ID != people[0].ID {
				t.Errorf("the latest %d: %v, %v", limit, latest, err)
			}
		}
		if _, err := f.Latest(t.Context(), "another", b.ID, batch.Revoked, 1); !errors.Is(err, batch.ErrNotFound) {
			t.Errorf("the latest in another organization: %v", err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := f.Proof(ended, b.ID); err == nil {
			t.Error("nothing was read, and nothing is wrong")
		}
	})
}
