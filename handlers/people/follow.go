package people

import (
	"net/http"
	"strings"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/genesys"
	"tokenconsole/views"
)

// Follow answers the page of somebody who was just revoked, which asks by itself
// whether they came back: with the proof as it is now, or with nothing once the
// time for that is over. Then the platform is not asked.
func (p *Room) Follow(v *request.Visit) error {
	id, err := genesys.ParseUserID(v.Request.PathValue("id"))
	if err != nil {
		return err
	}
	act, found, err := p.lastRevocation(v, id)
	if err != nil {
		return err
	}
	if !found || !following(v, act.Last()) {
		v.Writer.WriteHeader(http.StatusNoContent)
		return nil
	}
	subject, err := p.lookUp(v)
	if err != nil {
		return err
	}
	shown := proof(v, act, subject)
	var picture strings.Builder
	if err := views.ProofPicture(*shown).Render(v.Context(), &picture); err != nil {
		return err
	}
	return p.JSON(v, http.StatusOK, followed{picture.String(), shown.Returned})
}

// followed is the proof as it is now.
type followed struct {
	Picture  string `json:"picture"`  // HTML
	Returned string `json:"returned"` // says that they came back; "" if not
}
