package emulator

import (
	"net/http"
	"slices"
	"strings"
)

// systemPresences are the presences of every organization, as a person shows them.
var systemPresences = []string{
	"Available", "Away", "Break", "Busy", "Idle", "Meal", "Meeting", "Offline", onQueue, "Training",
}

// presenceShown is the platform's OrganizationPresenceDefinition.
type presenceShown struct {
	ID             string            `json:"id"`
	Type           string            `json:"type"`
	LanguageLabels map[string]string `json:"languageLabels"`
	SystemPresence string            `json:"systemPresence"`
	Deactivated    bool              `json:"deactivated"`
	SelfURI        string            `json:"selfUri"`
}

// getPresenceDefinitions answers GET /api/v2/presence/definitions.
func (e *Emulator) getPresenceDefinitions(w http.ResponseWriter, r *http.Request, _ caller) error {
	var page struct {
		Total    int             `json:"total"`
		Entities []presenceShown `json:"entities"`
		SelfURI  string          `json:"selfUri"`
	}
	for _, name := range systemPresences {
		definition := link("presence", name, "/api/v2/presencedefinitions/")
		page.Entities = append(page.Entities, presenceShown{
			ID: definition.ID, Type: "System", LanguageLabels: map[string]string{"en_US": name},
			SystemPresence: strings.ReplaceAll(name, " ", ""), SelfURI: definition.SelfURI,
		})
	}
	page.Total, page.SelfURI = len(page.Entities), r.URL.Path
	writeJSON(w, http.StatusOK, page)
	return nil
}

// getUserPresence answers GET /api/v2/users/{userId}/presences/purecloud.
func (e *Emulator) getUserPresence(w http.ResponseWriter, r *http.Request, c caller) error {
	p, err := e.living(r, c)
	if err != nil {
		return fail(404, "presenceservice.usernotfound", "The specified user was not found")
	}
	writeJSON(w, http.StatusOK, presenceOf(p))
	return nil
}

// patchUserPresence answers PATCH /api/v2/users/{userId}/presences/purecloud. Nobody
// puts somebody else on queue.
func (e *Emulator) patchUserPresence(w http.ResponseWriter, r *http.Request, c caller) error {
	p, err := e.living(r, c)
	if err != nil {
		return fail(404, "presenceservice.usernotfound", "The specified user was not found")
	}
	var body struct {
		Definition struct {
			ID string `json:"id"`
		} `json:"presenceDefinition"`
	}
	if err := readJSON(w, r, &body); err != nil {
		return err
	}
	i := slices.IndexFunc(systemPresences, func(name string) bool { return stableID("presence", name) == body.Definition.ID })
	switch {
	case i < 0:
		return malformed()
	case systemPresences[i] == onQueue:
		return fail(403, "presence.not.authorized.update.on.queue", "Not authorized to update another user's presence to on queue")
	}
	err = p.edit(func(now *condition) error {
		now.presence, now.routing, now.since = systemPresences[i], "OFF_QUEUE", e.now()
		return nil
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, presenceOf(p))
	return nil
}
