package handlers

import (
	"tokenconsole/handlers/batches"
	"tokenconsole/handlers/clients"
	"tokenconsole/handlers/overview"
	"tokenconsole/handlers/people"
	"tokenconsole/handlers/record"
	"tokenconsole/handlers/settings"
	"tokenconsole/handlers/signin"
	"tokenconsole/handlers/status"
	"tokenconsole/handlers/token"
	"tokenconsole/handlers/watch"
	"tokenconsole/internal/login"
	"tokenconsole/internal/playbook"
	"tokenconsole/internal/revocation"
)

// rooms hold the pages, one room a subject.
type rooms struct {
	clients  *clients.Room
	batches  *batches.Room
	overview *overview.Room
	people   *people.Room
	record   *record.Room
	settings *settings.Room
	signin   *signin.Room
	status   *status.Room
	token    *token.Room
	watch    *watch.Room
}

// rooms gives each room what it works with.
func (s *Server) rooms(flow *login.Flow, revocations *revocation.Service) rooms {
	o, r := s.options, s.responder
	return rooms{
		clients:  &clients.Room{Responder: r, Log: o.Audit, ClientID: o.ClientID},
		overview: &overview.Room{Responder: r, Log: o.Audit, Comebacks: s.comebacks, Batches: s.batches},
		batches:  &batches.Room{Responder: r, Batches: s.batches, Log: o.Audit, Reasons: o.Reasons, Keeper: s.keeper},
		people: &people.Room{
			Responder: r, Revocations: revocations, Comebacks: s.comebacks, Log: o.Audit, Reasons: o.Reasons, Pace: s.keeper.Pace,
			Playbooks: &playbook.Service{Revocations: revocations},
		},
		record:   &record.Room{Responder: r, Log: o.Audit, Comebacks: s.comebacks},
		settings: &settings.Room{Responder: r, Log: o.Audit},
		signin: &signin.Room{
			Responder: r, Keeper: s.keeper, Flow: flow, Log: o.Audit, Strangers: o.Strangers, ClientID: o.ClientID,
			Paces: signin.NewPaces(),
		},
		status: &status.Room{Responder: r, Health: s.health, Log: o.Audit},
		token:  &token.Room{Responder: r, Keeper: s.keeper, Log: o.Audit, Idle: o.Sessions.Idle, Total: o.Sessions.Total},
		watch:  &watch.Room{Responder: r, Comebacks: s.comebacks, Live: s.live, Keeper: s.keeper},
	}
}
