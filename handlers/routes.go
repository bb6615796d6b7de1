package handlers

import (
	"tokenconsole/handlers/request"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
)

const callbackPath = "/oauth/callback"

// Route is one line of the route table.
type Route struct {
	Method, Path string       // the path as net/http's patterns write it
	Gate         request.Gate // who may
	Page         request.Page
	Act          audit.Action // goes on the record as refused when somebody without permission tries; "" for pages that only show
}

// routes is the route table. A GET route answers HEAD too.
func (rooms rooms) routes() []Route {
	anything, everybody, people := request.Anything(), request.Everybody(), request.People()
	asking, byItself := people.Asking(), request.ByItself().Asking()
	find := request.AnyOf(genesys.PermissionViewUser, genesys.PermissionDeleteToken)
	revoke := request.AnyOf(genesys.PermissionDeleteToken)
	seeClients, editClients := request.AnyOf(genesys.PermissionViewClient).Asking(), request.AnyOf(genesys.PermissionEditClient).Asking()
	follow := request.ByItself().For(genesys.PermissionDeleteToken) // of an open page of people who may revoke
	administer := request.AnyOf(genesys.PermissionAdminOrg).Asking()
	why := []string{"chosen", "reason", "ticket", "email"} // of an act on a person
	return []Route{
		{"GET", "/{$}", people, rooms.overview.ShowHome, ""},
		{"GET", "/healthz", anything, rooms.status.ShowHealth, ""},
		{"GET", "/readyz", anything, rooms.status.ShowReadiness, ""},
		{"GET", "/static/{file}", anything, rooms.status.ShowStatic, ""},

		{"GET", "/login", everybody, rooms.signin.ShowSignIn, ""},
		{"POST", "/login", everybody, rooms.signin.Begin, ""},
		{"GET", callbackPath, everybody, rooms.signin.Finish, ""},
		{"POST", "/logout", anything.Urgently(), rooms.signin.SignOut, ""},
		{"GET", "/signed-out", everybody, rooms.signin.ShowSignedOut, ""},

		{"GET", "/session", byItself, rooms.token.Session, ""},
		{"GET", "/token", asking, rooms.token.Show, ""},
		{"GET", "/token/status", byItself, rooms.token.Status, ""},
		{"POST", "/token/verify", people.AtAPace(), rooms.token.Verify, ""},
		{"GET", "/inspect", people, rooms.token.ShowInspect, ""},
		{"POST", "/inspect", people.AtAPace(), rooms.token.Inspect, ""},
		{"POST", "/inspect/delete", people.Urgently(), rooms.token.DeleteFound, ""},

		{"GET", "/users", find, rooms.people.Search, ""},
		{"GET", "/users/{id}", find.Asking().WhileAway(), rooms.people.Show, ""},
		{"GET", "/users/{id}/proof", byItself.For(genesys.PermissionDeleteToken), rooms.people.Follow, ""},
		{"GET", "/users/{id}/revoke", revoke.Asking().WhileAway(), rooms.people.Confirm, ""},
		{"POST", "/users/{id}/revoke", revoke.Asking().Urgently().Keeping(why...).At("from", request.Ticked), rooms.people.Revoke, audit.Revoke},
		{"GET", "/users/{id}/playbooks/{name}", revoke.Asking().WhileAway(), rooms.people.ShowPlaybook, ""},
		{"POST", "/users/{id}/playbooks/{name}", revoke.Asking().Urgently().Keeping(why...).At(request.Ticked), rooms.people.RunPlaybook, audit.RunPlaybook},
		{"GET", "/users/{id}/playbooks/{name}/{seq}", revoke, rooms.people.ShowSheet, ""},

		{"GET", "/clients", seeClients, rooms.clients.List, ""},
		{"GET", "/clients/{id}", seeClients, rooms.clients.Show, ""},
		{"GET", "/clients/{id}/disable", editClients, rooms.clients.ConfirmDisable, ""},
		{"POST", "/clients/{id}/disable", editClients.Urgently().Keeping("reason", "ticket", "name"), rooms.clients.Disable, audit.ChangeClient},
		{"GET", "/clients/{id}/enable", editClients, rooms.clients.ConfirmEnable, ""},
		{"POST", "/clients/{id}/enable", editClients.AtAPace().Keeping("reason", "ticket"), rooms.clients.Enable, audit.ChangeClient},

		{"GET", "/watch", revoke.Asking(), rooms.watch.Show, ""},
		{"GET", "/watch/board", follow, rooms.watch.ShowBoard, ""},
		{"GET", "/watch/live", follow, rooms.watch.Stream, ""},
		{"GET", "/watch/{id}/clear", revoke, rooms.watch.ConfirmClear, ""},
		{"POST", "/watch/{id}/clear", revoke.Briskly().Keeping("reason"), rooms.watch.Clear, audit.ClearWatch},

		{"GET", "/batches", revoke, rooms.batches.List, ""},
		{"POST", "/batches", revoke.AtAPace().Uploading().Keeping("people", "name", "set", "filter").At("from").On("/batches/new"), rooms.batches.Prepare, audit.PrepareBatch},
		{"GET", "/batches/new", revoke, rooms.batches.ShowNew, ""},
		{"GET", "/batches/{id}", revoke, rooms.batches.Show, ""},
		{"GET", "/batches/{id}/live", follow, rooms.batches.Show, ""},
		{"GET", "/batches/{id}/events", follow, rooms.batches.Events, ""},
		{"GET", "/batches/{id}/sheet", revoke, rooms.batches.ShowSheet, ""},
		{"GET", "/batches/{id}/report.csv", revoke.AtAPace(), rooms.batches.ReportCSV, ""},
		{"GET", "/batches/{id}/report.json", revoke.AtAPace(), rooms.batches.ReportJSON, ""},
		{"GET", "/batches/{id}/receipt", revoke.AtAPace(), rooms.batches.Receipt, ""},
		{"POST", "/batches/{id}/choose", revoke.Briskly(), rooms.batches.Choose, audit.PrepareBatch},
		{"POST", "/batches/{id}/include", revoke.Briskly(), rooms.batches.Include, audit.PrepareBatch},
		{"POST", "/batches/{id}/steps", revoke.Briskly(), rooms.batches.ChooseSteps, audit.PrepareBatch},
		{"POST", "/batches/{id}/start", revoke.Briskly().Keeping("reason", "ticket", "count"), rooms.batches.Start, audit.ChangeBatch},
		{"POST", "/batches/{id}/approve", revoke.Briskly().Keeping("reason"), rooms.batches.Approve, audit.ChangeBatch},
		{"POST", "/batches/{id}/decline", revoke.Briskly().Keeping("reason"), rooms.batches.Decline, audit.ChangeBatch},
		{"POST", "/batches/{id}/pause", revoke.Briskly(), rooms.batches.Pause, audit.ChangeBatch},
		{"POST", "/batches/{id}/resume", revoke.Briskly(), rooms.batches.Resume, audit.ChangeBatch},
		{"POST", "/batches/{id}/cancel", revoke.Briskly(), rooms.batches.Cancel, audit.ChangeBatch},
		{"POST", "/batches/{id}/retry", revoke.AtAPace(), rooms.batches.Retry, audit.PrepareBatch},
		{"POST", "/batches/{id}/takeover", revoke.Briskly(), rooms.batches.TakeOver, audit.ChangeBatch},

		{"GET", "/settings", everybody, rooms.settings.ShowPreferences, ""},
		{"POST", "/settings", everybody, rooms.settings.KeepPreferences, ""},

		{"GET", "/timeout", asking, rooms.settings.ShowTimeout, ""},
		{"GET", "/timeout/change", administer, rooms.settings.ConfirmTimeout, ""},
		{"POST", "/timeout/change", administer.AtAPace().Keeping("reason").At("enabled", "minutes"), rooms.settings.ChangeTimeout, audit.ChangeTimeout},

		{"GET", "/audit", people, rooms.record.List, ""},
		{"GET", "/audit.csv", people.AtAPace(), rooms.record.ExportCSV, ""},
		{"GET", "/audit.json", people.AtAPace(), rooms.record.ExportJSON, ""},
		{"GET", "/audit/{seq}", people, rooms.record.ShowAct, ""},
		{"GET", "/audit/{seq}/receipt", people, rooms.record.ShowReceipt, ""},
		{"GET", "/audit/checkpoint", revoke, rooms.record.ShowCheckpoint, ""},
	}
}
