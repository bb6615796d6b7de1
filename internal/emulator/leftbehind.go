package emulator

import (
	"net/http"
)

// leftBehind are the operations about what stays after a token: the station, the
// queue, the presence, the second factors; by path and method.
func (e *Emulator) leftBehind() map[string]map[string]operation {
	reads, writes := []string{"users:readonly", "users"}, []string{"users"}
	readsPresence, writesPresence := []string{"presence:readonly", "presence"}, []string{"presence"}
	const user = "/api/v2/users/{userId}"
	return map[string]map[string]operation{
		user + "/station": {"GET": {scopes: reads, answer: e.getUserStation}},
		user + "/station/associatedstation": {"DELETE": {
			scopes: writes, permission: "telephony:station:disassociate", answer: e.deleteUserStation,
		}},
		user + "/routingstatus": {
			"GET": {scopes: reads, answer: e.getUserRoutingStatus},
			"PUT": {scopes: writes, answer: e.putUserRoutingStatus},
		},
		user + "/presences/purecloud": {
			"GET":   {scopes: readsPresence, answer: e.getUserPresence},
			"PATCH": {scopes: writesPresence, answer: e.patchUserPresence},
		},
		"/api/v2/presence/definitions": {"GET": {
			scopes: readsPresence, permission: "presence:presenceDefinition:view", answer: e.getPresenceDefinitions,
		}},
		user + "/verifiers": {"GET": {scopes: reads, permission: "mfa:verifier:view", answer: e.getUserVerifiers}},
		user + "/verifiers/{verifierId}": {"DELETE": {
			scopes: writes, permission: "mfa:verifier:delete", answer: e.deleteUserVerifier,
		}},
	}
}

// stations is the platform's UserStations.
type stations struct {
	Associated *station `json:"associatedStation,omitempty"`
	Effective  *station `json:"effectiveStation,omitempty"`
}

// station is the platform's UserStation.
type station struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
}

func stationsOf(p *person) *stations {
	name := p.now().station
	if name == "" {
		return &stations{}
	}
	at := &station{ID: stableID("station", name), Name: name, Type: "inin_webrtc_softphone"}
	return &stations{Associated: at, Effective: at}
}

// living returns the person that a path names, unless they are deleted.
func (e *Emulator) living(r *http.Request, c caller) (*person, error) {
	p := e.at(c).byID[r.PathValue("userId")]
	if p == nil || p.now().state == "deleted" {
		return nil, notFound()
	}
	return p, nil
}

// getUserStation answers GET /api/v2/users/{userId}/station.
func (e *Emulator) getUserStation(w http.ResponseWriter, r *http.Request, c caller) error {
	p, err := e.living(r, c)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, stationsOf(p))
	return nil
}

// deleteUserStation answers DELETE /api/v2/users/{userId}/station/associatedstation,
// in the same way whether there is a station or not.
func (e *Emulator) deleteUserStation(w http.ResponseWriter, r *http.Request, c caller) error {
	p, err := e.living(r, c)
	if err != nil {
		return fail(404, "edgeconfiguser.userdoesnotexist", "The requested user was not found.")
	}
	if err := p.edit(func(now *condition) error { now.station = ""; return nil }); err != nil {
		return err
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}

func routingOf(p *person) *routingStatus {
	now := p.now()
	return &routingStatus{UserID: p.id, Status: now.routing, StartTime: instant(now.since)}
}

// getUserRoutingStatus answers GET /api/v2/users/{userId}/routingstatus.
func (e *Emulator) getUserRoutingStatus(w http.ResponseWriter, r *http.Request, c caller) error {
	p, err := e.living(r, c)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, routingOf(p))
	return nil
}

// putUserRoutingStatus answers PUT /api/v2/users/{userId}/routingstatus. Whoever is
// off queue shows as available.
func (e *Emulator) putUserRoutingStatus(w http.ResponseWriter, r *http.Request, c caller) error {
	p, err := e.living(r, c)
	if err != nil {
		return err
	}
	var body struct {
		Status string `json:"status"`
	}
	if err := readJSON(w, r, &body); err != nil {
		return err
	}
	if body.Status != "OFF_QUEUE" && body.Status != "IDLE" {
		return notAllowed(body.Status, "status", "OFF_QUEUE, IDLE")
	}
	err = p.edit(func(now *condition) error {
		now.routing, now.since = body.Status, e.now()
		if body.Status == "OFF_QUEUE" && now.presence == onQueue {
			now.presence = "Available"
		}
		return nil
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, routingOf(p))
	return nil
}
