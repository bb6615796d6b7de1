package audit_test

import (
	"context"
	"errors"
	"testing"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/genesys"
)

// What came of a call follows from how the platform answered.
func TestWhatCameOfACall(t *testing.T) {
	t.Parallel()
	fine := genesys.Receipt{Status: 204, CorrelationID: "c"}
	answered := func(status int) error { return &genesys.Error{Status: status, CorrelationID: "e"} }
	for name, test := range map[string]struct {
		receipt genesys.Receipt
		err     error
		want    audit.Result
		deleted audit.Outcome // had the token itself been deleted
	}{
		"done":       {fine, nil, audit.Result{Outcome: audit.Done, Status: 204, CorrelationID: "c"}, audit.Done},
		"refused":    {fine, answered(400), audit.Result{Outcome: audit.Refused, Status: 400, CorrelationID: "e", Problem: "platform-refused"}, audit.Refused},
		"dead token": {fine, answered(401), audit.Result{Outcome: audit.Refused, Status: 401, CorrelationID: "e", Problem: "token-invalid"}, audit.Done},
		"not allowed": {fine, &genesys.Error{Status: 403, Message: "needs a:b:c"},
			audit.Result{Outcome: audit.Refused, Status: 403, Problem: "permission-missing", Permission: "a:b:c"}, audit.Refused},
		"failed": {fine, answered(500), audit.Result{Outcome: audit.Unknown, Status: 500, CorrelationID: "e", Problem: "platform-failed"}, audit.Unknown},
		"not sent": {genesys.Receipt{}, &genesys.NoAnswerError{Err: errors.New("no route")},
			audit.Result{Outcome: audit.Failed, Problem: "platform-away"}, audit.Failed},
		"broken off": {genesys.Receipt{}, &genesys.NoAnswerError{Sent: true, CorrelationID: "e", Err: errors.New("reset")},
			audit.Result{Outcome: audit.Unknown, CorrelationID: "e", Problem: "platform-garbled"}, audit.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			got := audit.ResultOf(test.receipt, test.err)
			if test.want.Err = test.err; got != test.want {
				t.Errorf("%+v, want %+v", got, test.want)
			}
			deleted := audit.ResultOfDeletion(test.receipt, test.err)
			if deleted.Outcome != test.deleted || deleted.Dead != (got.Outcome != test.deleted) || deleted.Dead && deleted.Problem != "" {
				t.Errorf("of the token itself: %+v", deleted)
			}
		})
	}
}

// A person is known by the latest name that the organization's record has.
func TestKnownPerson(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, l *audit.Log) {
		renamed := ben
		renamed.Name = "Ben Park"
		add(t, l, entry(ada, ben, audit.Done), entry(ada, renamed, audit.Done), entry(ada, audit.Party{ID: ben.ID}, audit.Done))
		for _, test := range []struct {
			organization string
			want         audit.Party
		}{{organization.ID, renamed}, {"another", audit.Party{ID: ben.ID}}} {
			if got, err := l.Known(t.Context(), test.organization, ben.ID); got != test.want || err != nil {
				t.Errorf("in %q: %+v, %v", test.organization, got, err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := l.Known(ctx, organization.ID, ben.ID); err == nil {
			t.Error("nobody is known, and nothing is wrong")
		}
	})
}
