package emulator

import (
	"net/http"
	"slices"
)

// verifierShown is the platform's Verifier.
type verifierShown struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Enabled bool   `json:"enabled"`
	SelfURI string `json:"selfUri"`
}

// getUserVerifiers answers GET /api/v2/users/{userId}/verifiers.
func (e *Emulator) getUserVerifiers(w http.ResponseWriter, r *http.Request, c caller) error {
	p, err := e.living(r, c)
	if err != nil {
		return err
	}
	page := struct {
		Total    int             `json:"total"`
		Entities []verifierShown `json:"entities"`
		SelfURI  string          `json:"selfUri"`
	}{Entities: []verifierShown{}, SelfURI: r.URL.Path}
	for _, one := range p.now().factors {
		page.Entities = append(page.Entities, verifierShown{one.ID, one.Name, true, r.URL.Path + "/" + one.ID})
	}
	page.Total = len(page.Entities)
	writeJSON(w, http.StatusOK, page)
	return nil
}

// deleteUserVerifier answers DELETE /api/v2/users/{userId}/verifiers/{verifierId}.
func (e *Emulator) deleteUserVerifier(w http.ResponseWriter, r *http.Request, c caller) error {
	p, err := e.living(r, c)
	if err != nil {
		return err
	}
	err = p.edit(func(now *condition) error {
		i := slices.IndexFunc(now.factors, func(one named) bool { return one.ID == r.PathValue("verifierId") })
		if i < 0 {
			return notFound()
		}
		now.factors = slices.Delete(slices.Clone(now.factors), i, i+1)
		return nil
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
