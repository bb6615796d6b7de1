package batches

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"tokenconsole/handlers/respond"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/genesys"
	"tokenconsole/views"
)

// stateNames are the states of batches in words.
var stateNames = map[batch.State]string{
	batch.Prepared: "Prepared", batch.WaitingApproval: "Waiting for approval", batch.Running: "Running",
	batch.Paused: "Paused", batch.Done: "Done", batch.DoneWithFailures: "Done with failures",
	batch.Cancelled: "Cancelled", batch.Expired: "Expired",
}

func stateOf(s batch.State) views.BatchState {
	return views.BatchState{Kind: string(s), Label: stateNames[s]}
}

// planNames are what a plan says of a row, in words.
var planNames = map[batch.Plan]string{
	batch.ToRevoke: "To be revoked", batch.NotFound: "Not found", batch.Ambiguous: "Ambiguous",
	batch.NamedTwice: "Named twice", batch.Inactive: "Inactive", batch.Protected: "Protected", batch.Yourself: "Yourself",
}

// leftOutWhy says why rows of a plan are left out.
var leftOutWhy = map[batch.Plan]string{
	batch.NotFound:   "Nobody in your organization has that id, address or name.",
	batch.Ambiguous:  "Several people fit. Choose who is meant, or leave them out.",
	batch.NamedTwice: "Another line is the same person.",
	batch.Inactive:   "They cannot sign in, and have no tokens that work.",
	batch.Protected:  "The settings of this console keep them out of batches.",
	batch.Yourself:   "You prepared this batch.",
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
	batch.PlanChanged:     "What the database says of it is not what the record says, so it paused by itself. Nobody is revoked any more. Tell whoever runs the console.",

	string(genesys.TokenInvalid): "The token that it ran with is no longer valid, so it paused by itself. Who set it going can resume it, or somebody else can take it over.",
}

// says is what the state of b means, and how that is meant.
func says(b batch.Batch) (text, tone string) {
	switch b.State {
	case batch.Prepared:
		return "This is a plan. Nothing has happened yet.", ""
	case batch.WaitingApproval:
		return fmt.Sprintf("%s started it. Nobody is revoked until a second person approves.", respond.PartyName(b.StartedBy)), "warning"
	case batch.Running:
		return "It goes on by itself: you can leave this page.", ""
	case batch.Paused:
		if words := pauseWords[b.Problem]; words != "" {
			return words, "bad"
		}
		if b.Problem != "" {
			return "It paused by itself: " + respond.ProblemTitle(b.Problem) + ".", "bad"
		}
		return "It is paused. Nobody is revoked until it is resumed.", "warning"
	case batch.Done:
		return "Everybody in the plan has lost their tokens.", "good"
	case batch.DoneWithFailures:
		return "It is over, and not everybody is revoked. The failed ones can be tried again.", "bad"
	case batch.Cancelled:
		return cancelled(b), "warning"
	case batch.Expired:
		return "Nobody approved it in time. Nothing was revoked. Prepare it again if it is still wanted.", "warning"
	}
	return "", ""
}

func cancelled(b batch.Batch) string {
	switch {
	case b.Decision != "":
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

// bar is what came of the people of a batch, in the order in which it is drawn.
func bar(c batch.Counts) []views.TallyPart {
	parts := []views.TallyPart{
		{Kind: "done", Label: "revoked", Count: c.Done},
		{Kind: "failed", Label: "failed", Count: c.Failed},
		{Kind: "unknown", Label: "unknown", Count: c.Unknown},
		{Kind: "skipped", Label: "skipped", Count: c.Skipped},
		{Kind: "asked", Label: "being revoked", Count: c.Asked},
		{Kind: "waiting", Label: "waiting", Count: c.Waiting},
	}
	var shown []views.TallyPart
	for _, p := range parts {
		if p.Count > 0 {
			shown = append(shown, p)
		}
	}
	return shown
}

// titled is text with a capital in front.
func titled(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return "A batch"
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

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
