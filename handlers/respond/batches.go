package respond

import (
	"net/url"
	"unicode"
	"unicode/utf8"

	"tokenconsole/internal/batch"
	"tokenconsole/views"
)

// batchStates are the states of batches in words.
var batchStates = map[batch.State]string{
	batch.Prepared: "Prepared", batch.WaitingApproval: "Waiting for approval", batch.Running: "Running",
	batch.Paused: "Paused", batch.Done: "Done", batch.DoneWithFailures: "Done with failures",
	batch.Cancelled: "Cancelled", batch.Expired: "Expired",
}

// BatchState is a state as pages show it.
func BatchState(s batch.State) views.BatchState {
	return views.BatchState{Kind: string(s), Label: batchStates[s]}
}

// BatchPath is the page of a batch.
func BatchPath(id string) string { return "/batches/" + url.PathEscape(id) }

// Tally is what came of the people of a batch, in the order in which it is drawn.
func Tally(c batch.Counts) []views.TallyPart {
	var shown []views.TallyPart
	for _, p := range []views.TallyPart{
		{Kind: "done", Label: "revoked", Count: c.Done},
		{Kind: "failed", Label: "failed", Count: c.Failed},
		{Kind: "unknown", Label: "unknown", Count: c.Unknown},
		{Kind: "skipped", Label: "skipped", Count: c.Skipped},
		{Kind: "asked", Label: "being revoked", Count: c.Asked},
		{Kind: "waiting", Label: "waiting", Count: c.Waiting},
	} {
		if p.Count > 0 {
			shown = append(shown, p)
		}
	}
	return shown
}

// BatchFirst tells batches of a list apart: who is the first of the people to be revoked.
func BatchFirst(b batch.Batch) string {
	if b.First == "" || b.Counts.ToRevoke < 2 {
		return b.First
	}
	return b.First + " and " + views.Others(b.Counts.ToRevoke-1)
}

// BatchTitle is whom a batch is about, with a capital in front.
func BatchTitle(b batch.Batch) string {
	first, size := utf8.DecodeRuneInString(b.Rule.Words)
	if size == 0 {
		return "A batch"
	}
	return string(unicode.ToUpper(first)) + b.Rule.Words[size:]
}
