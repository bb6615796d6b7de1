package batches

import (
	"strings"

	"tokenconsole/handlers/respond"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/genesys"
	"tokenconsole/views"
)

// planNames are what a plan says of a row, in words.
var planNames = map[batch.Plan]string{
	batch.ToRevoke: "To be revoked", batch.NotFound: "Not found", batch.Ambiguous: "Ambiguous",
	batch.NamedTwice: "Named twice", batch.Inactive: "Inactive", batch.Protected: "Protected", batch.Yourself: "Yourself",
}

// leftOutWhy says why rows of a plan are left out.
var leftOutWhy = map[batch.Plan]string{
	batch.NotFound:   "nobody has that id, address or name",
	batch.NamedTwice: "another line is the same person",
	batch.Inactive:   "cannot sign in, and has no token that works",
	batch.Protected:  "the settings keep them out of batches",
	batch.Yourself:   "who prepared it",
}

// runNames are what came of people, in words.
var runNames = map[batch.Run]string{
	batch.Waiting: "waiting", batch.Asked: "being revoked", batch.Revoked: "revoked", batch.Failed: "failed",
	batch.Unknown: "unknown", batch.Skipped: "skipped",
}

// pauseWords say why a batch paused by itself, and what to do.
var pauseWords = map[string]string{
	batch.TooManyFailures: "Too many people could not be revoked, so it paused by itself. Look at the failures below before you resume it.",
	batch.PlatformAway:    "Genesys Cloud gave no usable answer for a quarter of an hour, so it paused by itself. Resume it when the platform works again.",
	batch.PlanChanged:     "Its people in the database were not those of the plan on the record, so it paused by itself. Tell whoever runs the console.",
	batch.RowDiffers:      "The database said something else of it than the record, so it paused by itself. Tell whoever runs the console.",
	batch.RowUnreadable:   "A part of it in the database, or the seal of its token, could not be read, so it paused by itself. Tell whoever runs the console.",

	string(genesys.TokenInvalid): "The token that it ran with is no longer valid, so it paused by itself. Who set it going can resume it, or somebody else can take it over.",
}

// pausedForRow are the problems of a batch whose rows were changed in the database.
var pausedForRow = map[string]bool{batch.PlanChanged: true, batch.RowDiffers: true, batch.RowUnreadable: true}

// says is what the state of b means, and how that is meant. differs is what its row says otherwise than the record.
func says(b batch.Batch, differs *batch.DiffersError) (text, tone string) {
	switch b.State {
	case batch.Prepared:
		return "", ""
	case batch.WaitingApproval:
		return "", ""
	case batch.Running:
		return "", ""
	case batch.Paused:
		if pausedForRow[b.Problem] && differs == nil {
			return pauseWords[b.Problem] + " It agrees with the record now, so it can be resumed.", "bad"
		}
		if words := pauseWords[b.Problem]; words != "" {
			return words, "bad"
		}
		if b.Problem != "" {
			return "It paused by itself: " + respond.ProblemTitle(b.Problem) + ".", "bad"
		}
		return "It is paused. Nobody is revoked until it is resumed.", "warning"
	case batch.Done:
		if n := b.Counts.Skipped; n > 0 {
			return "It is over. Skipped, because they were in an interaction when their turn came: " + views.People(n) +
				". They keep their tokens. Prepare another try for them.", "warning"
		}
		if b.Counts.Undone > 0 {
			return "Everybody to be revoked has lost their tokens. For " + views.People(b.Counts.Undone) + " a step was not done: see below which, and why.", "warning"
		}
		return "Everybody to be revoked has lost their tokens.", "good"
	case batch.DoneWithFailures:
		return failures(b.Counts), "bad"
	case batch.Cancelled:
		return cancelled(b), "warning"
	case batch.Expired:
		return "Nobody approved it in time. Nothing was revoked. Prepare it again if it is still wanted.", "warning"
	}
	return "", ""
}

// failures says what is left of a batch that is over: of somebody whose outcome is unknown nobody can say that they still
// have their tokens.
func failures(c batch.Counts) string {
	text := "It is over."
	if n := c.Failed + c.Skipped; n > 0 {
		text += " " + views.People(n) + " not revoked."
	}
	if c.Unknown > 0 {
		text += " Of " + views.People(c.Unknown) + " it is unknown whether they were revoked."
	}
	return text + " Prepare another try for them."
}

func cancelled(b batch.Batch) string {
	switch {
	case !b.Approved() && b.Decision != "":
		return respond.PartyName(b.DecidedBy) + " declined it: " + b.Decision
	case b.StartedAt.IsZero():
		return "It was cancelled before it started. Nothing was revoked."
	}
	return "It was cancelled. Who was not revoked by then was skipped."
}

// waits says what a batch waits for, "" for nothing.
func waits(p batch.Progress) string {
	switch p.WaitsFor {
	case "":
		return ""
	case batch.RateLimit:
		return "rate limit"
	case batch.Platform:
		return "Genesys Cloud does not answer"
	case batch.Record:
		return "the record cannot be written"
	}
	return p.WaitsFor
}

// titled is text with a capital in front.
func titled(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// busyNames are the routing statuses that a revocation cuts off.
func busyName(status string) string {
	switch status {
	case "":
		return ""
	case "INTERACTING":
		return "was in an interaction"
	case "COMMUNICATING":
		return "was on a call"
	}
	return "was " + strings.ToLower(status)
}
