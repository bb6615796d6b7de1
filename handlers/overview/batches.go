package overview

import (
	"fmt"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/batch"
	"tokenconsole/views"
)

// underWay lists the batches that go on, or wait for somebody.
func (o *Room) underWay(v *request.Visit) (views.Panel, error) {
	p := views.Panel{
		ID: "under-way", Title: "Batches under way", Empty: "None is running, paused or waiting for approval.",
		More: views.Action{Label: "Revoke many…", Href: "/batches/new"},
	}
	filter := batch.Filter{States: batch.UnderWay()}
	list, err := o.Batches.List(v.Context(), v.Session.Organization.ID, filter, "", mostUnder)
	if err != nil {
		return p, err
	}
	for _, b := range list.Batches {
		p.Rows = append(p.Rows, underWayRow(v, b))
	}
	if len(p.Rows) > 0 {
		p.More = views.Action{Label: "All batches", Href: "/batches"}
	}
	return p, nil
}

func underWayRow(v *request.Visit, b batch.Batch) views.PanelRow {
	name := respond.BatchTitle(b)
	if first := respond.BatchFirst(b); first != "" {
		name += ": " + first
	}
	row := views.PanelRow{
		Name: name, Href: respond.BatchPath(b.ID), At: views.MomentOf(b.StartedAt, v.Now()),
		Text: fmt.Sprintf("%d of %d", b.Counts.Settled(), b.Counts.ToRevoke), Bar: respond.Tally(b.Counts),
	}
	switch b.State {
	case batch.WaitingApproval:
		row.Text, row.Tone, row.Bar = "waits for approval", "warning", nil
	case batch.Paused:
		row.Text, row.Tone = "paused at "+row.Text, "warning"
	}
	return row
}
