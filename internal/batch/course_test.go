package batch

import (
	"errors"
	"slices"
	"testing"
	"time"

	"tokenconsole/internal/audit"
)

// entriesOf makes the entries of one batch, numbered from 1.
func entriesOf(entries ...audit.Entry) *acts {
	a := &acts{people: map[string]*told{}}
	for i, e := range entries {
		e.Seq = int64(i + 1)
		a.take(e)
	}
	return a
}

func plan(outcome audit.Outcome, closes int64, hash string) audit.Entry {
	e := audit.Entry{Action: audit.PrepareBatch, Outcome: outcome, Closes: closes, Plan: hash}
	if hash != "first" {
		e.Change = audit.Change{From: string(Prepared), To: string(Prepared)}
	}
	return e
}

func changed(outcome audit.Outcome, closes int64, from, to State) audit.Entry {
	return audit.Entry{
		Action: audit.ChangeBatch, Outcome: outcome, Closes: closes, Change: audit.Change{From: string(from), To: string(to)},
	}
}

// In which state a batch is, who started it, who decided about it and with whose token it runs follow from its entries. A
// change of which nobody knows whether it was made was made if the next one goes on from it.
func TestTheCourseOfABatch(t *testing.T) {
	t.Parallel()
	const done, asked, refused, failed, unknown = audit.Done, audit.Asked, audit.Refused, audit.Failed, audit.Unknown
	declined := changed(asked, 0, WaitingApproval, Cancelled)
	declined.Reason = "not these"
	prepared := []audit.Entry{plan(asked, 0, "first"), plan(done, 1, "first")}
	running := append(slices.Clip(prepared), changed(asked, 0, Prepared, Running), changed(done, 3, Prepared, Running))
	waiting := append(slices.Clip(prepared), changed(asked, 0, Prepared, WaitingApproval), changed(done, 3, Prepared, WaitingApproval))
	of := func(before []audit.Entry, then ...audit.Entry) []audit.Entry {
		return append(slices.Clip(before), then...)
	}
	for name, test := range map[string]struct {
		entries                             []audit.Entry
		state                               State // "" for a contradiction
		start, approval, decision, setGoing int64
	}{
		"prepared":              {prepared, Prepared, 0, 0, 0, 0},
		"asked to be prepared":  {prepared[:1], Prepared, 0, 0, 0, 0},
		"nothing":               {nil, "", 0, 0, 0, 0},
		"refused":               {of(prepared[:1], plan(refused, 1, "first")), "", 0, 0, 0, 0},
		"its beginning is lost": {[]audit.Entry{plan(asked, 0, "second"), plan(done, 1, "second")}, "", 0, 0, 0, 0},
		"started":               {running, Running, 3, 0, 0, 3},
		"waiting for approval":  {waiting, WaitingApproval, 3, 0, 0, 3},
		"approved":              {of(waiting, changed(asked, 0, WaitingApproval, Running)), Running, 3, 5, 5, 3},
		"declined":              {of(waiting, declined), Cancelled, 3, 0, 5, 3},
		"withdrawn":             {of(waiting, changed(asked, 0, WaitingApproval, Cancelled)), Cancelled, 3, 0, 0, 3},
		"expired":               {of(waiting, changed(asked, 0, WaitingApproval, Expired)), Expired, 3, 0, 0, 3},
		"discarded":             {of(prepared, changed(asked, 0, Prepared, Cancelled)), Cancelled, 0, 0, 0, 0},
		"resumed": {of(running, changed(asked, 0, Running, Paused), changed(done, 5, Running, Paused),
			changed(asked, 0, Paused, Running)), Running, 3, 0, 0, 7},
		"paused and cancelled": {of(running, changed(asked, 0, Running, Paused), changed(done, 5, Running, Paused),
			changed(asked, 0, Paused, Cancelled)), Cancelled, 3, 0, 0, 3},
		"a pause that failed": {of(running, changed(asked, 0, Running, Paused), changed(failed, 5, Running, Paused)), Running, 3, 0, 0, 3},
		"one that was refused, and another": {of(running, changed(asked, 0, Running, Paused), changed(asked, 0, Running, Cancelled),
			changed(refused, 5, Running, Paused), changed(done, 6, Running, Cancelled)), Cancelled, 3, 0, 0, 3},
		"a pause of unknown end": {of(running, changed(asked, 0, Running, Paused), changed(unknown, 5, Running, Paused)), Paused, 3, 0, 0, 3},
		"which was made": {of(running, changed(asked, 0, Running, Paused), changed(unknown, 5, Running, Paused),
			changed(asked, 0, Paused, Running), changed(done, 7, Paused, Running)), Running, 3, 0, 0, 7},
		"which was not made": {of(running, changed(asked, 0, Running, Paused), changed(unknown, 5, Running, Paused),
			changed(asked, 0, Running, Done), changed(done, 7, Running, Done)), Done, 3, 0, 0, 3},
		"a pause that was made, and not": {of(running, changed(asked, 0, Running, Paused), changed(done, 5, Running, Paused),
			changed(asked, 0, Running, Done), changed(done, 7, Running, Done)), "", 0, 0, 0, 0},
		"a pause that was made, and nobody knows": {of(running, changed(asked, 0, Running, Paused), changed(done, 5, Running, Paused),
			changed(asked, 0, Running, Done), changed(unknown, 7, Running, Done)), Paused, 3, 0, 0, 3},
		"one that does not fit":                {of(prepared, changed(asked, 0, Paused, Running), changed(done, 3, Paused, Running)), "", 0, 0, 0, 0},
		"one that does not fit and was asked":  {of(prepared, changed(asked, 0, Paused, Running)), Prepared, 0, 0, 0, 0},
		"one that fits neither state, unknown": {of(running, changed(asked, 0, Running, Paused), changed(asked, 0, Prepared, Running)), Paused, 3, 0, 0, 3},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := entriesOf(test.entries...).course()
			if (err != nil) != (test.state == "") || err != nil && !errors.Is(err, errContradicts) {
				t.Fatal(c.state, err)
			}
			got := [4]int64{c.start.Seq, c.approval.Seq, c.decision.Seq, c.setGoing.Seq}
			if want := [4]int64{test.start, test.approval, test.decision, test.setGoing}; c.state != test.state || got != want {
				t.Errorf("%s, entries %v; want %s, %v", c.state, got, test.state, want)
			}
		})
	}
}

