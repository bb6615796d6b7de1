package respond

import (
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/comeback"
	"tokenconsole/internal/revocation"
	"tokenconsole/views"
)

// ActRows are acts of the record as lists show them, one row each. Returns are those
// after some of them, as far as they are known.
func ActRows(acts []audit.Act, returns []comeback.Return, now time.Time) []views.ActRow {
	rows := make([]views.ActRow, len(acts))
	for i, a := range acts {
		var returned time.Time
		for _, r := range returns {
			if r.Revoked == a.Last().Seq {
				returned = r.Issued
			}
		}
		rows[i] = actRow(a, returned, now)
	}
	return rows
}

// actRow is an act as a row: the entry that began it, with what came of it. If it is a
// revocation that somebody came back after, returned is when their token was issued.
func actRow(a audit.Act, returned, now time.Time) views.ActRow {
	first, last := a.First(), a.Last()
	row := views.ActRow{AuditRow: Row(first, now)}
	row.Outcome = string(last.Outcome)
	if last.Seq != first.Seq {
		row.Detail = Detail(last, now)
	}
	times := revocation.TimesOf(a)
	for i, e := range a.Entries {
		step := stepOf(e, times)
		if i > 0 {
			step.After = after(e.At.Sub(a.Entries[i-1].At))
		}
		row.Steps = append(row.Steps, step)
	}
	if last := row.Steps[len(row.Steps)-1]; !returned.IsZero() && last.Kind != "back" {
		step := backStep(returned, times)
		if later, _ := times.CameBack(returned); revocation.IsSure(later) {
			step.After = after(later)
		}
		row.Steps = append(row.Steps, step)
	}
	return row
}

// backStep says of a token that counts as a return whether it is one for sure.
func backStep(issued time.Time, times revocation.Times) views.ActStep {
	if after, _ := times.CameBack(issued); revocation.IsSure(after) {
		return views.ActStep{Kind: "back", Label: "came back"}
	}
	return views.ActStep{Kind: "back", Label: "perhaps back"}
}

// stepOf is an entry of a revocation with its times.
func stepOf(e audit.Entry, times revocation.Times) views.ActStep {
	if e.Action != audit.ReadEvidence {
		return views.ActStep{Kind: string(e.Outcome), Label: string(e.Outcome)}
	}
	issued := e.Evidence.TokenIssuedAfter
	if issued.IsZero() {
		return views.ActStep{Kind: "untold", Label: "evidence not told"}
	}
	if _, back := times.CameBack(issued); back {
		return backStep(issued, times)
	}
	return views.ActStep{Kind: "quiet", Label: "no new token"}
}

// after is how long after the step before a step came.
func after(d time.Duration) string {
	if d < time.Second {
		return "at once"
	}
	return "after " + views.Span(d)
}
