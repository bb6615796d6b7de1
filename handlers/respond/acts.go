package respond

import (
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/revocation"
	"tokenconsole/views"
)

// ActRows are acts of the record as lists show them, one row each.
func ActRows(acts []audit.Act, now time.Time) []views.ActRow {
	rows := make([]views.ActRow, len(acts))
	for i, a := range acts {
		rows[i] = actRow(a, now)
	}
	return rows
}

// actRow is an act as a row: the entry that began it, with what came of it.
func actRow(a audit.Act, now time.Time) views.ActRow {
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
	return row
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
	switch after, back := times.CameBack(issued); {
	case back && revocation.IsSure(after):
		return views.ActStep{Kind: "back", Label: "came back"}
	case back:
		return views.ActStep{Kind: "back", Label: "perhaps back"}
	}
	return views.ActStep{Kind: "quiet", Label: "no new token when read"}
}

// after is how long after the step before a step came.
func after(d time.Duration) string {
	if d < time.Second {
		return "at once"
	}
	return "after " + views.Span(d)
}
