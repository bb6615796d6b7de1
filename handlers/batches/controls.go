package batches

import (
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/views"
)

// controls are what the person of v can do to b.
func controls(v *request.Visit, b batch.Batch) []views.BatchControl {
	p := respond.BatchPath(b.ID)
	cancel := views.BatchControl{
		Action: p + "/cancel", Label: "Cancel the batch", Danger: true,
		Confirm: "It ends for good. Who is not revoked by then is skipped; who is revoked stays so.",
	}
	switch b.State {
	case batch.Prepared:
		cancel.Label, cancel.Confirm, cancel.Danger = "Discard the plan", "", false
		return []views.BatchControl{cancel}
	case batch.WaitingApproval:
		cancel.Label, cancel.Confirm, cancel.Danger = "Withdraw", "It ends for good, and nobody is revoked.", false
		return []views.BatchControl{cancel}
	case batch.Running:
		return []views.BatchControl{{Action: p + "/pause", Label: "Pause"}, cancel}
	case batch.Paused:
		resume := views.BatchControl{Action: p + "/resume", Label: "Resume", Primary: true}
		if b.RunBy.ID != v.Session.Person.ID.String() {
			resume.Action, resume.Label = p+"/takeover", "Take over and resume"
			resume.Confirm = "It goes on with your token, and the record names you for everybody who is revoked from now on."
		}
		return []views.BatchControl{resume, cancel}
	case batch.Done, batch.DoneWithFailures, batch.Cancelled:
		if left := b.Counts.Failed + b.Counts.Unknown + b.Counts.Skipped; left > 0 {
			return []views.BatchControl{{
				Action: p + "/retry", Label: "Prepare another try for " + views.People(left), Primary: b.State != batch.Cancelled,
			}}
		}
	}
	return nil
}

// factsOf says who did what to b, and when.
func factsOf(v *request.Visit, b batch.Batch) []views.BatchFact {
	fact := func(label string, who audit.Party, at time.Time) views.BatchFact {
		if who == (audit.Party{}) {
			return views.BatchFact{}
		}
		return views.BatchFact{Label: label, Value: respond.PartyName(who), At: views.MomentOf(at, v.Now())}
	}
	decided := "Approved by"
	if !b.Approved() {
		decided = "Declined by"
	}
	var facts []views.BatchFact
	for _, f := range []views.BatchFact{
		fact("Prepared by", b.PreparedBy, b.PreparedAt),
		fact("Started by", b.StartedBy, b.StartedAt),
		fact(decided, b.DecidedBy, b.DecidedAt),
		{Label: "Reason of that", Value: b.Decision},
		{Label: "Steps", Value: respond.StepsInWords(b.Playbook, b.Steps)},
		{Label: "Reason", Value: b.Reason},
		{Label: "Ticket", Value: b.Ticket},
		fact("Token of", b.RunBy, time.Time{}),
		{Label: "Ended", At: views.MomentOf(b.EndedAt, v.Now())},
		{Label: "Batch", Value: b.ID, ID: true},
		{Label: "Hash of the plan", Value: b.Hash, ID: true},
	} {
		if f.Value != "" || f.At.ISO != "" {
			facts = append(facts, f)
		}
	}
	return facts
}
