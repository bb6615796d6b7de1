package emulator

import "net/http"

// patchUser answers PATCH /api/v2/users/{userId}. It takes the state alone. Roles are
// lost with the first deactivation.
func (e *Emulator) patchUser(w http.ResponseWriter, r *http.Request, c caller) error {
	p := e.at(c).byID[r.PathValue("userId")]
	if p == nil || p.now().state == "deleted" {
		return noSuchUser()
	}
	var body struct {
		State   string `json:"state"`
		Version *int   `json:"version"`
	}
	if err := readJSON(w, r, &body); err != nil {
		return err
	}
	if body.Version == nil || body.State != "active" && body.State != "inactive" {
		return malformed()
	}
	err := p.edit(func(now *condition) error {
		if *body.Version != now.version {
			return fail(409, "general.conflict", "The request could not be completed by the server due to a conflict.")
		}
		now.state, now.version = body.State, now.version+1
		now.roleless = now.roleless || body.State == "inactive"
		return nil
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, show(p, nil))
	return nil
}