// A row may be one change behind the record, if it is not known whether that change was made.
func TestARowMayBeOneChangeBehind(t *testing.T) {
	t.Parallel()
	start := []audit.Entry{plan(audit.Asked, 0, "first"), plan(audit.Done, 1, "first"), changed(audit.Asked, 0, Prepared, Running)}
	for _, test := range []struct {
		outcome audit.Outcome
		row     State
		fits    bool
	}{
		{audit.Done, Running, true}, {audit.Done, Prepared, false}, {audit.Unknown, Running, true}, {audit.Unknown, Prepared, true},
		{audit.Unknown, Paused, false}, {audit.Asked, Prepared, true}, {audit.Failed, Running, false}, {audit.Failed, Prepared, true},
	} {
		entries := start
		if test.outcome != audit.Asked {
			entries = append(slices.Clip(start), changed(test.outcome, 3, Prepared, Running))
		}
		c, err := entriesOf(entries...).course()
		if err != nil {
			t.Fatal(err)
		}
		if as, fits := c.as(test.row); fits != test.fits || fits && as.state != test.row {
			t.Errorf("after a start that is %s a row may be %s: %t", test.outcome, test.row, fits)
		}
	}
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		outcome   audit.Outcome
		later     time.Duration
		unsettled bool
	}{
		{audit.Asked, 0, true}, {audit.Asked, leaseFor - 1, true}, {audit.Asked, leaseFor, false}, {audit.Done, 0, false},
	} {
		c := course{latest: step{audit.Entry{At: at}, test.outcome}}
		if c.unsettled(at.Add(test.later)) != test.unsettled {
			t.Errorf("%s, %s later: unsettled %t", test.outcome, test.later, !test.unsettled)
		}
	}
}

// The plan is the last one that is known to have been made, or a later one that may have been; after the start it is that of
// the start.
func TestThePlanThatHolds(t *testing.T) {
	t.Parallel()
	first := []audit.Entry{plan(audit.Asked, 0, "first"), plan(audit.Done, 1, "first")}
	changedTo := func(hash string, outcome audit.Outcome) []audit.Entry {
		return append(slices.Clip(first), plan(audit.Asked, 0, hash), plan(outcome, 3, hash))
	}
	start := changed(audit.Asked, 0, Prepared, Running)
	start.Plan = "second"
	for name, test := range map[string]struct {
		entries []audit.Entry
		hash    string // by the row
		want    int64  // the entry
		plans   []string
	}{
		"the first":               {first, "first", 1, []string{"first"}},
		"made":                    {changedTo("second", audit.Done), "second", 3, []string{"second"}},
		"made, and the row older": {changedTo("second", audit.Done), "first", 3, []string{"second"}},
		"perhaps made":            {changedTo("second", audit.Unknown), "second", 3, []string{"first", "second"}},
		"perhaps made, or not":    {changedTo("second", audit.Unknown), "first", 1, []string{"first", "second"}},
		"refused":                 {changedTo("second", audit.Refused), "second", 1, []string{"first"}},
		"another":                 {changedTo("second", audit.Unknown), "other", 1, []string{"first", "second"}},
		"started":                 {append(changedTo("second", audit.Done), start), "other", 5, []string{"second"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := entriesOf(test.entries...)
			c, err := a.course()
			if err != nil {
				t.Fatal(err)
			}
			var plans []string
			for hash := range a.plans() {
				plans = append(plans, hash)
			}
			slices.Sort(plans)
			if got := a.plannedAs(c, test.hash); got.Seq != test.want || !slices.Equal(plans, test.plans) {
				t.Errorf("entry %d, the plans %v; want %d, %v", got.Seq, plans, test.want, test.plans)
			}
		})
	}
}

// Who is known to have been asked about is whoever an entry names, be it for a step alone.
func TestWhoWasTried(t *testing.T) {
	t.Parallel()
	about := func(action audit.Action, id string) audit.Entry {
		return audit.Entry{Action: action, Outcome: audit.Asked, Subject: audit.Party{ID: id}}
	}
	a := entriesOf(about(audit.Revoke, "tokens"), about(audit.FreeStation, "step"), about(audit.SignIn, "nothing"))
	a.person("looked at")
	if tried := a.tried(); len(tried) != 2 || !tried["tokens"] || !tried["step"] {
		t.Errorf("%v", tried)
	}
}
