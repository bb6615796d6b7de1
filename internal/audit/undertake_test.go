package audit_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
)

func undertake(t *testing.T, l *audit.Log, result audit.Result) audit.Settled {
	t.Helper()
	s, err := l.Undertake(t.Context(), entry(ada, ben, ""), func(context.Context) audit.Result { return result })
	if err != nil || s.Unrecorded != nil {
		t.Fatal(err, s.Unrecorded)
	}
	return s
}

func TestAnActIsAskedAndSettled(t *testing.T) {
	for name, test := range map[string]struct {
		result  audit.Result
		outcome audit.Outcome
		problem string
	}{
		"done":           {audit.Result{Outcome: audit.Done, Status: 200, CorrelationID: "c"}, audit.Done, ""},
		"refused":        {audit.Result{Outcome: audit.Refused, Status: 403, Problem: "p", Permission: "a:b"}, audit.Refused, "p"},
		"failed":         {audit.Result{Outcome: audit.Failed, Problem: "unreachable"}, audit.Failed, "unreachable"},
		"nothing known":  {audit.Result{}, audit.Unknown, ""},
		"still asked":    {audit.Result{Outcome: audit.Asked}, audit.Unknown, ""},
		"already dead":   {audit.Result{Outcome: audit.Failed, Status: 401, Dead: true}, audit.Done, audit.TokenAlreadyDead},
		"with its count": {audit.Result{Outcome: audit.Done, Count: 3}, audit.Done, ""},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
				s := undertake(t, l, test.result)
				if s.Asked.Outcome != audit.Asked || s.Asked.Open || s.Entry.Closes != s.Asked.Seq ||
					s.Entry.Outcome != test.outcome || s.Result.Outcome != test.outcome || s.Entry.Problem != test.problem {
					t.Errorf("%+v", s)
				}
				act, err := l.Act(t.Context(), organization.ID, s.Entry.Seq)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff([]audit.Entry{s.Asked, s.Entry}, act); diff != "" {
					t.Errorf("the act (-settled +read):\n%s", diff)
				}
			})
		})
	}
}

// A browser that goes away after the question must not take the answer with it.
func TestAnActOutlivesItsRequest(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		ctx, cancel := context.WithCancel(t.Context())
		s, err := l.Undertake(ctx, entry(ada, ben, ""), func(ctx context.Context) audit.Result {
			cancel()
			if ctx.Err() != nil {
				return audit.Result{Outcome: audit.Failed}
			}
			return audit.Result{Outcome: audit.Done}
		})
		if err != nil || s.Unrecorded != nil || s.Entry.Outcome != audit.Done {
			t.Errorf("%+v, %v", s, err)
		}
		if s, err = l.Undertake(ctx, entry(ada, ben, ""), func(context.Context) audit.Result {
			return audit.Result{Outcome: audit.Done}
		}); err != nil || s.Entry.Outcome != audit.Done {
			t.Errorf("already gone: %+v, %v", s, err)
		}
	})
}

func TestAPanicLeavesAnUnknownOutcome(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		s, err := l.Undertake(t.Context(), entry(ada, ben, ""), func(context.Context) audit.Result { panic("ouch") })
		if err != nil || s.Result.Outcome != audit.Unknown || s.Result.Err == nil {
			t.Errorf("%+v, %v", s, err)
		}
		act, err := l.Act(t.Context(), organization.ID, 1)
		if err != nil || len(act) != 2 || act[1].Outcome != audit.Unknown {
			t.Errorf("%+v, %v", act, err)
		}
	})
}

// What cannot be recorded is not done; an outcome that cannot be recorded is told, and the entry stays open.
func TestUndertakeWhenNothingCanBeWritten(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		add(t, l, entry(ada, ben, audit.Done))
		block, unblock := "ALTER TABLE audit_tree RENAME TO away", "ALTER TABLE away RENAME TO audit_tree"
		s, err := l.Undertake(t.Context(), entry(ada, ben, ""), func(context.Context) audit.Result {
			execute(t, db, block)
			return audit.Result{Outcome: audit.Done, Status: 200}
		})
		if err != nil || !errors.Is(s.Unrecorded, audit.ErrNotRecorded) || !s.Asked.Open || s.Result.Status != 200 ||
			s.Entry.Outcome != audit.Done {
			t.Errorf("%+v, %v", s, err)
		}
		_, err = l.Undertake(t.Context(), entry(ada, ben, ""), func(context.Context) audit.Result {
			t.Error("done, though it could not be recorded")
			return audit.Result{}
		})
		if !errors.Is(err, audit.ErrNotRecorded) {
			t.Error(err)
		}
		execute(t, db, unblock)
		open, err := l.OpenEntries(t.Context(), audit.Filter{OrganizationID: organization.ID})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]audit.Entry{s.Asked}, open); diff != "" {
			t.Error(diff)
		}
		undertake(t, l, audit.Result{Outcome: audit.Done})
		whole(t, db)
	})
}

func TestEvidenceBelongsToItsAct(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		s := undertake(t, l, audit.Result{Outcome: audit.Done})
		other := undertake(t, l, audit.Result{Outcome: audit.Done})
		evidence := entry(ada, ben, audit.Done)
		evidence.Action, evidence.About = audit.ReadEvidence, s.Asked.Seq
		evidence = add(t, l, evidence)[0]
		for _, seq := range []int64{s.Asked.Seq, s.Entry.Seq, evidence.Seq} {
			act, err := l.Act(t.Context(), organization.ID, seq)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]int64{s.Asked.Seq, s.Entry.Seq, evidence.Seq}, seqs(act)); diff != "" {
				t.Errorf("by entry %d: %s", seq, diff)
			}
		}
		if act, err := l.Act(t.Context(), organization.ID, other.Asked.Seq); err != nil || len(act) != 2 {
			t.Errorf("%v, %v", seqs(act), err)
		}
		if _, err := l.Act(t.Context(), "another", s.Asked.Seq); !errors.Is(err, audit.ErrNotFound) {
			t.Errorf("another organization reads the act: %v", err)
		}
	})
}
