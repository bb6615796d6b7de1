package batches

import (
	"net/url"
	"strconv"

	"tokenconsole/handlers/respond"
	"tokenconsole/internal/batch"
	"tokenconsole/views"
)

// shown is a choice of the people of a batch.
type shown struct {
	name, label string // name is "" for everybody
	filter      batch.PeopleFilter
	count       int
	tone        string
}

// Choices that are neither what a plan says nor what came of it.
const (
	showBusy           = "busy"
	showAdministrators = "administrators"
	showCameBack       = "came-back"
	showLeftOut        = "left-out"
	showUndone         = "undone"
)

// choices are what can be shown of the people of b: by what the plan says of them and, once it ran, by what came of it.
func choices(b batch.Batch, proof batch.Proof) []shown {
	c := b.Counts
	leftOut := c.Rows() - c.ToRevoke
	all := []shown{{label: "Everybody", count: c.Rows()}}
	plan := func(p batch.Plan, n int, tone string) shown {
		return shown{string(p), planNames[p], batch.PeopleFilter{Plan: p}, n, tone}
	}
	run := func(p batch.Run, n int, tone string) shown {
		return shown{string(p), titled(runNames[p]), batch.PeopleFilter{Run: p}, n, tone}
	}
	if ran(b) {
		all = append(all,
			run(batch.Revoked, c.Done, "good"),
			shown{showCameBack, "Came back", batch.PeopleFilter{CameBack: true}, proof.CameBack, "warning"},
			run(batch.Failed, c.Failed, "bad"), run(batch.Unknown, c.Unknown, "warning"), run(batch.Skipped, c.Skipped, ""),
			shown{showUndone, "A step not done", batch.PeopleFilter{Undone: true}, c.Undone, "warning"},
			run(batch.Asked, c.Asked, ""), run(batch.Waiting, c.Waiting, ""),
			shown{showLeftOut, "Left out", batch.PeopleFilter{LeftOut: true}, leftOut, ""})
	}
	return append(all,
		plan(batch.ToRevoke, c.ToRevoke, ""),
		shown{showBusy, "In an interaction", batch.PeopleFilter{Busy: true}, c.Busy, "warning"},
		shown{showAdministrators, "Administrators", batch.PeopleFilter{Administrator: true}, c.Administrators, "warning"},
		plan(batch.Ambiguous, c.Ambiguous, "warning"), plan(batch.NotFound, c.NotFound, "warning"),
		plan(batch.NamedTwice, c.NamedTwice, ""), plan(batch.Inactive, c.Inactive, ""), plan(batch.Protected, c.Protected, ""),
		plan(batch.Yourself, c.Yourself, ""))
}

// shownBy is the choice of that name, or everybody.
func shownBy(b batch.Batch, name string) shown {
	all := choices(b, batch.Proof{})
	for _, one := range all {
		if one.name == name {
			return one
		}
	}
	return all[0]
}

// tabs lead to the choices that somebody fits, and to the one that is open. Once a batch ran, what came of it matters.
func tabs(b batch.Batch, proof batch.Proof, open shown, text string) []views.FilterTab {
	var tabs []views.FilterTab
	for i, one := range choices(b, proof) {
		beside := ran(b) && (one.filter.Plan != "" || one.filter.Busy || one.filter.Administrator)
		current := one.name == open.name
		if i > 0 && !current && (one.count == 0 || beside) {
			continue
		}
		tab := views.FilterTab{Label: one.label, Href: at(b.ID, one, text, 0), Current: current, Tone: one.tone}
		if b.State != batch.Running || i == 0 {
			tab.Count = strconv.Itoa(one.count)
		}
		tabs = append(tabs, tab)
	}
	return tabs
}

// at is the part of the chosen people of a batch that follows a position.
func at(id string, one shown, text string, after int) string {
	query := url.Values{}
	if one.name != "" {
		query.Set("show", one.name)
	}
	if text != "" {
		query.Set("q", text)
	}
	if after > 0 {
		query.Set("after", strconv.Itoa(after))
	}
	if len(query) == 0 {
		return respond.BatchPath(id) + "#people"
	}
	return respond.BatchPath(id) + "?" + query.Encode() + "#people"
}
